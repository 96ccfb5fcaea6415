import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readAll } from '../io/bytes.ts';
import { decompress } from '../io/decompress.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import { readNamed } from '../io/read-at-most.ts';
import { type Fields, fieldsOf } from '../io/value-parts.ts';
import { isScapfeedError } from '../model/index.ts';
import { readCsaf } from './csaf.ts';
import { readCycloneDxVex } from './cyclonedx.ts';
import { cycloneDxRecord } from './cyclonedx-xml.ts';
import { invalidVex } from './invalid.ts';
import { readOpenVex } from './openvex.ts';
import type { VexDocument, VexProduct } from './statement.ts';
import { textOf } from './values.ts';

/** The largest document that is read. */
const maxBytes = 64 * 1024 * 1024;
/** Documents of a folder. */
const maxFiles = 10_000;
/** Attestations in attestations. */
const maxWraps = 3;

/** Documents that were read, and files of a folder that are none. */
export interface ReadVex {
  documents: readonly VexDocument[];
  skipped: readonly string[];
}

/** Files of a folder that may be documents, compressed or not. */
const documentName = /\.(?:json|xml)(?:\.(?:gz|xz|bz2|zst))?$/;

/** Reads a VEX document, or all of those in a folder; they may be compressed. @throws {ScapfeedError} VEX_INVALID */
export async function readVexPlace(place: string): Promise<ReadVex> {
  const stats = statSync(place, { throwIfNoEntry: false });
  if (!stats) throw invalidVex(`expected a file or a folder at ${place}, found nothing`, place);
  if (!stats.isDirectory())
    return { documents: [readVexDocument(await contentOf(place), place)], skipped: [] };
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => documentName.test(name))
    .sort();
  if (files.length > maxFiles)
    throw invalidVex(`expected at most ${maxFiles} files, found ${files.length}`, place);
  const documents: VexDocument[] = [];
  const skipped: string[] = [];
  for (const file of files.map((name) => join(place, name))) {
    const value = parsed(await contentOf(file), file);
    if (isVex(value)) documents.push(vexDocument(value, file));
    else skipped.push(file);
  }
  return { documents, skipped };
}

/** Reads a document that is in memory, such as the predicate of an attestation. @throws {ScapfeedError} VEX_INVALID */
export function readVexDocument(bytes: Buffer, where: string): VexDocument {
  const value = parsed(bytes, where);
  if (isVex(value)) return vexDocument(value, where);
  throw invalidVex(
    'expected OpenVEX, CSAF or a CycloneDX document with vulnerabilities, found another document',
    where,
  );
}

function vexDocument(value: Fields, where: string): VexDocument {
  const document = unwrapped(value, where, maxWraps);
  const read = formatOf(document)?.(document, where);
  if (!read) throw invalidVex('the attestation holds no VEX document', where);
  requireSpecific(read);
  return read;
}

function isVex(value: Fields): boolean {
  return (
    formatOf(value) !== undefined || 'predicate' in value || ('payload' in value && 'payloadType' in value)
  );
}

function formatOf(document: Fields): ((document: Fields, where: string) => VexDocument) | undefined {
  if (/openvex/i.test(String(document['@context'])) || 'statements' in document) return readOpenVex;
  if ('csaf_version' in fieldsOf(document['document'])) return readCsaf;
  if (document['bomFormat'] === 'CycloneDX' && 'vulnerabilities' in document) return readCycloneDxVex;
  return undefined;
}

function unwrapped(value: Fields, where: string, wraps: number): Fields {
  if (wraps === 0) return value;
  const payload = textOf(value['payload']);
  if (payload !== undefined && 'payloadType' in value)
    return unwrapped(parsed(Buffer.from(payload, 'base64'), where), where, wraps - 1);
  return 'predicateType' in value ? unwrapped(fieldsOf(value['predicate']), where, wraps - 1) : value;
}

/** A document that clears everything is refused as a whole: whoever wrote it looked at nothing. */
function requireSpecific({ statements, where }: VexDocument): void {
  for (const statement of statements) {
    const products = statement.targets.flatMap(({ product, inside }) => [
      product,
      ...(inside ? [inside] : []),
    ]);
    const wild =
      statement.vulnerabilities.find(isWild) ?? products.flatMap(({ ids }: VexProduct) => ids).find(isWild);
    if (wild !== undefined)
      throw invalidVex(`a statement about ${wild} would clear anything`, `${where}#${statement.where}`);
  }
}

/** `*`, `CVE-*`, `pkg:deb/debian/*`. */
function isWild(id: string): boolean {
  return id.includes('*') || id === 'pkg:' || /^pkg:[^/]*\/?$/.test(id);
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    const plain = decompress(Readable.from([readNamed(file, maxBytes)]), { maxBytes, where: file });
    return await readAll(plain, { maxBytes, code: 'SOURCE_TOO_LARGE', where: file });
  } catch (cause) {
    throw invalidVex(`it cannot be read: ${(cause as Error).message}`, file, cause);
  }
}

function parsed(bytes: Buffer, where: string): Fields {
  const isXml = /^(?:\uFEFF)?\s*</.test(bytes.toString('utf8', 0, 512));
  try {
    if (isXml) return cycloneDxRecord(bytes, where) ?? {};
    return fieldsOf(parseForeignJson(bytes.toString('utf8').replace(/^\uFEFF/, ''), { uniqueNames: true }));
  } catch (cause) {
    if (isScapfeedError(cause) && cause.code === 'VEX_INVALID') throw cause;
    const reason = (cause as Error).message.split('\n')[0];
    throw invalidVex(`it cannot be read as ${isXml ? 'XML' : 'JSON'}: ${reason}`, where, cause);
  }
}

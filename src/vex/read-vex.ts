import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readAll } from '../io/bytes.ts';
import { decompress } from '../io/decompress.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import { type Fields, fieldsOf, listOf } from '../io/json-parts.ts';
import { readNamed } from '../io/read-at-most.ts';
import { isScapfeedError } from '../model/error.ts';
import type { VexIssuer } from '../model/verdict/index.ts';
import { readCsaf } from './csaf.ts';
import { readCycloneDxVex } from './cyclonedx.ts';
import { cycloneDxRecord } from './cyclonedx-xml.ts';
import { invalidVex } from './invalid.ts';
import { readOpenVex } from './openvex.ts';
import type { VexDocument, VexProduct } from './statement.ts';
import { hashOf, textOf } from './values.ts';

/** The largest document that is read. */
const maxBytes = 64 * 1024 * 1024;
/** Documents of a folder. */
const maxFiles = 10_000;
/** Attestations in attestations. */
const maxWraps = 3;

/** Documents that were read, and places without one: files of a folder that are none, or a folder without such files. */
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
  if (!stats.isDirectory()) {
    const { issuer, content } = await fileAt(place);
    return { documents: [{ ...readVexDocument(content, place), issuer }], skipped: [] };
  }
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => documentName.test(name))
    .sort();
  if (files.length > maxFiles)
    throw invalidVex(`expected at most ${maxFiles} files, found ${files.length}`, place);
  const documents: VexDocument[] = [];
  const skipped: string[] = [];
  for (const file of files.map((name) => join(place, name))) {
    const { issuer, content } = await fileAt(file);
    const value = parsed(content, file);
    if (isVex(value)) documents.push({ ...vexDocument(value, file), issuer });
    else skipped.push(file);
  }
  return { documents, skipped: files.length === 0 ? [place] : skipped };
}

/**
 * Reads a document that is in memory, alone or in an attestation, whose statements hold for its subject only. `known`: digests of the
 * image, and of indexes that lead to it: an attestation of one is of the image. @throws {ScapfeedError} VEX_INVALID
 */
export function readVexDocument(bytes: Buffer, where: string, known: readonly string[] = []): VexDocument {
  const value = parsed(bytes, where);
  if (isVex(value)) return vexDocument(value, where, known);
  throw invalidVex(
    'expected OpenVEX, CSAF or a CycloneDX document with vulnerabilities, found another document',
    where,
  );
}

function vexDocument(value: Fields, where: string, known: readonly string[] = []): VexDocument {
  const attested: VexProduct[][] = [];
  const document = unwrapped(value, where, attested);
  const read = formatOf(document)?.(document, where);
  if (!read) throw invalidVex('the attestation holds no VEX document', where);
  requireSpecific(read);
  const isKnown = ({ hashes = [] }: VexProduct) => hashes.some((hash) => known.includes(hash));
  const subjects = [...attested.filter((list) => !list.some(isKnown)), ...(read.subjects ?? [])];
  return subjects.length === 0 ? read : { ...read, subjects };
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

/** The document in envelopes and statements; the subjects of these are put into `attested`. */
function unwrapped(value: Fields, where: string, attested: VexProduct[][], wraps = maxWraps): Fields {
  if (wraps === 0) return value;
  const payload = textOf(value['payload']);
  if (payload !== undefined && 'payloadType' in value)
    return unwrapped(parsed(Buffer.from(payload, 'base64'), where), where, attested, wraps - 1);
  if (!('predicateType' in value)) return value;
  attested.push(listOf(value['subject']).map((each) => subjectOf(fieldsOf(each))));
  return unwrapped(fieldsOf(value['predicate']), where, attested, wraps - 1);
}

function subjectOf({ name, digest }: Fields): VexProduct {
  const hashes = Object.entries(fieldsOf(digest)).map(([algorithm, digits]) =>
    hashOf(algorithm, textOf(digits) ?? ''),
  );
  return { ids: [], hashes, name: textOf(name) ?? 'a subject without a name' };
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

/** A file and its issuer. It is read by its real path, so that a right and the content are of one file. */
async function fileAt(file: string): Promise<{ issuer: VexIssuer; content: Buffer }> {
  const path = realPathOf(file);
  const issuer = { kind: 'file', file, ...(path !== undefined && { path }) } as const;
  return { issuer, content: await contentOf(file, path) };
}

/** Undefined: it has none, such as a pipe. */
function realPathOf(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

async function contentOf(file: string, path = file): Promise<Buffer> {
  try {
    const plain = decompress(Readable.from([readNamed(path, maxBytes)]), { maxBytes, where: file });
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

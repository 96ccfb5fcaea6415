import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAsset } from '../io/assets.ts';
import { ScapfeedError } from '../model/error.ts';
import type { ScapDocumentKind } from './check-document.ts';
import { openPlain } from './plain-file.ts';
import type { ProblemList } from './problem.ts';

const profiles: Partial<Record<ScapDocumentKind, string>> = {
  'oval-definitions': 'oval-definitions.xsd',
  'oval-results': 'oval-results.xsd',
  xccdf: 'xccdf.xsd',
  tailoring: 'xccdf.xsd',
  'data-stream': 'data-stream.xsd',
};

/** Paths below a folder laid out like openscap-common's. */
const officials: Record<Exclude<ScapDocumentKind, 'unknown'>, string> = {
  'oval-definitions': 'oval/5.11.1/oval-definitions-schema.xsd',
  'oval-results': 'oval/5.11.1/oval-results-schema.xsd',
  xccdf: 'xccdf/1.2/xccdf_1.2.xsd',
  tailoring: 'xccdf/1.2/xccdf_1.2.xsd',
  'data-stream': 'sds/1.3/scap-source-data-stream_1.3.xsd',
  'xccdf-results': 'xccdf/1.2/xccdf_1.2.xsd',
  arf: 'arf/1.1/asset-reporting-format_1.1.0.xsd',
};

/** Scheme of the addresses of our own schemas, which may have no file. */
const ownScheme = 'scapfeed:';

/** Address of our own, stricter schema: only the vocabulary that scapfeed writes. */
export function profileSchema(kind: ScapDocumentKind): string | undefined {
  const name = profiles[kind];
  return name && `${ownScheme}///${name}`;
}

/** @throws {ScapfeedError} USAGE when the folder has no schema of this kind */
export function officialSchema(kind: ScapDocumentKind, folder: string): string {
  const path = kind === 'unknown' ? '' : join(folder, officials[kind]);
  if (existsSync(path)) return path;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `expected the official schema of ${kind}, found none`,
    where: path,
    remedy: 'install openscap-common, and use --official /usr/share/openscap/schemas',
  });
}

/** Validates a whole document against one schema; each violation becomes a problem with its line. */
export async function validateSchema(
  path: string,
  schema: string,
  label: string,
  problems: ProblemList,
): Promise<void> {
  // Two megabytes of WebAssembly: loaded only if a schema is needed.
  const { ParseOption, XmlDocument, XmlLibError, xmlRegisterInputProvider, XsdValidator } = await import(
    'libxml2-wasm'
  );
  if (!isRegistered) xmlRegisterInputProvider(schemaFiles);
  isRegistered = true;
  const xsd = XmlDocument.fromBuffer(readSchema(schema)!, { url: schema });
  const validator = XsdValidator.fromDoc(xsd);
  // Lines beyond 65535 need the option for big line numbers; no entity is loaded or expanded.
  const option = ParseOption.XML_PARSE_HUGE | ParseOption.XML_PARSE_BIG_LINES | ParseOption.XML_PARSE_NONET;
  let document: InstanceType<typeof XmlDocument> | undefined;
  try {
    document = XmlDocument.fromBuffer(await readPlain(path), { option });
    validator.validate(document);
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error;
    for (const { message, line } of error.details) {
      problems.error('schema', line, `${label}: ${message.trim().replace(/\{[^{}]*\}/g, '')}`);
    }
    if (error.details.length === 0) problems.error('schema', 1, `${label}: ${error.message}`);
  } finally {
    document?.dispose();
    validator.dispose();
    xsd.dispose();
  }
}

async function readPlain(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of openPlain(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A schema by its address, ours or a file; undefined: there is none. */
function readSchema(address: string): Buffer | undefined {
  if (address.startsWith(ownScheme)) return readAsset(`schemas/xml/${address.slice(ownScheme.length + 3)}`);
  const path = address.startsWith('file:') ? new URL(address).pathname : address;
  return existsSync(path) ? readFileSync(path) : undefined;
}

/** libxml2 has room for a few providers only, and does not notice that one is there already. */
let isRegistered = false;

/** Access for libxml2 to the schemas that a schema imports. It identifies files by numbers, 0 being none. */
const openSchemas = new Map<number, { bytes: Buffer; at: number }>();
const schemaFiles = {
  match: (address: string) => readSchema(address) !== undefined,
  open(address: string) {
    const bytes = readSchema(address);
    if (!bytes) return undefined;
    let fd = 1;
    while (openSchemas.has(fd)) fd += 1;
    openSchemas.set(fd, { bytes, at: 0 });
    return fd;
  },
  read(fd: number, into: Uint8Array) {
    const file = openSchemas.get(fd);
    if (!file) return -1;
    const count = file.bytes.copy(into, 0, file.at);
    file.at += count;
    return count;
  },
  close: (fd: number) => openSchemas.delete(fd),
};

import { posix } from 'node:path';
import { breathe } from '../../io/cancellation.ts';
import { decompress } from '../../io/decompress.ts';
import { JsonBoundError, parseForeignJson, requireWithin } from '../../io/foreign-json.ts';
import { fieldsOf } from '../../io/json-parts.ts';
import { tarFiles } from '../../io/tar/files.ts';
import { openZip } from '../../io/zip.ts';
import { isScapfeedError, ScapfeedError } from '../../model/error.ts';
import type { SourceSink, TableRow } from '../../model/feed/index.ts';
import { parsePackageUrl } from '../../model/inventory/index.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { readVexDocument } from '../read-vex.ts';
import { inputIds } from './fetch.ts';
import { locationIn, parseVexList, splitLocation, type VexRepository } from './list.ts';
import { packageKey } from './package-key.ts';

/** A line of `index/vex.jsonl`: the documents about a package, in the order of the list. */
export interface VexRow extends TableRow {
  documents: readonly StoredVex[];
}

/** A document as published, without its white space. */
export interface StoredVex {
  repository: string;
  /** Path in the repository. */
  location: string;
  document: unknown;
}

/** Of a document, of the index, and of all documents about a package. */
const maxFileBytes = 2 ** 24;
const maxFiles = 200_000;
/** All documents of a repository, by each package that has them: real ones have 60 MB. */
const maxBytes = 2 ** 28;
/** Of the documents to the archive: those of git hosts have 25. */
const maxRatio = 50;
/** An entry has three. */
const maxIndexValues = 5 * maxFiles;
/** Of a document: what is made of one takes some hundred bytes. */
const maxValues = 250_000;

/** Why a file must not be used. */
interface Fault {
  fault: string;
}

/** The JSON files of a repository by their paths in it. */
type Files = ReadonlyMap<string, Buffer | Fault>;

/** Reads the documents of all repositories that the snapshots hold. */
export async function readRepositories(
  inputs: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
): Promise<void> {
  const list = inputOf(inputs, inputIds.list);
  const rows = new Map<string, StoredVex[]>();
  for (const repository of parseVexList((await store.read(list)).toString('utf8'), list.id).repositories) {
    const files = await filesOf(repository, inputs, store);
    await readOne(repository, files, rows, out);
  }
  out.table?.(
    'vex',
    [...rows].map(([id, documents]): VexRow => ({ id, documents })),
  );
}

async function readOne(
  repository: VexRepository,
  files: Files,
  rows: Map<string, StoredVex[]>,
  out: SourceSink,
): Promise<void> {
  const input = inputIds.archive(repository);
  const where = `${input}#index.json`;
  const index = fieldsOf(parsed(files.get('index.json'), where));
  const { packages } = index;
  if (!Array.isArray(packages)) throw malformed('its index.json has no list of packages', where);
  if (packages.length > maxFiles) throw tooLarge(where);
  if (typeof index['updated_at'] === 'string') out.dated(input, index['updated_at']);
  const checked = new Map<string, PackedDocument | Fault>();
  const listed = new Set<string>();
  const sizes = { all: 0, byKey: new Map<string, number>() };
  for (const each of packages) {
    const { id, location } = fieldsOf(each);
    const place = `${input}#${String(location).slice(0, 200)}`;
    const purl = typeof id === 'string' ? parsePackageUrl(id) : undefined;
    if (!purl) {
      out.ledger.drop('invalid_purl', place, String(id).slice(0, 200));
      continue;
    }
    const path = typeof location === 'string' ? posix.normalize(location) : '';
    const content = files.get(path);
    if (!content) {
      out.ledger.drop('document_absent', place);
      continue;
    }
    const document = checked.get(path) ?? documentOf(content, place);
    if (!checked.has(path)) await breathe();
    checked.set(path, document);
    const key = packageKey(purl);
    if ('fault' in document) out.ledger.drop('document_refused', place, document.fault);
    // Names are listed encoded and not, and images by each of their registries.
    else if (listed.size === listed.add(`${key}\n${path}`).size) out.ledger.drop('repeated', place);
    else {
      const own = (sizes.byKey.get(key) ?? 0) + document.size;
      sizes.byKey.set(key, own);
      sizes.all += document.size;
      if (sizes.all > maxBytes || own > maxFileBytes) throw tooLarge(place);
      const known = rows.get(key) ?? [];
      rows.set(key, known);
      known.push({ repository: repository.name, location: path, document });
      out.ledger.use();
    }
  }
}

/** A document as it was received: what is made of it is dropped when it is written. */
class PackedDocument {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** In bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  toJSON(): unknown {
    return parseForeignJson(this.#bytes);
  }
}

/** A document that a scan would read, or why it would refuse it. */
function documentOf(content: Buffer | Fault, where: string): PackedDocument | Fault {
  if ('fault' in content) return content;
  try {
    requireWithin(content, { maxValues });
    readVexDocument(content, where);
    const document = new PackedDocument(content);
    // Scans read documents as JSON without a byte order mark.
    document.toJSON();
    return document;
  } catch (error) {
    const isFault =
      error instanceof SyntaxError ||
      error instanceof JsonBoundError ||
      (isScapfeedError(error) && error.code === 'VEX_INVALID');
    if (!isFault) throw error;
    return { fault: error.message };
  }
}

async function filesOf(
  repository: VexRepository,
  inputs: readonly SourceInput[],
  store: SnapshotStore,
): Promise<Files> {
  const input = inputOf(inputs, inputIds.archive(repository));
  const manifest =
    repository.manifest === undefined ? undefined : inputOf(inputs, inputIds.manifest(repository));
  const { folder } = manifest
    ? locationIn(await store.read(manifest), manifest.url)
    : splitLocation(repository.archive!);
  const all = new Map<string, Buffer | Fault>();
  const most = Math.min(maxBytes, maxFileBytes + maxRatio * input.size);
  let size = 0;
  for await (const { name, content } of archived(input, store)) {
    const path = posix.normalize(name);
    if (Buffer.isBuffer(content)) size += content.length;
    if (size > most || all.size >= maxFiles) throw tooLarge(input.url);
    // Readers differ in which one counts.
    all.set(path, all.has(path) ? { fault: 'the archive has it twice' } : content);
  }
  const root = folder === '' ? onlyRoot([...all.keys()]) : posix.join('/', folder, '/').slice(1);
  return new Map(
    [...all].flatMap(([name, content]) =>
      name.startsWith(root) ? [[name.slice(root.length), content]] : [],
    ),
  );
}

/** The folder of the index, which archives of git hosts name after the commit. */
function onlyRoot(names: readonly string[]): string {
  const [only, another] = names.filter((name) => /^(?:[^/]+\/)?index\.json$/.test(name));
  return only === undefined || another !== undefined ? '' : only.slice(0, -'index.json'.length);
}

interface ArchivedFile {
  name: string;
  content: Buffer | Fault;
}

async function* archived(input: SourceInput, store: SnapshotStore): AsyncGenerator<ArchivedFile> {
  const wanted = (name: string) => name.endsWith('.json');
  if (!/\.zip$/.test(input.url)) {
    const plain = decompress(store.open(input), { maxBytes: 2 * maxBytes, where: input.url });
    yield* tarFiles(plain, { wanted, maxFileBytes, maxEntries: maxFiles, where: input.url });
    return;
  }
  const limits = { maxEntries: maxFiles, maxEntryBytes: maxFileBytes, maxBytes };
  const zip = await openZip(store.path(input), limits, input.url);
  try {
    for (const { name, fault, content } of zip.entries()) {
      if (!wanted(name)) continue;
      yield { name, content: fault ? { fault: `its entry of the archive is ${words[fault]}` } : content() };
      await breathe();
    }
  } finally {
    zip.close();
  }
}

const words = {
  unsafe_name: 'outside its folder',
  too_large: 'too large',
  encrypted: 'encrypted',
} as const;

function parsed(content: Buffer | Fault | undefined, where: string): unknown {
  if (content === undefined) throw malformed('it has no index.json in the folder of its location', where);
  if ('fault' in content) throw malformed(`its index.json cannot be used: ${content.fault}`, where);
  try {
    return parseForeignJson(content, { uniqueNames: true, maxValues: maxIndexValues });
  } catch (cause) {
    if (cause instanceof JsonBoundError) throw tooLarge(where);
    throw malformed('its index.json is not JSON', where, cause);
  }
}

function inputOf(inputs: readonly SourceInput[], id: string): SourceInput {
  const found = inputs.find((input) => input.id === id);
  if (found) return found;
  throw new ScapfeedError({
    code: 'SNAPSHOT_MISSING',
    message: `the input ${id} of the VEX repositories is not among the snapshots`,
    remedy: 'build once without --offline',
  });
}

function tooLarge(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected a VEX repository of at most ${maxFiles} documents, ${maxBytes} bytes, ${maxRatio} times its archive, and ${maxFileBytes} bytes about a package`,
    where,
    remedy: 'remove it from the list of repositories',
  });
}

function malformed(fault: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a VEX repository: ${fault}`,
    where,
    remedy: 'correct the folder (//FOLDER) of the location, or ask the publisher',
    cause,
  });
}

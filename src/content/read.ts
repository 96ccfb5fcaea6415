import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { compileContent, describeContent, readContent } from '../comply/index.ts';
import { temporaryFolder } from '../io/temporary.ts';
import { discardUnfinished } from '../io/unfinished.ts';
import { openZip } from '../io/zip.ts';
import { ScapfeedError } from '../model/error.ts';
import type { SourceSink } from '../model/feed/index.ts';
import type { SnapshotStore, SourceInput } from '../sources/snapshots.ts';
import { validateFile } from '../validate/index.ts';
import {
  type ContentEntry,
  type FolderEntry,
  parseContentList,
  type ReleaseEntry,
  type StreamEntry,
  streamName,
} from './content-list.ts';
import { inputIds, requireDigest } from './fetch.ts';

/** Limits on a release: real ones have 2,500 files, which unpack to 1.5 GB, a data stream to 30 MB. */
const maxStreamBytes = 2 ** 28;
const zipLimits = { maxEntries: 20_000, maxEntryBytes: maxStreamBytes, maxBytes: 2 ** 32 };

export interface ContentReadContext {
  inputs: readonly SourceInput[];
  store: SnapshotStore;
  out: SourceSink;
  /** For the compiled benchmarks. */
  tool: string;
}

/** One data stream of the list. */
interface StreamDocument {
  product: string;
  /** The input that it is from, and its name there. */
  input: string;
  name: string;
  licence: string;
  bytes: Buffer;
}

/** Compiles every data stream of the list that the snapshots hold. */
export async function readContents(context: ContentReadContext): Promise<void> {
  const list = context.inputs.find(({ id }) => id === inputIds.list);
  if (!list) throw missingInput(inputIds.list);
  const text = (await context.store.read(list)).toString('utf8');
  for (const entry of parseContentList(text, inputIds.list).content) {
    for await (const document of documentsOf(entry, context)) await compileDocument(document, context);
  }
}

function documentsOf(entry: ContentEntry, context: ContentReadContext): AsyncGenerator<StreamDocument> {
  if ('release' in entry) return inRelease(entry, context);
  return 'folder' in entry ? inFolder(entry, context) : single(entry, context);
}

async function* inRelease(
  entry: ReleaseEntry,
  { inputs, store }: ContentReadContext,
): AsyncGenerator<StreamDocument> {
  const { id, licence, products, release } = entry;
  const zip = inputOf(inputs, id);
  await requireDigest(store, zip, inputOf(inputs, inputIds.digest(entry)), entry);
  const wanted = new Map(products.map((product) => [streamName(product), product]));
  const archive = await openZip(store.path(zip), zipLimits, release);
  try {
    for (const file of archive.entries()) {
      if (file.fault === 'unsafe_name') throw unsafe(release, file.name);
      const name = basename(file.name);
      const product = wanted.get(name);
      if (product === undefined) continue;
      wanted.delete(name);
      yield { product, input: id, name, licence, bytes: file.content() };
    }
  } finally {
    archive.close();
  }
  const [lost] = wanted.keys();
  if (lost === undefined) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `the release has no ${lost}`,
    where: release,
    remedy: 'remove the product from the list of content, or specify a release that has it',
  });
}

/** No file is unpacked, but who packs such a name is no publisher of benchmarks. */
function unsafe(where: string, name: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `the archive has an entry name that points outside it: ${name}`,
    where,
    remedy: 'download the release from its publisher',
  });
}

async function* inFolder(
  entry: FolderEntry,
  { inputs, store }: ContentReadContext,
): AsyncGenerator<StreamDocument> {
  for (const product of entry.products) {
    const input = inputOf(inputs, inputIds.document(entry, product));
    const bytes = await store.read(input, maxStreamBytes);
    yield { product, input: input.id, name: streamName(product), licence: entry.licence, bytes };
  }
}

async function* single(
  { id, product, licence, stream }: StreamEntry,
  { inputs, store }: ContentReadContext,
): AsyncGenerator<StreamDocument> {
  const bytes = await store.read(inputOf(inputs, id), maxStreamBytes);
  yield { product, input: id, name: basename(stream), licence, bytes };
}

async function compileDocument(document: StreamDocument, { out, tool }: ContentReadContext): Promise<void> {
  const { product, input, name, licence, bytes } = document;
  const where = `${input}#${name}`;
  const content = readContent(bytes, where);
  await noteFaults(document, where, out);
  for (const [href, reason] of content.missing)
    out.ledger.doubt('component_not_fetched', where, `${href}: ${reason}`);
  const { date, ...described } = describeContent(content);
  if (date !== undefined) out.dated(input, date);
  const text = compileContent(content, { source: { name, bytes }, tool });
  // Kept small until the feed is written: compiled benchmarks of all products are 100 MB.
  const packed = zstdCompressSync(text);
  out.ledger.use();
  out.content?.({
    product,
    ...described,
    ...(date === undefined ? {} : { date: `${date}T00:00:00Z` }),
    input,
    document: { name, sha256: createHash('sha256').update(bytes).digest('hex') },
    licence,
    bytes: () => zstdDecompressSync(packed),
  });
}

/**
 * Notes the faults that the checks of `scapfeed validate` find in a data stream. Real ones break rules that no result depends on.
 */
async function noteFaults(
  { name, bytes }: StreamDocument,
  where: string,
  { ledger }: SourceSink,
): Promise<void> {
  const folder = temporaryFolder('content');
  try {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    const { counts, problems } = await validateFile(file, { profile: 'never' });
    for (const { rule, level, count } of counts) {
      if (level !== 'error') continue;
      const first = problems.find((problem) => problem.rule === rule && problem.level === level);
      ledger.doubt(
        `invalid_${rule.replaceAll('-', '_')}`,
        where,
        first && `line ${first.line}: ${first.message}`,
        count,
      );
    }
  } finally {
    discardUnfinished(folder);
  }
}

function inputOf(inputs: readonly SourceInput[], id: string): SourceInput {
  const found = inputs.find((input) => input.id === id);
  if (found) return found;
  throw missingInput(id);
}

function missingInput(id: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SNAPSHOT_MISSING',
    message: `the input ${id} of the SCAP content is not among the snapshots`,
    remedy: 'build once without --offline',
  });
}

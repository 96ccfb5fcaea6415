import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { ScapfeedError } from '../../model/error.ts';
import { packagesNamed } from '../csaf/purl.ts';
import { beginSealed, type LineSpan, lineAt, linesFrom, readSealed } from '../sealed-file.ts';
import type { SnapshotStore, SourceInput } from '../snapshots.ts';
import { archiveEntries } from './archive-entries.ts';
import { type CsafTree, pathInTree, type TreeRecord, type TreeSummary } from './tree.ts';

/** One document of an archive, with the positions of its vulnerabilities. */
export type ArchiveDocument<S extends TreeSummary = TreeSummary> =
  | { summary: S; places: LineSpan[] }
  | Malformed;

/** A document that cannot be read. */
export interface Malformed {
  path: string;
  where: string;
  message: string;
  /** The packages that it names all the same, sorted; none: they are unknown. */
  packages: string[];
}

/** `V`: a vulnerability of a document's record. */
export interface ArchiveRecords<S extends TreeSummary = TreeSummary, V = unknown> {
  documents: ArchiveDocument<S>[];
  vulnerability(place: LineSpan): V;
}

/**
 * The records of an archive. They are kept beside the snapshots, because reading 40,000 documents takes a minute and only
 * 300 change in a night. The name has the archive's digest and the reader's version; a checksum at the end detects damage.
 */
export async function archiveRecords<R extends TreeRecord, S extends TreeSummary>(
  archive: SourceInput,
  tree: CsafTree<R, S>,
  store: SnapshotStore,
): Promise<ArchiveRecords<S, R['vulnerabilities'][number]>> {
  const path = recordsPath(archive, store, tree);
  const known = await open<S, R['vulnerabilities'][number]>(path);
  if (known) return known;
  await write(archive, tree, store);
  const written = await open<S, R['vulnerabilities'][number]>(path);
  if (!written)
    throw new ScapfeedError({
      code: 'INTERNAL',
      message: 'records read back differ from those written',
      where: path,
    });
  return written;
}

/**
 * Paths of the documents of an archive that cannot be read. An archive that was not read before is read now, and its records
 * are kept for the build.
 */
export async function malformedPaths(
  archive: SourceInput,
  tree: CsafTree,
  store: SnapshotStore,
): Promise<string[]> {
  const path = malformedPath(archive, store, tree);
  const known = await readSealed(path);
  const bytes = known ?? (await write(archive, tree, store).then(() => readSealed(path)));
  return bytes ? Array.from(linesFrom(bytes, 0), (line) => JSON.parse(line) as string) : [];
}

/** The records, then the list of those that are none. */
async function write(archive: SourceInput, tree: CsafTree, store: SnapshotStore): Promise<void> {
  const malformed = await writeRecords(recordsPath(archive, store, tree), archive, tree, store);
  const list = await beginSealed(malformedPath(archive, store, tree));
  try {
    for (const path of malformed) await list.add(JSON.stringify(path));
    await list.seal();
  } finally {
    await list.discard();
  }
  for (const path of [recordsPath(archive, store, tree), malformedPath(archive, store, tree)])
    await removeEarlier(path, `${archive.id}-`, extname(path));
}

function recordsPath(
  { id, sha256 }: SourceInput,
  store: SnapshotStore,
  { recordsVersion }: CsafTree,
): string {
  return store.cache(`${id}-${sha256}-${recordsVersion}.records`);
}

function malformedPath(
  { id, sha256 }: SourceInput,
  store: SnapshotStore,
  { recordsVersion }: CsafTree,
): string {
  return store.cache(`${id}-${sha256}-${recordsVersion}.malformed`);
}

/** First each vulnerability of each document, then the documents, then their positions. */
async function writeRecords(
  path: string,
  archive: SourceInput,
  tree: CsafTree,
  store: SnapshotStore,
): Promise<string[]> {
  const malformed: string[] = [];
  const file = await beginSealed(path);
  try {
    const documents: string[] = [];
    let end = 0;
    for await (const { name, content } of archiveEntries(archive, store)) {
      const read = recordOf(content, tree, pathInTree(name, tree));
      if (!('vulnerabilities' in read)) {
        documents.push(JSON.stringify(read));
        malformed.push(read.path);
        continue;
      }
      const places: LineSpan[] = [];
      for (const vulnerability of read.vulnerabilities) {
        const place = await file.add(JSON.stringify(vulnerability));
        places.push(place);
        end = place[0] + place[1] + 1;
      }
      documents.push(JSON.stringify({ summary: tree.summarize(read), places }));
    }
    for (const document of documents) await file.add(document);
    await file.add(String(end));
    await file.seal();
  } finally {
    await file.discard();
  }
  return malformed;
}

async function open<S extends TreeSummary, V>(path: string): Promise<ArchiveRecords<S, V> | undefined> {
  const bytes = await readSealed(path);
  if (!bytes) return undefined;
  const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
  const start = Number(bytes.toString('latin1', lastLine));
  const lines = linesFrom(bytes.subarray(0, lastLine), start);
  return {
    documents: Array.from(lines, (line) => JSON.parse(line) as ArchiveDocument<S>),
    vulnerability: (place) => JSON.parse(lineAt(bytes, place)) as V,
  };
}

/** A document's record, or why it cannot be read. */
export function recordOf<R extends TreeRecord>(
  bytes: Uint8Array,
  tree: CsafTree<R>,
  path: string,
): R | Malformed {
  try {
    return tree.read(bytes, path);
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    const packages = tree.named ? tree.named(Buffer.from(bytes).toString()) : packagesNamed(bytes);
    return { path, where: error.where ?? `${tree.id}#${path}`, message: error.message, packages };
  }
}

/** Removes files that were kept for earlier archives or by earlier readers. */
export async function removeEarlier(path: string, prefix: string, suffix: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    const alike = name.startsWith(prefix) && name.endsWith(suffix);
    if (alike && name !== basename(path)) await rm(join(folder, name), { force: true });
  }
}

import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import packageJson from '../../../../../package.json' with { type: 'json' };
import { ScapfeedError } from '../../../../model/index.ts';
import {
  beginSealed,
  type LineSpan,
  lineAt,
  linesFrom,
  readSealed,
} from '../../../../sources/sealed-file.ts';
import type { SnapshotStore, SourceInput } from '../../../../sources/snapshots.ts';
import { readDocument, readerVersion } from '../parse/document.ts';
import type { DocumentRecord, Tree, VulnerabilityRecord } from '../parse/record.ts';
import type { Majors } from '../parse/stream.ts';
import { type DocumentSummary, summaryOf } from '../settle/summary.ts';
import { archiveEntries } from './archive.ts';

/** One document of an archive, with the positions of its vulnerabilities. */
export type ArchiveDocument = { summary: DocumentSummary; places: LineSpan[] } | Malformed;

/** A document that cannot be read. */
export interface Malformed {
  path: string;
  where: string;
  message: string;
}

export interface ArchiveRecords {
  documents: ArchiveDocument[];
  vulnerability(place: LineSpan): VulnerabilityRecord;
}

/** Part of the name of every kept file, so that another reader, or one for other releases, makes it again. */
export function keptVersion(majors: Majors): string {
  return `${packageJson.version}-${readerVersion}-${[...majors].sort((a, b) => a - b).join('.')}`;
}

/**
 * The records of an archive. They are kept beside the snapshots, because reading 40,000 documents takes a minute and only
 * 300 change in a night. The name has the archive's digest and the reader's version; a checksum at the end detects damage.
 */
export async function archiveRecords(
  archive: SourceInput,
  tree: Tree,
  store: SnapshotStore,
  majors: Majors,
): Promise<ArchiveRecords> {
  const path = recordsPath(archive, store, majors);
  const known = await open(path);
  if (known) return known;
  await write(archive, tree, store, majors);
  const written = await open(path);
  if (!written)
    throw new ScapfeedError({ code: 'INTERNAL', message: 'records do not read as written', where: path });
  return written;
}

/**
 * Paths of the documents of an archive that cannot be read. An archive that was not read before is read now, and its records
 * are kept for the build.
 */
export async function malformedPaths(
  archive: SourceInput,
  tree: Tree,
  store: SnapshotStore,
  majors: Majors,
): Promise<string[]> {
  const path = malformedPath(archive, store, majors);
  const known = await readSealed(path);
  const bytes = known ?? (await write(archive, tree, store, majors).then(() => readSealed(path)));
  return bytes ? Array.from(linesFrom(bytes, 0), (line) => JSON.parse(line) as string) : [];
}

/** The records, then the list of those that are none. */
async function write(archive: SourceInput, tree: Tree, store: SnapshotStore, majors: Majors): Promise<void> {
  const malformed = await writeRecords(recordsPath(archive, store, majors), archive, tree, store, majors);
  const list = await beginSealed(malformedPath(archive, store, majors));
  try {
    for (const path of malformed) await list.add(JSON.stringify(path));
    await list.seal();
  } finally {
    await list.discard();
  }
  for (const path of [recordsPath(archive, store, majors), malformedPath(archive, store, majors)])
    await removeEarlier(path, `${archive.id}-`, extname(path));
}

function recordsPath({ id, sha256 }: SourceInput, store: SnapshotStore, majors: Majors): string {
  return store.cache(`${id}-${sha256}-${keptVersion(majors)}.records`);
}

function malformedPath({ id, sha256 }: SourceInput, store: SnapshotStore, majors: Majors): string {
  return store.cache(`${id}-${sha256}-${keptVersion(majors)}.malformed`);
}

/** First each vulnerability of each document, then the documents, then their positions. */
async function writeRecords(
  path: string,
  archive: SourceInput,
  tree: Tree,
  store: SnapshotStore,
  majors: Majors,
): Promise<string[]> {
  const malformed: string[] = [];
  const file = await beginSealed(path);
  try {
    const documents: string[] = [];
    let end = 0;
    for await (const { name, content } of archiveEntries(archive, store)) {
      const read = recordOf(content, tree, name.replace(/^\.\//, ''), majors);
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
      documents.push(JSON.stringify({ summary: summaryOf(read), places }));
    }
    for (const document of documents) await file.add(document);
    await file.add(String(end));
    await file.seal();
  } finally {
    await file.discard();
  }
  return malformed;
}

async function open(path: string): Promise<ArchiveRecords | undefined> {
  const bytes = await readSealed(path);
  if (!bytes) return undefined;
  const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
  const start = Number(bytes.toString('latin1', lastLine));
  const lines = linesFrom(bytes.subarray(0, lastLine), start);
  return {
    documents: Array.from(lines, (line) => JSON.parse(line) as ArchiveDocument),
    vulnerability: (place) => JSON.parse(lineAt(bytes, place)) as VulnerabilityRecord,
  };
}

/** A document's record, or why it cannot be read. */
export function recordOf(
  bytes: Uint8Array,
  tree: Tree,
  path: string,
  majors: Majors,
): DocumentRecord | Malformed {
  try {
    return readDocument(bytes, tree, path, majors);
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    return { path, where: error.where ?? `${tree}#${path}`, message: error.message };
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

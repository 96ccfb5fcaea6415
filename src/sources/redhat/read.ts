import { type Ledger, ScapfeedError } from '../../model/index.ts';
import type { SourceSink } from '../contract.ts';
import type { Snapshot, SnapshotStore } from '../snapshots.ts';
import { archiveEntries } from './archive.ts';
import { Assembly } from './assembly.ts';
import { parseChanges } from './change-list.ts';
import { documentByteLimit } from './csaf.ts';
import { readDocument, readerVersion } from './document.ts';
import { malformedBudget } from './feed.ts';
import { type Tree, trees } from './record.ts';
import { type ArchiveLine, keepRecords, keptRecords } from './record-cache.ts';
import { readRepositories } from './repositories.ts';
import { archiveId, isGone, lastGoodName, loadOverlay, type Overlay, rejectedName } from './tree-snapshot.ts';

/** All three trees and the repository map, as they were fetched. */
export async function readRedHat(
  snapshots: readonly Snapshot[],
  store: SnapshotStore,
  out: SourceSink,
): Promise<void> {
  const assembly = new Assembly(out);
  for (const tree of trees) await readTree({ tree, snapshots, store, assembly, ledger: out.ledger });
  await readRepositories(snapshots, store, out);
  assembly.finish();
}

interface TreeContext {
  tree: Tree;
  snapshots: readonly Snapshot[];
  store: SnapshotStore;
  assembly: Assembly;
  ledger: Ledger;
}

/** Documents that came after the archive stand in front of it; what they replace in it is passed over. */
async function readTree(context: TreeContext): Promise<void> {
  const { tree, snapshots, store } = context;
  const overlay = await loadOverlay(snapshots, tree, store);
  const reading: Reading = { documents: 0, malformed: 0, settled: new Set(), stale: new Set() };
  await readOverlay(overlay, reading, context);
  const archive = snapshots.find(({ id }) => id === archiveId(tree));
  if (archive) await readArchive(archive, reading, context);
  await noteChangeLines(context);
  assertWithinBudget(tree, reading);
}

/** Lines of changes.csv and deletions.csv that named nothing to fetch. */
async function noteChangeLines({ tree, snapshots, store, ledger }: TreeContext): Promise<void> {
  for (const list of snapshots.filter(({ id }) => id === `${tree}-changes` || id === `${tree}-deletions`)) {
    const { malformed } = parseChanges((await store.read(list)).toString());
    for (const line of malformed) ledger.doubt('malformed_change', `${list.id}#line:${line}`);
  }
}

interface Reading {
  documents: number;
  malformed: number;
  /** Paths that the archive no longer speaks for. */
  settled: Set<string>;
  /** Paths whose newest version is unreadable, so that the archive's stays in force. */
  stale: Set<string>;
}

async function readOverlay(overlay: Overlay, reading: Reading, context: TreeContext): Promise<void> {
  const { tree, store, assembly, ledger } = context;
  for (const [path, document] of overlay) {
    if (path.endsWith(rejectedName(''))) ledger.doubt('signature_rejected', `${tree}#${path}`);
    if (path.includes('~')) continue;
    if (isGone(document)) {
      reading.settled.add(path);
      continue;
    }
    const line = lineOf(await store.read(document, documentByteLimit), tree, path);
    if ('record' in line) {
      assembly.add(line.record);
      reading.documents += 1;
      reading.settled.add(path);
      continue;
    }
    noteMalformed(line, reading, context);
    const good = overlay.get(lastGoodName(path));
    const last = good && lineOf(await store.read(good, documentByteLimit), tree, path);
    if (last && 'record' in last) {
      assembly.add(last.record, true);
      reading.settled.add(path);
    } else reading.stale.add(path);
  }
}

async function readArchive(archive: Snapshot, reading: Reading, context: TreeContext): Promise<void> {
  const take = (line: ArchiveLine) => {
    const path = 'record' in line ? line.record.path : line.path;
    if (reading.settled.has(path)) return;
    if ('record' in line) {
      context.assembly.add(line.record, reading.stale.has(path));
      reading.documents += 1;
    } else noteMalformed(line, reading, context);
  };
  const { store, tree } = context;
  const place = store.cache(`${archive.id}-${archive.sha256}-${readerVersion}.jsonl`);
  const kept = await keptRecords(place);
  if (kept) for (const line of kept) take(line);
  else {
    const keeper = await keepRecords(place);
    for await (const { name, content } of archiveEntries(archive, store)) {
      const line = lineOf(content, tree, name.replace(/^\.\//, ''));
      take(line);
      await keeper.add(line);
    }
    await keeper.finish();
  }
}

/** A document as its record, or why it is none. */
function lineOf(bytes: Uint8Array, tree: Tree, path: string): ArchiveLine {
  try {
    return { record: readDocument(bytes, tree, path) };
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    return { path, where: error.where ?? `${tree}#${path}`, message: error.message };
  }
}

function noteMalformed(
  { path, where, message }: Exclude<ArchiveLine, { record: unknown }>,
  reading: Reading,
  { ledger, tree }: TreeContext,
): void {
  reading.documents += 1;
  reading.malformed += 1;
  ledger.drop('document_malformed', where || `${tree}#${path}`, message);
}

/** A tree most of which suddenly reads badly has changed its form: the last good feed stays. */
function assertWithinBudget(tree: Tree, { documents, malformed }: Reading): void {
  const allowed = malformedBudget(documents);
  if (malformed <= allowed) return;
  throw new ScapfeedError({
    code: 'SOURCE_OVER_BUDGET',
    message: `expected at most ${allowed} unreadable documents of ${documents}, found ${malformed}`,
    where: tree,
    remedy: 'look at the findings; raise malformedShare in feeds/redhat.json only if the documents are right',
  });
}

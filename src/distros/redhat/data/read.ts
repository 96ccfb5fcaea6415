import { type Ledger, ScapfeedError } from '../../../model/index.ts';
import type { SourceSink } from '../../../sources/contract.ts';
import type { SnapshotStore, SourceInput } from '../../../sources/snapshots.ts';
import { majorsOf, malformedBudget, type RedHatDefinition } from './definition.ts';
import { documentByteLimit } from './parse/csaf.ts';
import { type Tree, trees } from './parse/record.ts';
import { readRepositories } from './repositories.ts';
import { Assembly } from './settle/assembly.ts';
import { type ArchiveRecords, archiveRecords, type Malformed, recordOf } from './stored/archive-records.ts';
import { parseChanges } from './stored/change-list.ts';
import { settledArchives } from './stored/settled-archives.ts';
import { archiveId, isGone, loadOverlay, type Overlay, refusalOf } from './stored/tree-set.ts';

/** Reads the fetched trees and maps. */
export async function readRedHat(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: RedHatDefinition,
): Promise<void> {
  noteAbsentMaps(snapshots, definition, out.ledger);
  const majors = majorsOf(definition);
  const assembly = new Assembly(out, definition);
  const archives: { sha256: string; records: ArchiveRecords }[] = [];
  for (const tree of trees) {
    const archive = snapshots.find(({ id }) => id === archiveId(tree));
    const records = archive && (await archiveRecords(archive, tree, store, majors));
    if (records) archives.push({ sha256: archive.sha256, records });
    await readTree({ tree, snapshots, store, assembly, definition, ledger: out.ledger }, records);
  }
  await readRepositories(snapshots, store, out);
  assembly.finish(await settledArchives(archives, store, majors));
}

/** The maps give an image's streams; a missing one is a finding, not a failure. */
function noteAbsentMaps(snapshots: readonly SourceInput[], { maps }: RedHatDefinition, ledger: Ledger): void {
  for (const id of Object.keys(maps)) {
    if (!snapshots.some((snapshot) => snapshot.id === id)) ledger.doubt('input_absent', id);
  }
}

interface TreeContext {
  tree: Tree;
  snapshots: readonly SourceInput[];
  store: SnapshotStore;
  assembly: Assembly;
  definition: RedHatDefinition;
  ledger: Ledger;
}

/** Documents that are newer than the archive replace those in it. */
async function readTree(context: TreeContext, archive: ArchiveRecords | undefined): Promise<void> {
  const { tree, snapshots, store } = context;
  const overlay = await loadOverlay(snapshots, tree, store);
  const reading: Reading = {
    documents: 0,
    malformed: 0,
    settled: new Set(),
    stale: new Set(),
    noted: new Set(),
  };
  await readOverlay(overlay, reading, context);
  if (archive) readArchive(archive, reading, context);
  await noteChangeLines(context);
  assertWithinBudget(context, reading);
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
  /** Paths of the archive that newer documents replace. */
  settled: Set<string>;
  /** Paths whose newest version was refused: the last good one stays in use, marked. */
  stale: Set<string>;
  /** Those of them that are already counted as unreadable. */
  noted: Set<string>;
}

async function readOverlay(overlay: Overlay, reading: Reading, context: TreeContext): Promise<void> {
  const { tree, store, assembly, definition, ledger } = context;
  await noteRefusals(overlay, reading, context);
  for (const [path, document] of overlay) {
    if (refusalOf(path)) continue;
    if (isGone(document)) {
      reading.settled.add(path);
      continue;
    }
    if (document.unsigned) ledger.doubt('signature_absent', `${tree}#${path}`);
    const read = recordOf(await store.read(document, documentByteLimit), tree, path, majorsOf(definition));
    if ('vulnerabilities' in read) {
      assembly.add(read, reading.stale.has(path));
      reading.documents += 1;
      reading.settled.add(path);
    } else {
      noteMalformed(read, reading, context);
      reading.stale.add(path);
    }
  }
}

/** Newer versions that the fetch refused: each is a finding, and marks the rows of the version in use. */
async function noteRefusals(overlay: Overlay, reading: Reading, context: TreeContext): Promise<void> {
  const { tree, store, definition, ledger } = context;
  for (const [name, document] of overlay) {
    const { path, refusal } = refusalOf(name) ?? {};
    if (path === undefined) continue;
    reading.stale.add(path);
    if (refusal === 'rejected') ledger.doubt('signature_rejected', `${tree}#${name}`);
    if (refusal === 'absent') ledger.doubt('document_absent', `${tree}#${path}`);
    if (refusal !== 'unreadable') continue;
    reading.noted.add(path);
    const read = recordOf(await store.read(document, documentByteLimit), tree, path, majorsOf(definition));
    noteMalformed('message' in read ? read : { path, where: '', message: 'refused' }, reading, context);
  }
}

function readArchive(
  { documents, vulnerability }: ArchiveRecords,
  reading: Reading,
  context: TreeContext,
): void {
  const { assembly } = context;
  for (const document of documents) {
    const read = 'summary' in document;
    const path = read ? document.summary.path : document.path;
    if (reading.settled.has(path)) {
      if (read) assembly.replaced(document.summary);
      continue;
    }
    if (!read) {
      if (!reading.noted.has(path)) noteMalformed(document, reading, context);
      continue;
    }
    const { summary, places } = document;
    assembly.addArchived(summary, (at) => vulnerability(places[at]!), reading.stale.has(path));
    reading.documents += 1;
  }
}

function noteMalformed(
  { path, where, message }: Malformed,
  reading: Reading,
  { ledger, tree }: TreeContext,
): void {
  reading.documents += 1;
  reading.malformed += 1;
  ledger.drop('document_malformed', where || `${tree}#${path}`, message);
}

/** Refuses a tree with too many unreadable documents, as after a change of format; the last good feed stays. */
function assertWithinBudget({ tree, definition }: TreeContext, { documents, malformed }: Reading): void {
  const allowed = malformedBudget(documents, definition);
  if (malformed <= allowed) return;
  throw new ScapfeedError({
    code: 'SOURCE_OVER_BUDGET',
    message: `expected at most ${allowed} unreadable documents of ${documents}, found ${malformed}`,
    where: tree,
    remedy: 'look at the findings; raise malformedShare in feeds/redhat.json only if the documents are right',
  });
}

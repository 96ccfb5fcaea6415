import { ScapfeedError } from '../../model/error.ts';
import type { Ledger } from '../../model/feed/index.ts';
import { documentByteLimit } from '../csaf/document.ts';
import type { SnapshotStore, SourceInput } from '../snapshots.ts';
import { type ArchiveRecords, type Malformed, recordOf } from './archive-records.ts';
import { parseChanges, rowsOf } from './change-list.ts';
import { type CsafTree, malformedBudget, type TreeRecord, type TreeSummary } from './tree.ts';
import { isGone, loadOverlay, type Overlay, refusalOf } from './tree-set.ts';

/** Receives the documents of a tree. */
export interface DocumentSink<R extends TreeRecord, S extends TreeSummary> {
  /** A document that is in no archive. `stale`: its newest version cannot be read; this is its last good one. */
  add(record: R, stale: boolean): void;
  /** A document of an archive, whose vulnerabilities are read one by one on demand. */
  addArchived(summary: S, read: (at: number) => R['vulnerabilities'][number], stale: boolean): void;
  /** An archived document that a later one has replaced. */
  replaced(summary: S): void;
}

export interface TreeContext<R extends TreeRecord = TreeRecord, S extends TreeSummary = TreeSummary> {
  tree: CsafTree<R, S>;
  snapshots: readonly SourceInput[];
  store: SnapshotStore;
  sink: DocumentSink<R, S>;
  ledger: Ledger;
}

/** Documents that are newer than the archive replace those in it. */
export async function readTree<R extends TreeRecord, S extends TreeSummary>(
  context: TreeContext<R, S>,
  archive: ArchiveRecords<S, R['vulnerabilities'][number]> | undefined,
): Promise<void> {
  const { tree, snapshots, store } = context;
  const overlay = await loadOverlay(snapshots, tree, store);
  const reading: Reading = {
    documents: 0,
    malformed: 0,
    lost: new Map(),
    settled: new Set(),
    stale: new Set(),
    noted: new Set(),
  };
  await readOverlay(overlay, reading, context);
  if (archive) readArchive(archive, reading, context);
  reportLost(reading, context);
  await noteChangeLines(context);
  assertWithinBudget(context, reading);
}

/** Lines of changes.csv and deletions.csv that named nothing to fetch; of index.txt where there is nothing else. */
async function noteChangeLines({ tree, snapshots, store, ledger }: TreeContext): Promise<void> {
  for (const list of snapshots.filter(
    ({ id }) => id === `${tree.id}-changes` || id === `${tree.id}-deletions`,
  )) {
    const { malformed } = parseChanges((await store.read(list)).toString(), tree);
    for (const line of malformed) ledger.doubt('malformed_change', `${list.id}#line:${line}`);
  }
  const index = 'archive' in tree ? undefined : snapshots.find(({ id }) => id === `${tree.id}-index`);
  if (index === undefined) return;
  for (const { row, at } of rowsOf((await store.read(index)).toString()))
    if (!tree.isPath(row.trim())) ledger.doubt('malformed_change', `${index.id}#line:${at}`);
}

interface Reading {
  documents: number;
  malformed: number;
  /** Documents that were refused, and of which no good version was found yet, by path. */
  lost: Map<string, Lost>;
  /** Paths of the archive that newer documents replace. */
  settled: Set<string>;
  /** Paths whose newest version was refused: the last good one stays in use, marked. */
  stale: Set<string>;
  /** Those of them that are already counted as unreadable. */
  noted: Set<string>;
}

interface Lost extends Malformed {
  reason: 'document_malformed' | 'signature_rejected' | 'document_absent';
}

async function readOverlay<R extends TreeRecord, S extends TreeSummary>(
  overlay: Overlay,
  reading: Reading,
  context: TreeContext<R, S>,
): Promise<void> {
  const { tree, store, sink, ledger } = context;
  await noteRefusals(overlay, reading, context);
  for (const [path, document] of overlay) {
    if (refusalOf(path)) continue;
    if (isGone(document)) {
      reading.settled.add(path);
      continue;
    }
    if (document.unsigned) ledger.doubt('signature_absent', `${tree.id}#${path}`);
    if (document.unchecked) ledger.doubt('digest_absent', `${tree.id}#${path}`);
    const read = recordOf(await store.read(document, documentByteLimit), tree, path);
    if ('vulnerabilities' in read) {
      sink.add(read, reading.stale.has(path));
      reading.documents += 1;
      reading.lost.delete(path);
      reading.settled.add(path);
    } else {
      noteMalformed(read, reading, context);
      reading.stale.add(path);
    }
  }
}

/** Newer versions that the fetch refused: each is a finding, and marks the rows of the version in use. */
async function noteRefusals(overlay: Overlay, reading: Reading, context: TreeContext): Promise<void> {
  const { tree, store, ledger } = context;
  for (const [name, document] of overlay) {
    const { path, refusal } = refusalOf(name) ?? {};
    if (path === undefined) continue;
    reading.stale.add(path);
    if (refusal !== 'unreadable') {
      const reason = refusal === 'rejected' ? 'signature_rejected' : 'document_absent';
      const where = `${tree.id}#${refusal === 'rejected' ? name : path}`;
      ledger.doubt(reason, where);
      // An unsigned document does not prove which packages it is about.
      reading.lost.set(path, { path, where, message: '', packages: [], reason });
      continue;
    }
    reading.noted.add(path);
    const read = recordOf(await store.read(document, documentByteLimit), tree, path);
    const refused = { path, where: '', message: 'refused', packages: [] };
    noteMalformed('message' in read ? read : refused, reading, context);
  }
}

function readArchive<R extends TreeRecord, S extends TreeSummary>(
  { documents, vulnerability }: ArchiveRecords<S, R['vulnerabilities'][number]>,
  reading: Reading,
  context: TreeContext<R, S>,
): void {
  const { sink } = context;
  for (const document of documents) {
    const read = 'summary' in document;
    const path = read ? document.summary.path : document.path;
    if (reading.settled.has(path)) {
      if (read) sink.replaced(document.summary);
      continue;
    }
    if (!read) {
      if (!reading.noted.has(path)) noteMalformed(document, reading, context);
      continue;
    }
    const { summary, places } = document;
    sink.addArchived(summary, (at) => vulnerability(places[at]!), reading.stale.has(path));
    reading.documents += 1;
    reading.lost.delete(path);
  }
}

function noteMalformed(malformed: Malformed, reading: Reading, { ledger, tree }: TreeContext): void {
  const { path, where, message } = malformed;
  reading.documents += 1;
  reading.malformed += 1;
  reading.lost.set(path, { ...malformed, reason: 'document_malformed' });
  ledger.drop('document_malformed', where || `${tree.id}#${path}`, message);
}

/** A document without a good version may have any statement about the packages that it names, on any platform of its vendor. */
function reportLost({ lost }: Reading, { ledger, tree }: TreeContext): void {
  for (const { path, where, message, packages, reason } of lost.values()) {
    const record = { reason, where: where || `${tree.id}#${path}`, ...(message && { detail: message }) };
    if (packages.length === 0) ledger.unread({}, record);
    for (const name of packages) ledger.unread({ package: name }, record);
  }
}

/** Refuses a tree with too many unreadable documents, as after a change of format; the last good feed is kept. */
function assertWithinBudget({ tree }: TreeContext, { documents, malformed }: Reading): void {
  const allowed = malformedBudget(documents, tree);
  if (malformed <= allowed) return;
  throw new ScapfeedError({
    code: 'SOURCE_OVER_BUDGET',
    message: `expected at most ${allowed} unreadable documents of ${documents}, found ${malformed}`,
    where: tree.id,
    remedy: `check the findings; raise malformedShare in ${tree.definedIn} only if the documents are right`,
  });
}

import type { SourceSink } from '../../sources/contract.ts';
import { compareOsv, KnownErrata } from '../../sources/errata/osv.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { isListed, isOfDocuments, isPaged, isUpdated, osvInput, type RebuildData } from './definition.ts';
import { readFlawDocuments } from './documents.ts';
import { readLists } from './lists-read.ts';
import { readPages } from './pages-read.ts';
import { readPatchesOf } from './patches-read.ts';
import { readUpdateLists } from './updates-read.ts';

/** Reads the errata or OVAL and the rosters in the snapshots, and compares the errata with the OSV records. */
export async function readRebuild(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  data: RebuildData,
): Promise<void> {
  const { rebuild, definition } = data;
  const known = new KnownErrata(rebuild.scanners.osv ?? rebuild.name);
  const reading = { rebuild, snapshots, store, out, known };
  if (isPaged(definition)) await readPages({ ...reading, definition });
  else if (isListed(definition)) await readLists({ ...reading, definition });
  else if (isUpdated(definition)) await readUpdateLists({ ...reading, definition });
  else if (isOfDocuments(definition)) await readFlawDocuments({ ...reading, definition });
  else await readPatchesOf({ ...reading, definition });
  const osv = snapshots.find(({ id }) => id === osvInput(data)?.id);
  if (osv) await compareOsv(osv, store, known, out.ledger);
}

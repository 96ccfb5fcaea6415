import type { Source, SourceSink } from '../../sources/contract.ts';
import { treeEvidence } from '../../sources/csaf-tree/evidence.ts';
import { compareOsv, KnownErrata } from '../../sources/errata/osv.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { updateEvidence } from '../../sources/updateinfo/update-text.ts';
import type { Rebuild } from '../rebuilds.ts';
import {
  isListed,
  isOfDocuments,
  isPaged,
  isUpdated,
  osvInput,
  platformOf,
  type RebuildData,
  type RebuildDefinition,
} from './definition.ts';
import { readFlawDocuments } from './documents.ts';
import { fetchRebuild } from './fetch.ts';
import { flawTree } from './flaw-tree.ts';
import { flawEvidence } from './flaws.ts';
import { listEvidence, readLists } from './lists-read.ts';
import { pageEvidence, readPages } from './pages-read.ts';
import { partEvidence } from './patches.ts';
import { readPatchesOf } from './patches-read.ts';
import { readUpdateLists } from './updates-read.ts';

/** The errata of a rebuild in any of their forms, its OVAL of the same advisories, and their OSV records for comparison. */
export function rebuildSource(rebuild: Rebuild, definition: RebuildDefinition): Source {
  const { id, errata, licence, terms, publisher, page } = rebuild;
  const data = { rebuild, definition };
  return {
    id,
    name: errata,
    licence,
    ...(terms && { terms }),
    ...(definition.usualDays && { usualDays: definition.usualDays }),
    unsealed: true,
    attribution: `${publisher} (${page})`,
    platforms: definition.releases.map((release) => platformOf(rebuild, release)),
    fetch: (context) => fetchRebuild(context, data),
    read: (snapshots, store, out) => readRebuild(snapshots, store, out, data),
    evidence: evidenceOf(rebuild, definition),
  };
}

function evidenceOf(rebuild: Rebuild, definition: RebuildDefinition): Source['evidence'] {
  if (rebuild.oval?.flaws) return (input, pointer, _, store) => flawEvidence(rebuild, input, pointer, store);
  if (rebuild.oval?.advisoryPage)
    return (input, pointer, _, store) => partEvidence(rebuild, input, pointer, store);
  if (isUpdated(definition)) return updateEvidence;
  if (isOfDocuments(definition)) {
    const trees = [flawTree({ rebuild, definition })];
    return (input, pointer, inputs, store) => treeEvidence(trees, input, pointer, inputs, store);
  }
  return isPaged(definition) ? pageEvidence : listEvidence;
}

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

import type { Ledger } from '../../model/feed/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import { type ArchiveRecords, archiveRecords } from '../../sources/csaf-tree/archive-records.ts';
import { readTree } from '../../sources/csaf-tree/read-tree.ts';
import { archiveId } from '../../sources/csaf-tree/tree-set.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { RedHatDefinition } from './definition.ts';
import type { VulnerabilityRecord } from './record.ts';
import { readRepositories } from './repositories.ts';
import { Assembly } from './settle/assembly.ts';
import type { DocumentSummary } from './settle/summary.ts';
import { settledArchives } from './settled-archives.ts';
import { treesOf } from './trees.ts';

/** Reads the fetched trees and maps. */
export async function readRedHat(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: RedHatDefinition,
): Promise<void> {
  noteAbsentMaps(snapshots, definition, out.ledger);
  const assembly = new Assembly(out, definition);
  const archives: { sha256: string; records: ArchiveRecords<DocumentSummary, VulnerabilityRecord> }[] = [];
  for (const tree of treesOf(definition)) {
    const archive = snapshots.find(({ id }) => id === archiveId(tree));
    const records = archive && (await archiveRecords(archive, tree, store));
    if (records) archives.push({ sha256: archive.sha256, records });
    await readTree({ tree, snapshots, store, sink: assembly, ledger: out.ledger }, records);
  }
  await readRepositories(snapshots, store, out);
  assembly.finish(await settledArchives(archives, store, definition));
}

/** The maps give an image's streams; a missing one is a finding, not a failure. */
function noteAbsentMaps(snapshots: readonly SourceInput[], { maps }: RedHatDefinition, ledger: Ledger): void {
  for (const id of Object.keys(maps)) {
    if (!snapshots.some((snapshot) => snapshot.id === id)) ledger.doubt('input_absent', id);
  }
}

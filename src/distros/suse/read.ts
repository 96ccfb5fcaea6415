import type { SourceSink } from '../../sources/contract.ts';
import { readFlaws } from '../../sources/csaf-tree/read-flaws.ts';
import { readRepositories } from '../../sources/repodata/roster.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { platformOf, repositoryInputs, type SuseDefinition } from './definition.ts';
import { treeId, treeOf } from './tree.ts';

/** Reads the fetched documents, and the rosters of the releases that they cover. */
export async function readSuse(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: SuseDefinition,
): Promise<void> {
  out.ledger.doubt('signature_unchecked', treeId, 'the key of its signatures is not known');
  const { platforms, inputs } = await readFlaws(treeOf(definition), snapshots, store, out);
  // A release without any document would look like one without flaws.
  for (const release of definition.releases) {
    const platform = platformOf(release);
    if (!platforms.has(platform.id)) continue;
    const {
      inputs: lists,
      marks,
      ...roster
    } = await readRepositories(
      repositoryInputs(release, definition),
      snapshots,
      store,
      out.ledger,
      `feeds/suse.json#${platform.id}`,
    );
    out.platform(platform, {
      inputs: [...inputs, ...lists],
      ...roster,
      marks: [...marks, 'unchecked_signatures'],
    });
  }
}

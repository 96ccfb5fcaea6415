import type { Source, SourceSink } from '../../sources/contract.ts';
import { treeEvidence } from '../../sources/csaf-tree/evidence.ts';
import { fetchTree } from '../../sources/csaf-tree/fetch-tree.ts';
import { readFlaws } from '../../sources/csaf-tree/read-flaws.ts';
import { fetchRepositories } from '../../sources/repodata/fetch.ts';
import { readRepositories } from '../../sources/repodata/roster.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { platformOf, repositoryInputs, type SuseDefinition, suseDefinition } from './definition.ts';
import { treeId, treeOf } from './tree.ts';

export { suseDefinition as definition } from './definition.ts';

/** SUSE's statements on every CVE, as CSAF-VEX, and what the repositories of openSUSE ship. */
export function createSource(definition: SuseDefinition): Source {
  const tree = treeOf(definition);
  return {
    id: 'suse',
    name: 'SUSE CSAF-VEX documents',
    licence: 'CC-BY-4.0',
    attribution: 'SUSE LLC, Product Security Team (https://www.suse.com/support/security/)',
    platforms: definition.releases.map(platformOf),
    fetch: async (context) => {
      const repositories = definition.releases.flatMap((release) => repositoryInputs(release, definition));
      const documents = await fetchTree(tree, context);
      const snapshots = [...documents, ...(await fetchRepositories(context, repositories))];
      await context.store.retain('suse', snapshots);
      return snapshots;
    },
    read: (snapshots, store, out) => readSuse(snapshots, store, out, definition),
    evidence: (input, pointer, inputs, store) => treeEvidence([tree], input, pointer, inputs, store),
  };
}

export const source: Source = createSource(suseDefinition);

/** Reads the fetched documents, and the rosters of the releases that they cover. */
async function readSuse(
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

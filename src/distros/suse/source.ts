import type { Source } from '../../sources/contract.ts';
import { treeEvidence } from '../../sources/csaf-tree/evidence.ts';
import { fetchTree } from '../../sources/csaf-tree/fetch-tree.ts';
import { fetchRepositories } from '../../sources/repodata/fetch.ts';
import { repositoryInputs, type SuseDefinition, suseDefinition } from './definition.ts';
import { readSuse } from './read.ts';
import { treeOf } from './tree.ts';

export { suseDefinition as definition } from './definition.ts';

/** SUSE's statements on every CVE, as CSAF-VEX, and what the repositories of openSUSE ship. */
export function createSource(definition: SuseDefinition): Source {
  const tree = treeOf(definition);
  return {
    id: 'suse',
    name: 'SUSE CSAF-VEX documents',
    licence: 'CC-BY-4.0',
    attribution: 'SUSE LLC, Product Security Team (https://www.suse.com/support/security/)',
    fetch: async (context) => {
      const repositories = definition.releases.flatMap((release) => repositoryInputs(release, definition));
      const documents = await fetchTree(tree, context);
      const snapshots = [...documents, ...(await fetchRepositories(context, repositories))];
      await context.store.retain(
        'suse',
        snapshots.map(({ id }) => id),
      );
      return snapshots;
    },
    read: (snapshots, store, out) => readSuse(snapshots, store, out, definition),
    evidence: (input, pointer, inputs, store) => treeEvidence([tree], input, pointer, inputs, store),
  };
}

export const source: Source = createSource(suseDefinition);

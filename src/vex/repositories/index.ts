import type { Source } from '../../sources/contract.ts';
import { fetchRepositories, source as id } from './fetch.ts';
import { parseVexList, type VexList } from './list.ts';
import { readRepositories } from './read.ts';

export { parseVexList, type VexList };

/**
 * VEX repositories as a source of feeds: documents in `index/vex.jsonl`, by package. The list is fetched like a document, so that a
 * feed can be made again from its snapshots alone.
 */
export function vexSource(list: VexList = { repositories: [] }): Source {
  return {
    id,
    name: 'VEX repositories',
    licence: 'see each repository',
    attribution: 'VEX documents of the publishers of the repositories among the inputs',
    contentOnly: true,
    fetch: (context) => fetchRepositories(context, list),
    read: readRepositories,
    evidence: async () => undefined,
  };
}

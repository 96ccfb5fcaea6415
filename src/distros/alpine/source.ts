import type { Source } from '../../sources/contract.ts';
import { secdbEvidence } from '../../sources/secdb/statements.ts';
import { type AlpineDefinition, alpineDefinition, platformOf } from './definition.ts';
import { fetchAlpine } from './fetch.ts';
import { readAlpine } from './read.ts';

export { alpineDefinition as definition } from './definition.ts';

/** Alpine's security database and package indexes, as `feeds/alpine.json` or another definition says. */
export function createSource(definition: AlpineDefinition): Source {
  return {
    id: 'alpine',
    name: 'Alpine Linux security database',
    licence: 'facts without a stated licence',
    terms: 'unclear',
    unsealed: true,
    attribution: 'Security data by the Alpine Linux developers, https://secdb.alpinelinux.org/',
    platforms: definition.releases.map(platformOf),
    fetch: (context) => fetchAlpine(context, definition),
    read: (snapshots, store, out) => readAlpine(snapshots, store, out, definition),
    evidence: (input, pointer, _, store) => secdbEvidence(input, pointer, store),
  };
}

export const source: Source = createSource(alpineDefinition);

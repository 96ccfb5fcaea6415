import type { Source } from '../../../sources/contract.ts';
import { type AlpineDefinition, alpineDefinition } from './definition.ts';
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
    attribution: 'Security data by the Alpine Linux developers, https://secdb.alpinelinux.org/',
    fetch: (context) => fetchAlpine(context, definition),
    read: (snapshots, store, out) => readAlpine(snapshots, store, out, definition),
    evidence: async (input, pointer, _, store) => ({
      place: input.url,
      bytes: await store.read(input),
      pointer,
    }),
  };
}

export const source: Source = createSource(alpineDefinition);

import type { Source } from '../../../sources/contract.ts';
import { type DebianDefinition, debianDefinition } from './definition.ts';
import { fetchDebian } from './fetch.ts';
import { readDebian } from './read.ts';

export { debianDefinition as definition } from './definition.ts';

/** Debian's security tracker, advisory lists and package indexes, as `feeds/debian.json` or another definition says. */
export function createSource(definition: DebianDefinition): Source {
  return {
    id: 'debian',
    name: 'Debian Security Tracker',
    licence: 'facts without a stated licence; tracker software GPL-2.0-or-later',
    attribution:
      'Security data by the Debian Security Team and the Debian LTS Team, https://security-tracker.debian.org/',
    fetch: (context) => fetchDebian(context, definition),
    read: (snapshots, store, out) => readDebian(snapshots, store, out, definition),
    // The tracker and the lists are documents themselves.
    evidence: async (input, pointer, _, store) => ({
      place: input.url,
      bytes: await store.read(input),
      pointer,
    }),
  };
}

export const source: Source = createSource(debianDefinition);

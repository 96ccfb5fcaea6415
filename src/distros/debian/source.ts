import type { EvidenceDocument, Source, SourceInput } from '../../sources/contract.ts';
import type { SnapshotStore } from '../../sources/snapshots.ts';
import { type DebianDefinition, debianDefinition, platformOf } from './definition.ts';
import { fetchDebian } from './fetch.ts';
import { rowLine } from './list-only.ts';
import { readDebian } from './read.ts';

export { debianDefinition as definition } from './definition.ts';

/** Debian's security tracker, advisory lists and package indexes, as `feeds/debian.json` or another definition says. */
export function createSource(definition: DebianDefinition): Source {
  return {
    id: 'debian',
    isSampled: true,
    name: 'Debian Security Tracker',
    licence: 'facts without a stated licence; tracker software GPL-2.0-or-later',
    unsealed: true,
    attribution:
      'Security data by the Debian Security Team and the Debian LTS Team, https://security-tracker.debian.org/',
    platforms: definition.releases.map(platformOf),
    fetch: (context) => fetchDebian(context, definition),
    read: (snapshots, store, out) => readDebian(snapshots, store, out, definition),
    evidence,
  };
}

/** The tracker and the lists are documents themselves; a row of a list is shown by its line. */
async function evidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const bytes = await store.read(input);
  if (pointer.startsWith('/')) return { place: input.url, bytes, pointer };
  const line = rowLine(bytes.toString('utf8'), pointer);
  return line === undefined ? undefined : { place: input.url, bytes, pointer: `line:${line}` };
}

export const source: Source = createSource(debianDefinition);

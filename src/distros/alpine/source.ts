import type { EvidenceDocument, Source, SourceInput } from '../../sources/contract.ts';
import type { SnapshotStore } from '../../sources/snapshots.ts';
import { type AlpineDefinition, alpineDefinition } from './definition.ts';
import { fetchAlpine } from './fetch.ts';
import { fixIds } from './fixes.ts';
import { readAlpine } from './read.ts';
import { parseSecdb } from './secdb.ts';

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
    fetch: (context) => fetchAlpine(context, definition),
    read: (snapshots, store, out) => readAlpine(snapshots, store, out, definition),
    evidence,
  };
}

/** The list of a package's fixes that names a vulnerability: `PACKAGE/VULNERABILITY`. */
async function evidence(
  input: SourceInput,
  told: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const bytes = await store.read(input);
  const [name, vulnerability] = told.split('/');
  const { packages } = parseSecdb(bytes.toString('utf8'), store.path(input));
  const entry = packages.find(
    (found) =>
      found.name === name && found.fixes.some(({ text }) => fixIds(text).ids.includes(vulnerability!)),
  );
  return entry && { place: input.url, bytes, pointer: entry.pointer };
}

export const source: Source = createSource(alpineDefinition);

import type { EvidenceDocument, Source, SourceInput } from '../../../sources/contract.ts';
import type { SnapshotStore } from '../../../sources/snapshots.ts';
import { type AlmaLinuxDefinition, almaLinuxDefinition } from './definition.ts';
import { erratumText } from './errata.ts';
import { fetchAlmaLinux } from './fetch.ts';
import { readAlmaLinux } from './read.ts';

export { almaLinuxDefinition as definition } from './definition.ts';

/** AlmaLinux's errata, and their OSV records for comparison. */
export function createSource(definition: AlmaLinuxDefinition): Source {
  return {
    id: 'almalinux',
    name: 'AlmaLinux errata',
    licence: 'MIT',
    attribution: 'AlmaLinux OS Foundation (https://errata.almalinux.org)',
    fetch: (context) => fetchAlmaLinux(context, definition),
    read: (snapshots, store, out) => readAlmaLinux(snapshots, store, out, definition),
    evidence,
  };
}

/** One erratum of the document, which may have a hundred megabytes. */
async function evidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const [, at] = /^\/data\/(\d+)$/.exec(pointer) ?? [];
  const text =
    at === undefined ? undefined : await erratumText(store.open(input), store.path(input), Number(at));
  return text === undefined
    ? undefined
    : { place: `${input.url}#${pointer}`, bytes: Buffer.from(text), pointer: '' };
}

export const source: Source = createSource(almaLinuxDefinition);

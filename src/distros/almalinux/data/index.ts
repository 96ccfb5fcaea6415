import type { EvidenceDocument, Source, SourceInput } from '../../../sources/contract.ts';
import { definitionText } from '../../../sources/oval/definition-text.ts';
import type { SnapshotStore } from '../../../sources/snapshots.ts';
import { type AlmaLinuxDefinition, almaLinuxDefinition } from './definition.ts';
import { erratumText } from './errata.ts';
import { fetchAlmaLinux } from './fetch.ts';
import { isOval } from './inputs.ts';
import { readAlmaLinux } from './read.ts';

export { almaLinuxDefinition as definition } from './definition.ts';

/** AlmaLinux's errata and its OVAL of the same advisories, and their OSV records for comparison. */
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

/** An erratum, or a definition of the OVAL, by the id of the advisory. The document may have a hundred megabytes. */
async function evidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  if (isOval(input)) {
    const definition = await definitionText(store.open(input), store.path(input), pointer);
    return definition && { place: `${input.url}#${pointer}`, bytes: definition, pointer: '' };
  }
  const erratum = await erratumText(store.open(input), store.path(input), pointer);
  return (
    erratum && {
      place: `${input.url}#/data/${erratum.at}`,
      bytes: Buffer.from(erratum.item),
      pointer: '',
    }
  );
}

export const source: Source = createSource(almaLinuxDefinition);

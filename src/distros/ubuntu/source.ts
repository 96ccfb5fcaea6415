import type { EvidenceDocument, Source, SourceInput } from '../../sources/contract.ts';
import type { SnapshotStore } from '../../sources/snapshots.ts';
import { archiveFiles } from './archive-files.ts';
import { type InputId, inputIds, type UbuntuDefinition, ubuntuDefinition } from './definition.ts';
import { fetchUbuntu } from './fetch.ts';
import { readUbuntu } from './read.ts';

export { ubuntuDefinition as definition } from './definition.ts';

/** Ubuntu: Canonical's OSV, OpenVEX and USN data, and the CVE tracker for what they do not have. */
export function createSource(definition: UbuntuDefinition): Source {
  return {
    id: 'ubuntu',
    name: 'Ubuntu security data',
    licence: 'CC-BY-SA-4.0',
    unsealed: true,
    attribution: 'Canonical Ltd., Ubuntu Security Team (https://ubuntu.com/security)',
    fetch: (context) => fetchUbuntu(context, definition),
    read: (snapshots, store, out) => readUbuntu(snapshots, store, out, definition),
    evidence: (input, pointer, _, store) => ubuntuEvidence(input, pointer, store, definition),
  };
}

export const source: Source = createSource(ubuntuDefinition);

/** The file of an archive that evidence names: a whole OSV record, or a whole file of the CVE tracker. */
async function ubuntuEvidence(
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
  definition: UbuntuDefinition,
): Promise<EvidenceDocument | undefined> {
  const id: InputId | undefined = inputIds(definition).find((known) => known === input.id);
  if (!id) return undefined;
  const [path = ''] = pointer.split(/[#:]/);
  const archive = { snapshots: new Map([[id, input]]), store };
  const isWanted = (name: string) => name === path || name.endsWith(`/${path}`);
  for await (const { content } of archiveFiles(archive, id, isWanted)) {
    return { place: `${input.url}, file ${path}`, bytes: content, pointer: '' };
  }
  return undefined;
}

import type { EvidenceDocument, SourceInput } from '../../../sources/contract.ts';
import type { SnapshotStore } from '../../../sources/snapshots.ts';
import { archiveFiles } from './archive-files.ts';
import { type InputId, inputIds, type UbuntuDefinition } from './definition.ts';

/** The file of an archive that evidence names: a whole OSV record, or a whole file of the CVE tracker. */
export async function ubuntuEvidence(
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

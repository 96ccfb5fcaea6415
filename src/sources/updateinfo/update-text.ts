import type { EvidenceDocument } from '../contract.ts';
import type { SnapshotStore, SourceInput } from '../snapshots.ts';
import { xmlElement } from '../xml-element.ts';
import { maxPlainBytes } from './read.ts';

/** The first update with this id as the vendor wrote it, from updateinfo in any compression; undefined: there is none. */
export function updateText(
  body: AsyncIterable<Uint8Array>,
  where: string,
  id: string,
): Promise<Buffer | undefined> {
  const search = { where, maxBytes: maxPlainBytes, depth: 2, idDepth: 3, idName: 'id' };
  return xmlElement(body, id, search);
}

/** An update by its id. */
export async function updateEvidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const update = await updateText(store.open(input), store.path(input), pointer);
  return update && { place: `${input.url}#${pointer}`, bytes: update, pointer: '' };
}

import type { EvidenceDocument, Source, SourceInput } from '../../../sources/contract.ts';
import { namesItself } from '../../../sources/record-door.ts';
import type { SnapshotStore } from '../../../sources/snapshots.ts';
import { type RockyDefinition, rockyDefinition } from './definition.ts';
import { fetchRocky } from './fetch.ts';
import { advisoriesId, sourceId } from './inputs.ts';
import { readPage } from './page.ts';
import { readRocky } from './read.ts';

export { rockyDefinition as definition } from './definition.ts';

/** Rocky Linux's advisories, and their OSV records for comparison. */
export function createSource(definition: RockyDefinition): Source {
  return {
    id: sourceId,
    name: 'Rocky Linux advisories',
    licence: 'BSD',
    attribution: 'Rocky Enterprise Software Foundation (https://errata.rockylinux.org)',
    fetch: (context) => fetchRocky(context, definition),
    read: (snapshots, store, out) => readRocky(snapshots, store, out, definition),
    evidence,
  };
}

/** An advisory by its name, on whichever page it is now. */
async function evidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  if (input.id !== advisoriesId) return undefined;
  for (const page of await store.documents(input)) {
    for await (const read of readPage(store.open(page), store.path(page))) {
      if (!('item' in read) || !namesItself(read.item, 'name', pointer)) continue;
      const place = `${input.url}#${page.name}/advisories/${read.at}`;
      return { place, bytes: Buffer.from(read.item), pointer: '' };
    }
  }
  return undefined;
}

export const source: Source = createSource(rockyDefinition);

import type { EvidenceDocument, Source, SourceInput } from '../../../sources/contract.ts';
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

/** One advisory of a page. */
async function evidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const [, name, at] = /^(page-\d+\.json)\/advisories\/(\d+)$/.exec(pointer) ?? [];
  if (input.id !== advisoriesId || at === undefined) return undefined;
  const page = (await store.documents(input)).find((document) => document.name === name);
  if (!page) return undefined;
  for await (const read of readPage(store.open(page), store.path(page))) {
    if ('item' in read && read.at === Number(at))
      return { place: `${input.url}#${pointer}`, bytes: Buffer.from(read.item), pointer: '' };
  }
  return undefined;
}

export const source: Source = createSource(rockyDefinition);

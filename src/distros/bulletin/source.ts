import type { EvidenceDocument, FetchContext, Source, SourceInput } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import type { Snapshot, SnapshotStore } from '../../sources/snapshots.ts';
import type { Bulletin } from '../bulletins.ts';
import { type BulletinDefinition, documentInput, maxBytes, platformsOf } from './definition.ts';
import { type BulletinData, readDocument } from './read.ts';
import { type BulletinReader, type BulletinRecord, readBulletin } from './records.ts';

/** The document of a vendor that has one. */
export function bulletinSource<R extends BulletinRecord>(
  bulletin: Bulletin,
  reader: BulletinReader<R>,
  definition: BulletinDefinition,
): Source {
  const { id, data: name, licence, publisher, page } = bulletin;
  const data = { bulletin, reader, definition };
  return {
    id,
    name,
    licence,
    terms: 'unclear',
    unsealed: true,
    attribution: `${publisher} (${page})`,
    platforms: platformsOf(bulletin, definition),
    fetch: (context) => fetchDocument(context, data),
    read: (snapshots, store, out) => readDocument(snapshots, store, out, data),
    evidence: (input, pointer, _, store) => evidence(input, pointer, store, data),
  };
}

/** A new document is used only if it can be read: otherwise the last good one stays. */
async function fetchDocument<R extends BulletinRecord>(
  context: FetchContext,
  { bulletin, reader, definition }: BulletinData<R>,
): Promise<Snapshot[]> {
  const { store } = context;
  const input = documentInput(bulletin, definition);
  const snapshot = await download(context, {
    ...input,
    verify: async (blob) => {
      readBulletin((await store.read(blob, maxBytes)).toString('utf8'), input.url, reader, definition);
    },
  });
  await store.retain(bulletin.id, [snapshot]);
  return [snapshot];
}

/** The record behind a statement, by its evidence. */
async function evidence<R extends BulletinRecord>(
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
  { reader, definition }: BulletinData<R>,
): Promise<EvidenceDocument | undefined> {
  const [flaw = '', name = ''] = pointer.split('/').reverse();
  const bytes = await store.read(input, maxBytes);
  const { records } = readBulletin(bytes.toString('utf8'), store.path(input), reader, definition);
  const record = records.find(
    (each) =>
      each.packages.includes(name) &&
      each.vulnerabilities.includes(flaw) &&
      reader.evidence(each).replace('{package}', name).replace('{vulnerability}', flaw) === pointer,
  );
  return record && { place: input.url, bytes, pointer: record.pointer };
}

import type { EvidenceDocument, FetchContext, Source, SourceInput } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import type { Snapshot, SnapshotStore } from '../../sources/snapshots.ts';
import { readAdvisories } from './advisories.ts';
import { advisoriesInput, type EchoDefinition, echoDefinition, maxBytes } from './definition.ts';
import { readEcho } from './read.ts';

export { echoDefinition as definition } from './definition.ts';

/** Echo's advisories, as `feeds/echo.json` or another definition says. */
export function createSource(definition: EchoDefinition): Source {
  return {
    id: 'echo',
    name: 'Echo advisories',
    licence: 'no terms are stated',
    terms: 'unclear',
    unsealed: true,
    attribution: 'Echo Software Ltd. (https://echohq.com/)',
    fetch: (context) => fetchEcho(context, definition),
    read: (snapshots, store, out) => readEcho(snapshots, store, out, definition),
    evidence: (input, pointer, _, store) => evidence(input, pointer, store, definition),
  };
}

/** New advisories are used only if they can be read: otherwise the last good ones stay. */
async function fetchEcho(context: FetchContext, definition: EchoDefinition): Promise<Snapshot[]> {
  const { store } = context;
  const input = advisoriesInput(definition);
  const snapshot = await download(context, {
    ...input,
    verify: async (blob) => {
      readAdvisories((await store.read(blob, maxBytes)).toString('utf8'), input.url, definition);
    },
  });
  await store.retain('echo', [snapshot.id]);
  return [snapshot];
}

/** The record of `/PACKAGE/VULNERABILITY`. */
async function evidence(
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
  definition: EchoDefinition,
): Promise<EvidenceDocument | undefined> {
  const bytes = await store.read(input, maxBytes);
  const { records } = readAdvisories(bytes.toString('utf8'), store.path(input), definition);
  const isThere = records.some(({ package: name, vulnerability }) => pointer === `/${name}/${vulnerability}`);
  return isThere ? { place: input.url, bytes, pointer } : undefined;
}

export const source: Source = createSource(echoDefinition);

import { type Limit, limitTo, settled } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { type Download, download, downloadOptional } from '../../sources/download.ts';
import { fetchSuite } from '../../sources/signed-index.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import type { InputId, UbuntuDefinition } from './definition.ts';
import { requireReleases } from './life.ts';
import { packagesId } from './packages.ts';

// As many connections as a browser opens: the indexes are many and small.
const connections = 6;

// Twice the size of the largest archive today.
const maxBytes = 2 ** 31;

/**
 * Updates the store. The OSV archive is required; any other input that cannot be fetched is left out of the build (finding
 * `input_absent`), unless there is a snapshot of it (finding `last_good_input`).
 */
export async function fetchUbuntu(context: FetchContext, definition: UbuntuDefinition): Promise<Snapshot[]> {
  const limit = limitTo(connections);
  const fetched = await settled([
    ...documents(context, definition).map(({ optional, ...one }) =>
      limit(() => (optional ? downloadOptional(context, one) : download(context, one))),
    ),
    ...suites(definition).map((suite) => fetchPocket(suite, context, definition, limit)),
  ]);
  const snapshots = fetched.flat().filter((snapshot) => snapshot !== undefined);
  await context.store.retain('ubuntu', snapshots);
  return snapshots;
}

function documents(
  { store }: FetchContext,
  { inputs }: UbuntuDefinition,
): (Download & { optional?: boolean })[] {
  return Object.entries(inputs).map(([id, input]) => ({
    id,
    source: 'ubuntu',
    ...input,
    maxBytes,
    kind: /\.(?:xz|bz2|gz)$/.test(input.url) ? 'packed' : 'text',
    ...(id === ('ubuntu-releases' satisfies InputId) && {
      verify: async (blob) => requireReleases((await store.read(blob)).toString('utf8')),
    }),
  }));
}

interface Pocket {
  codename: string;
  pocket: string;
}

function suites({ releases, archive }: UbuntuDefinition): Pocket[] {
  const served = releases.filter(({ archived }) => archived !== true);
  return served.flatMap(({ codename }) => archive.pockets.map((pocket) => ({ codename, pocket })));
}

/**
 * The indexes of a pocket: needed for binary names, and to recognise packages that Ubuntu never shipped. A pocket that cannot
 * be fetched keeps its last good indexes, marked; only a missing signature ends the fetch.
 */
async function fetchPocket(
  { codename, pocket }: Pocket,
  context: FetchContext,
  { archive, signingKeys: armoredKeys }: UbuntuDefinition,
  limit: Limit,
): Promise<Snapshot[]> {
  const value = codename + pocket;
  const suite = {
    id: `ubuntu-release-${value}`,
    source: 'ubuntu',
    url: `${archive.url}/dists/${value}`,
    named: { field: 'suite', value },
    armoredKeys,
    archived: false,
  } as const;
  const indexes = archive.components.map((component) => ({
    id: packagesId(codename, pocket, component),
    paths: [`${component}/binary-${archive.architecture}/Packages.xz`],
    maxBytes,
  }));
  try {
    return (await fetchSuite(context, suite, indexes, limit)).snapshots;
  } catch (error) {
    if (!(error instanceof ScapfeedError) || error.code === 'SOURCE_UNSIGNED') throw error;
    context.progress(`${suite.id}: ${error.message}`);
    const ids = new Set([suite.id, ...indexes.map(({ id }) => id)]);
    const known = await context.store.list('ubuntu');
    const usable = ({ unsigned }: Snapshot) => !unsigned || context.unsignedMirror === true;
    const last = known.filter((one) => ids.has(one.id) && one.url.startsWith(suite.url) && usable(one));
    return settled(last.map((snapshot) => context.store.keep(snapshot, error.code)));
  }
}

import { type Limit, limitUntilFailure, settled } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import { fetchSuite } from '../../sources/signed-index.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import { requireAdvisories } from './advisory-list.ts';
import { type DebianDefinition, type DebianRelease, isEndOfLife, suiteInputs } from './definition.ts';
import { keepLastStates, lastStateId } from './last-state.ts';
import { trackerReleases } from './tracker.ts';

const source = 'debian';

/** Debian's mirrors ask clients to open few connections. */
const concurrency = 4;

const maxTrackerBytes = 2 ** 29;
const maxListBytes = 2 ** 26;

/** Updates tracker, advisory lists and package indexes. */
export async function fetchDebian(context: FetchContext, definition: DebianDefinition): Promise<Snapshot[]> {
  const limit = limitUntilFailure(concurrency);
  const { advisoryLists, releases } = definition;
  const fetched = await settled([
    limit(() => fetchTracker(context, definition)),
    ...advisoryLists.map((list) =>
      limit(() =>
        download(context, {
          ...list,
          source,
          kind: 'text',
          maxBytes: maxListBytes,
          verify: async (blob) =>
            requireAdvisories((await context.store.read(blob)).toString('utf8'), list.url),
        }),
      ),
    ),
    ...releases.map((release) => fetchIndexes(context, release, definition, limit)),
  ]);
  const snapshots = fetched.flat();
  await context.store.retain(source, snapshots);
  return snapshots;
}

/** The tracker's document, and the last ones of releases that it has dropped; a new one is used only if it can be read. */
async function fetchTracker(
  { store, ...context }: FetchContext,
  definition: DebianDefinition,
): Promise<Snapshot[]> {
  const { id, url } = definition.tracker;
  const stored = await store.list(source);
  const before = stored.find((snapshot) => snapshot.id === id);
  let releasesNow: Set<string> | undefined;
  const tracker = await download(
    { store, ...context },
    {
      id,
      url,
      source,
      kind: 'json',
      maxBytes: maxTrackerBytes,
      verify: async (blob) => {
        releasesNow = await trackerReleases(store.open(blob), { input: id, where: url });
      },
    },
  );
  if (before && releasesNow)
    return [tracker, ...(await keepLastStates(store, before, releasesNow, definition))];
  const lastStates = new Set(definition.releases.map(({ codename }) => lastStateId(definition, codename)));
  return [tracker, ...stored.filter((snapshot) => lastStates.has(snapshot.id))];
}

/**
 * Fetches all indexes of a release, as its suites' signed Release files list them, or none. A release that has left the
 * archive is judged without a roster; with only some indexes, packages of the missing ones would count as not covered.
 */
async function fetchIndexes(
  context: FetchContext,
  release: DebianRelease,
  definition: DebianDefinition,
  limit: Limit,
): Promise<Snapshot[]> {
  const archived = isEndOfLife(release, context.now.toISOString().slice(0, 10));
  const suites = suiteInputs(release, definition).map(async ({ suite, releaseId, url, indexes }) => {
    const named = { field: 'codename', value: suite } as const;
    const armoredKeys = definition.signingKeys;
    const signed = { id: releaseId, source, url, named, armoredKeys, archived };
    return fetchSuite(context, signed, indexes, limit);
  });
  const fetched = await settled(suites);
  const indexes = fetched.flatMap((suite) => suite.indexes);
  const absent = indexes.filter(({ snapshot }) => snapshot === undefined);
  if (absent.length === indexes.length) return [];
  if (absent.length === 0) return fetched.flatMap((suite) => suite.snapshots);
  throw new ScapfeedError({
    code: 'FETCH_NOT_FOUND',
    message: `expected all ${indexes.length} package indexes of ${release.codename}, ${absent.length} are not there`,
    where: absent.map(({ url }) => url).join(', '),
    remedy: 'check suites, components and architectures in feeds/debian.json, or complete the mirror',
  });
}

import pLimit from 'p-limit';
import { ScapfeedError } from '../../model/index.ts';
import type { FetchContext } from '../contract.ts';
import { download } from '../download.ts';
import type { Snapshot } from '../snapshots.ts';
import type { DebianDefinition, DebianRelease } from './definition.ts';
import { type IndexInput, indexInputs } from './inputs.ts';
import { keepLastStates, lastStateId } from './last-state.ts';
import { trackerReleases } from './tracker.ts';

const source = 'debian';

/** Debian's mirrors ask for few connections a client. */
const concurrency = 4;

const maxTrackerBytes = 2 ** 29;
const maxListBytes = 2 ** 26;
const maxIndexBytes = 2 ** 28;

/** Brings tracker, advisory lists and package indexes up to date. */
export async function fetchDebian(context: FetchContext, definition: DebianDefinition): Promise<Snapshot[]> {
  const limit = pLimit(concurrency);
  const { advisoryLists, releases } = definition;
  const fetched = await Promise.all([
    limit(() => fetchTracker(context, definition)),
    ...advisoryLists.map((list) =>
      limit(() => download(context, { ...list, source, kind: 'text', maxBytes: maxListBytes })),
    ),
    ...releases.map((release) => fetchIndexes(context, release, definition, limit)),
  ]);
  const snapshots = fetched.flat();
  await context.store.retain(
    source,
    snapshots.map(({ id }) => id),
  );
  return snapshots;
}

/** The tracker's document, and the last ones of releases that it has dropped; a new one must be readable to count. */
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
 * All indexes of a release or none: a release that moved out of the archive as a whole is judged without its roster,
 * but one that lacks a part would take the packages of that part for strangers.
 */
async function fetchIndexes(
  context: FetchContext,
  release: DebianRelease,
  definition: DebianDefinition,
  limit: ReturnType<typeof pLimit>,
): Promise<Snapshot[]> {
  const inputs = indexInputs(release, definition);
  const found = await Promise.all(inputs.map((input) => limit(() => fetchIndex(context, input))));
  const snapshots = found.flatMap((snapshot) => snapshot ?? []);
  if (snapshots.length === 0 || snapshots.length === inputs.length) return snapshots;
  const absent = inputs.filter((_, at) => found[at] === undefined);
  throw new ScapfeedError({
    code: 'FETCH_NOT_FOUND',
    message: `expected all ${inputs.length} package indexes of ${release.codename}, ${absent.length} are not there`,
    where: absent.map(({ urls }) => urls[0]).join(', '),
    remedy: 'check suites, components and architectures in feeds/debian.json, or complete the mirror',
  });
}

async function fetchIndex(context: FetchContext, { id, urls }: IndexInput): Promise<Snapshot | undefined> {
  for (const url of urls) {
    try {
      return await download(context, { id, source, url, kind: 'packed', maxBytes: maxIndexBytes });
    } catch (error) {
      if (!(error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND')) throw error;
    }
  }
  return undefined;
}

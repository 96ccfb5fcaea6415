import { type Limit, settled } from '../io/at-once.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FetchContext } from './contract.ts';
import { type Download, download } from './download.ts';
import { unsigned } from './openpgp.ts';
import { fetchSignedRelease, type SignedRelease, type Suite } from './signed-release.ts';
import type { Blob, Snapshot } from './snapshots.ts';

/** A package index of a suite. */
export interface SuiteIndex {
  id: string;
  /** Paths below `dists/SUITE` of the same content in several compressions, the preferred one first. */
  paths: readonly string[];
  maxBytes: number;
}

/** The result for a suite: its InRelease file, and each index with its address, whether it exists or not. */
export interface FetchedSuite {
  snapshots: Snapshot[];
  indexes: { url: string; snapshot: Snapshot | undefined }[];
}

/**
 * Fetches the package indexes of a suite. Those that its InRelease file lists are verified by it; without such a file they
 * are refused, unless the user accepts that (--unsigned-mirror).
 * @throws SOURCE_UNSIGNED, SOURCE_SIGNATURE_WRONG, SOURCE_EXPIRED
 */
export async function fetchSuite(
  context: FetchContext,
  suite: Suite,
  indexes: readonly SuiteIndex[],
  limit: Limit,
): Promise<FetchedSuite> {
  const release = await limit(() => fetchSignedRelease(context, suite));
  const fetch = (index: SuiteIndex) =>
    release ? fetchListedIndex(context, release, suite, index) : fetchUnsignedIndex(context, suite, index);
  const found = await settled(
    indexes.map(async (index) => ({
      url: `${suite.url}/${index.paths[0]}`,
      snapshot: await limit(() => fetch(index)),
    })),
  );
  const snapshots = found.flatMap(({ snapshot }) => snapshot ?? []);
  return { snapshots: release ? [release.snapshot, ...snapshots] : snapshots, indexes: found };
}

/**
 * Fetches a package index as the suite's signed Release file lists it, if it is not stored already.
 * Undefined: the suite has none.
 */
async function fetchListedIndex(
  context: FetchContext,
  release: SignedRelease,
  suite: Suite,
  index: SuiteIndex,
): Promise<Snapshot | undefined> {
  const known = (await context.store.list(suite.source)).find(({ id }) => id === index.id);
  const listed = index.paths.flatMap((path) => {
    const blob = release.files.get(path);
    return blob ? [{ path, blob }] : [];
  });
  if (known && listed.some(({ blob, path }) => blob.sha256 === known.sha256 && known.url.endsWith(path))) {
    return known.unsigned || known.refused
      ? context.store.save({ ...known, unsigned: false }, context.store.open(known))
      : known;
  }
  for (const { path, blob } of listed) {
    const snapshot = await fetchListed(context, release, path, blob, wantedOf(suite, index, path));
    if (snapshot) return snapshot;
  }
  return undefined;
}

/** By its name; if that has other bytes or none, by its digest, which a mirror keeps for a while after an update. */
async function fetchListed(
  context: FetchContext,
  { byHash }: SignedRelease,
  path: string,
  blob: Blob,
  index: Download,
): Promise<Snapshot | undefined> {
  const verify = async (found: Blob) => requireListed(found, blob, index.url);
  const folder = index.url.slice(0, -path.length) + path.slice(0, path.lastIndexOf('/') + 1);
  const places = [index.url, ...(byHash ? [`${folder}by-hash/SHA256/${blob.sha256}`] : [])];
  let failure: ScapfeedError | undefined;
  for (const at of places) {
    try {
      return await download(context, { ...index, at, fresh: true, verify });
    } catch (error) {
      if (!(error instanceof ScapfeedError)) throw error;
      if (error.code !== 'FETCH_NOT_FOUND') failure ??= error;
    }
  }
  if (failure) throw failure;
  return undefined;
}

function requireListed(found: Blob, listed: Blob, where: string): void {
  if (found.sha256 === listed.sha256 && found.size === listed.size) return;
  throw new ScapfeedError({
    code: 'SOURCE_SIGNATURE_WRONG',
    message: `expected the bytes that InRelease lists (sha256 ${listed.sha256}), found ${found.sha256}`,
    where,
    remedy: 'fetch again: the mirror may be in the middle of an update; the last good snapshot is kept',
  });
}

/**
 * Fetches a package index of a suite without a signed Release file. Undefined: the index does not exist either, as after a
 * release has left the archive.
 */
async function fetchUnsignedIndex(
  context: FetchContext,
  suite: Suite,
  index: SuiteIndex,
): Promise<Snapshot | undefined> {
  for (const path of index.paths) {
    const wanted = wantedOf(suite, index, path);
    try {
      if (context.unsignedMirror) return await download(context, { ...wanted, unsigned: true });
      const answer = await context.http.request(wanted.url, { method: 'HEAD' });
      await answer.discard();
      if (answer.status === 200) throw unsigned(wanted.url, `${suite.url}/InRelease`);
    } catch (error) {
      if (!(error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND')) throw error;
    }
  }
  return undefined;
}

function wantedOf({ source, url }: Suite, { id, maxBytes }: SuiteIndex, path: string): Download {
  return { id, source, url: `${url}/${path}`, kind: 'packed', maxBytes };
}

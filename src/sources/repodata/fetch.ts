import { createHash } from 'node:crypto';
import { limitTo, settled } from '../../io/at-once.ts';
import { isTransient } from '../../io/http/retry.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../contract.ts';
import { type Download, download } from '../download.ts';
import { reportUnavailable } from '../progress-bytes.ts';
import type { Blob, Snapshot, SnapshotStore } from '../snapshots.ts';
import { readPrimary } from './primary.ts';
import { malformedMetadata } from './read-metadata.ts';
import { type ListedFile, parseRepomd } from './repomd.ts';
import {
  maxRepomdBytes,
  primaryId,
  primaryOf,
  type Repository,
  repomdOf,
  repositoryConnections,
} from './repository.ts';

/**
 * Updates the lists of packages of repositories: of each repomd.xml and primary.xml, and nothing but the former while that is
 * the same. Both are current together, or the last good ones are, marked. A repository that the server does not have is left
 * out: its release has no roster then. Once a server has not answered, no further repository is asked for.
 */
export async function fetchRepositories(
  context: FetchContext,
  repositories: readonly Repository[],
): Promise<Snapshot[]> {
  const limit = limitTo(repositoryConnections);
  const silent: { code?: string } = {};
  const fetched = await settled(
    repositories.map((repository) => limit(() => fetchOrKeep(context, repository, silent))),
  );
  return fetched.flat();
}

async function fetchOrKeep(
  context: FetchContext,
  repository: Repository,
  silent: { code?: string },
): Promise<Snapshot[]> {
  if (silent.code !== undefined) return keepLast(context, repository, silent.code);
  try {
    return await fetchRepository(context, repository);
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    // It did not answer, after all tries: a list of packages is not worth waiting for it again.
    if (isTransient(error) || error.code === 'FETCH_TIMEOUT') silent.code = error.code;
    reportUnavailable(context, repomdOf(repository).id, error);
    return keepLast(context, repository, error.code);
  }
}

async function fetchRepository(context: FetchContext, repository: Repository): Promise<Snapshot[]> {
  const { store } = context;
  const wanted = repomdOf(repository);
  let primary: Snapshot | undefined;
  const verify = async (blob: Blob) => {
    primary = await fetchPrimary(context, repository, await readListed(blob, store, wanted.url));
  };
  const repomd = await download(context, { ...wanted, verify });
  primary ??= await fetchPrimary(context, repository, await readListed(repomd, store, wanted.url));
  return [repomd, primary];
}

async function readListed(blob: Blob, store: SnapshotStore, where: string): Promise<ListedFile> {
  return parseRepomd(await store.read(blob, maxRepomdBytes), where);
}

/** The list of packages that repomd.xml names; a new one is used only if it can be read to its end. */
function fetchPrimary(context: FetchContext, repository: Repository, listed: ListedFile): Promise<Snapshot> {
  const wanted = primaryOf(repository, listed.href);
  return fetchListed(context, wanted, listed, (blob) => requireReadable(blob, context.store, wanted.url));
}

/** A file that repomd.xml names: a new one is used only if it has that digest and passes `check`. */
export async function fetchListed(
  context: FetchContext,
  wanted: Download,
  listed: ListedFile,
  check: (blob: Blob) => Promise<void>,
): Promise<Snapshot> {
  const { store } = context;
  const known = (await store.list(wanted.source)).find(({ id }) => id === wanted.id);
  if (known?.url === wanted.url && (await isListed(known, listed, store)))
    return known.refused === undefined ? known : store.save(known, store.open(known));
  return download(context, {
    ...wanted,
    fresh: true,
    verify: async (blob) => {
      if (!(await isListed(blob, listed, store)))
        throw malformedMetadata(
          `expected the bytes that repomd.xml lists (${listed.algorithm} ${listed.digest}), found others`,
          wanted.url,
        );
      await check(blob);
    },
  });
}

/** True if the stored bytes are those that repomd.xml lists. */
export async function isListed(
  blob: Blob,
  { algorithm, digest, size }: ListedFile,
  store: SnapshotStore,
): Promise<boolean> {
  if (size !== undefined && size !== blob.size) return false;
  if (algorithm === 'sha256') return digest === blob.sha256;
  const hash = createHash(algorithm);
  for await (const piece of store.open(blob)) hash.update(piece);
  return hash.digest('hex') === digest;
}

/** Share of a repository's packages that may be malformed, and so many in any case. */
const malformedShare = 0.01;
const malformedFew = 5;

async function requireReadable(blob: Blob, store: SnapshotStore, where: string): Promise<void> {
  let faults = 0;
  const { packages } = await readPrimary(store.open(blob), where, {
    source: () => undefined,
    repeated: () => undefined,
    malformed: () => {
      faults += 1;
    },
  });
  if (faults > Math.max(malformedFew, malformedShare * packages) || (faults === packages && faults > 0))
    throw malformedMetadata(`expected packages, found ${faults} of ${packages} in another form`, where);
}

/** The last good pair, marked with the reason why there is no newer one; empty if there is none. */
async function keepLast({ store }: FetchContext, repository: Repository, code: string): Promise<Snapshot[]> {
  const { source, url } = repository;
  const ids = [repomdOf(repository).id, primaryId(repository)];
  const known = await store.list(source);
  const last = ids.flatMap((id) => known.find((one) => one.id === id && one.url.startsWith(`${url}/`)) ?? []);
  return last.length < ids.length ? [] : settled(last.map((snapshot) => store.keep(snapshot, code)));
}

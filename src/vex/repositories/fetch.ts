import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import type { Blob, Snapshot } from '../../sources/snapshots.ts';
import { type Location, locationIn, splitLocation, type VexList, type VexRepository } from './list.ts';

export const source = 'vex';

/** Ids of inputs. Names of repositories have no dot. */
export const inputIds = {
  list: 'vex.list',
  manifest: ({ name }: VexRepository) => `vex-${name}.manifest`,
  archive: ({ name }: VexRepository) => `vex-${name}`,
} as const;

const maxManifestBytes = 2 ** 20;
const maxArchiveBytes = 2 ** 29;

/** Updates the archives of a list, and keeps the list itself: what a build reads is then in the store alone. */
export async function fetchRepositories(context: FetchContext, list: VexList): Promise<Snapshot[]> {
  const text = Buffer.from(`${JSON.stringify(list, null, 2)}\n`);
  const origin = { id: inputIds.list, source, url: 'scapfeed:vex-list.json' };
  const snapshots = [await context.store.save(origin, once(text))];
  for (const repository of list.repositories) snapshots.push(...(await fetchOne(context, repository)));
  await context.store.retain(source, snapshots);
  return snapshots;
}

async function fetchOne(context: FetchContext, repository: VexRepository): Promise<Snapshot[]> {
  const { manifest: url, archive, sha256 } = repository;
  const snapshots: Snapshot[] = [];
  let location: Location;
  if (url === undefined) location = splitLocation(archive!);
  else {
    const manifest = await download(context, {
      ...{ id: inputIds.manifest(repository), source, url },
      ...{ kind: 'json', maxBytes: maxManifestBytes },
    });
    snapshots.push(manifest);
    location = locationIn(await context.store.read(manifest), url);
  }
  const verify = async (blob: Pick<Blob, 'sha256'>) => requirePinned(blob.sha256, sha256, location.url);
  const found = await download(context, {
    ...{ id: inputIds.archive(repository), source, url: location.url },
    ...{ kind: /\.zip$/.test(location.url) ? 'zip' : 'packed', maxBytes: maxArchiveBytes, verify },
  });
  // The list may pin another digest than when the unchanged archive came.
  await verify(found);
  return [...snapshots, found];
}

function requirePinned(found: string, wanted: string | undefined, where: string): void {
  if (wanted === undefined || wanted === found) return;
  throw new ScapfeedError({
    code: 'SOURCE_DIGEST_WRONG',
    message: `expected sha256 ${wanted}, found ${found}`,
    where,
    remedy: 'look at what has changed in the repository, then pin the new digest in the list',
  });
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

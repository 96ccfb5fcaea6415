import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { removeTemporaryOf, writeAtomically } from '../../io/files.ts';
import { takeLock } from '../../io/lock.ts';
import { blockSize, tarPadding } from '../../io/tar/format.ts';
import { decodeHeader } from '../../io/tar/header.ts';
import { ScapfeedError } from '../../model/error.ts';
import { feedRole } from '../../published/names.ts';
import { withoutFeed } from '../feed-stays.ts';
import { othersMayWrite, ownFolder } from '../private-folder.ts';
import { claimPlace, openPlace, trustFolder } from '../pull/feed-switch.ts';
import { firstTrust } from '../pull/first-trust.ts';
import { openOrigin } from '../pull/open-origin.ts';
import type { FeedPullOptions } from '../pull/pull.ts';
import { trustAsAsked } from '../pull/trust.ts';
import { hasFeedRole } from '../site/trust-files.ts';
import { isCsafArchive, unpackDocuments } from './csaf-archive.ts';
import { fetchExport } from './site-exports.ts';

export interface PullExportOptions
  extends Pick<
    FeedPullOptions,
    'from' | 'out' | 'now' | 'pinned' | 'maxAge' | 'http' | 'insecure' | 'progress'
  > {
  target: string;
  /** The scanner's own folder. */
  into: string;
}

export interface PulledExport {
  target: string;
  from: string;
  signed: string;
  files: { path: string; size: number }[];
}

/**
 * Brings an export and puts it where its scanner looks. The trust is that of the feed in `out`: the same root, followed in
 * the same way, and the same refusals of what is expired, older, swapped or unsigned.
 */
export async function pullExport(options: PullExportOptions): Promise<PulledExport> {
  const place = openPlace(options.out);
  try {
    const leave = claimPlace(place);
    try {
      return await pullAlone(options);
    } finally {
      leave();
    }
  } catch (error) {
    throw place.current() === undefined ? withoutFeed(error) : error;
  }
}

async function pullAlone(options: PullExportOptions): Promise<PulledExport> {
  const folder = trustFolder(options.out);
  const release = takeLock(join(folder, 'lock'), { work: `using the trust of the feed ${options.out}` });
  const first = firstTrust(folder);
  try {
    const pulled = await pullFrom(options.from[0]!, options);
    first.keep();
    return pulled;
  } catch (error) {
    first.undo(error);
    throw error;
  } finally {
    release();
  }
}

async function pullFrom(from: string, options: PullExportOptions): Promise<PulledExport> {
  const origin = await openOrigin(from, options, trustFolder(options.out));
  try {
    options.progress(`checking ${from}`);
    const trusted = await trustAsAsked(options, origin, trustFolder(options.out));
    const signed = hasFeedRole(trusted.roles, origin) ? await trusted.targets(feedRole) : {};
    const files = placesOf(options.target, await fetchExport(origin, signed, options.target));
    for (const [path, content] of files) {
      const place = join(resolve(options.into), path);
      ownFolders(resolve(options.into), dirname(path));
      removeTemporaryOf(place);
      await writeAtomically(place, content, 0o644);
      if (options.target === 'csaf' && isCsafArchive(path)) await unpackDocuments(content, dirname(place));
    }
    return {
      target: options.target,
      from,
      signed: trusted.signed.toISOString(),
      files: [...files].map(([path, content]) => ({ path, size: content.length })),
    };
  } finally {
    await origin.close();
  }
}

/** Makes the folder and those below it; one that others may change, or a link in its place, is refused: who owns it decides what is in it. */
function ownFolders(into: string, path: string): void {
  let folder = into;
  // A link that the user named is followed.
  ownFolder(existsSync(folder) ? realpathSync(folder) : folder, othersMayWrite, 'TRUST_NOT_PRIVATE');
  for (const step of path.split('/').filter((name) => name !== '.')) {
    folder = join(folder, step);
    ownFolder(folder, othersMayWrite, 'TRUST_NOT_PRIVATE');
  }
}

/** Where the scanner of a target looks below its folder. Trivy's database and its metadata are in an archive. */
function placesOf(target: string, files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  const archive = target === 'trivy' ? files.get('db.tar.gz') : undefined;
  if (!archive) return files;
  return new Map([...untar(gunzipSync(archive))].map(([name, content]) => [`db/${name}`, content]));
}

/** The files of a tar that `export` wrote; its digest was checked before. */
function* untar(tar: Buffer): Generator<[string, Buffer]> {
  for (let at = 0; at + blockSize <= tar.length && tar[at] !== 0; ) {
    const { name, size } = decodeHeader(tar, at);
    const text = String(name);
    if (text !== 'trivy.db' && text !== 'metadata.json')
      throw new ScapfeedError({ code: 'FEED_CORRUPT', message: `an archive of an export has ${text}` });
    const start = at + blockSize;
    yield [text, tar.subarray(start, start + size)];
    at = start + size + tarPadding(size);
  }
}

import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readWhole } from '../io/read-whole.ts';
import { recoverDirectory } from '../io/staging.ts';
import type { FeedOrigin } from '../model/verdict/index.ts';
import type { RemoteFeed } from '../publish/blocks/open-remote.ts';
import { isGuarded } from '../publish/private-folder.ts';
import { isVersionOf } from '../publish/pull/version-name.ts';
import type { RemoteView } from '../published/remote-index.ts';
import { type Feed, openFeed } from '../runtime/node.ts';

/** A feed and how it was chosen. */
export interface ChosenFeed extends Feed {
  readonly origin: FeedOrigin;
  /**
   * Of a feed that is read over the network, see `completely`; no folder has it.
   *
   * @internal
   */
  readonly complete?: RemoteFeed['complete'];
  /**
   * Of a feed that is read over the network: where statements name an id.
   *
   * @internal
   */
  readonly naming?: RemoteView['naming'];
  /** @internal */
  readonly contentFile?: RemoteFeed['contentFile'];
}

/**
 * Runs `work` with a feed that has all that it reads. Of a feed on the network that is fetched between runs of `work`, which must have
 * no other effect.
 */
export async function completely<T>(
  feed: ChosenFeed,
  work: (feed: ChosenFeed) => T | Promise<T>,
): Promise<T> {
  return feed.complete ? feed.complete((view) => work({ ...feed, ...view })) : work(feed);
}

/** Opens the feed in a folder. `admit` may refuse it once it is in its place. */
export function openFeedAt(
  place: string,
  chosen: FeedOrigin['chosen'],
  admit: () => void = () => undefined,
): ChosenFeed {
  // A build that was killed between its two renames left the feed under another name.
  if (!existsSync(join(place, 'manifest.json'))) recover(place);
  admit();
  // A pulled feed is a link, which the next pull changes: its target is opened, and stays until this run has read it.
  const feed = openFeed(existsSync(place) ? realpathSync(place) : place);
  return {
    ...feed,
    origin: {
      directory: resolve(place),
      created: feed.manifest.created,
      chosen,
      signed: chosen !== 'working_directory' && cameByPull(place),
    },
  };
}

function recover(place: string): void {
  try {
    recoverDirectory(place);
  } catch {
    // The folder cannot be changed: opening the feed reports what is missing.
  }
}

/**
 * A pull checks every signature before it turns its link. Only its user, or root, can have made what it leaves, and its
 * folder has the name of its manifest, which an edit of that would not fit.
 */
export function cameByPull(place: string): boolean {
  const link = resolve(place);
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return false;
  const beside = (kind: string) => join(dirname(link), `.${basename(link)}.${kind}`);
  const feed = realpathSync(link);
  if (dirname(feed) !== join(realpathSync(dirname(link)), `.${basename(link)}.feeds`)) return false;
  const manifest = join(feed, 'manifest.json');
  const guarded = [beside('feeds'), beside('trust'), join(beside('trust'), 'timestamp.json'), feed];
  return guarded.every(isGuarded) && isVersionOf(basename(feed), readWhole(manifest));
}

/** Of this user. */
export function isOwn(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

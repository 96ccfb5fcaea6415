import { type ChosenFeed, openFeedAt } from '../acts/feed.ts';
import { Door } from './door/door.ts';
import { required, text } from './door/shape.ts';

/** A feed that is open for look-ups. */
export type OpenFeed = ChosenFeed;

/** @internal */
export const openFeedDoor: Door = new Door('openFeed', { directory: required(text) });

/**
 * Opens a feed: a folder from `build` or `pull`. Its files are read when they are needed, and each block that is read must have
 * the digest that the manifest leads to.
 *
 * @param directory - The folder. A link that `pull` keeps is followed once: the feed stays the same while it is open.
 * @returns The feed; close it when it is no longer needed. Several judgements may use it at once.
 * @throws {@link ScapfeedError} `FEED_MISSING`, `FEED_FORMAT_UNSUPPORTED`, `FEED_CORRUPT`
 * @example
 * ```ts
 * import { openFeed } from 'scapfeed';
 *
 * const feed = openFeed('feed');
 * console.log(feed.manifest.platforms.map(({ id }) => id).includes('debian-12')); // true
 * console.log(feed.origin.signed); // false: no pull brought it
 * feed.close();
 * ```
 */
export function openFeed(directory: string): OpenFeed {
  openFeedDoor.check([directory]);
  return openFeedAt(directory, 'option');
}

import { type ChosenFeed, openFeedAt } from '../tasks/feed.ts';
import { ParameterCheck } from './parameters/parameter-check.ts';
import { required, text } from './parameters/shape.ts';

/** A feed that is open for lookups. */
export type OpenFeed = ChosenFeed;

/** @internal */
export const openFeedParameters: ParameterCheck = new ParameterCheck('openFeed', {
  directory: required(text),
});

/**
 * Opens a feed: a folder written by `build` or `pull`. Files are read when needed, and the digest of each block that is read is
 * checked against the manifest.
 *
 * @param directory - The folder. A link made by `pull` is resolved once, so the feed does not change while it is open.
 * @returns The feed. Close it when it is no longer needed. Several calls may use it at the same time.
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
  openFeedParameters.check([directory]);
  return openFeedAt(directory, 'option');
}

import { openSnapshotStore } from '../sources/snapshots.ts';
import { type ChosenFeed, openFeedAt } from '../tasks/feed.ts';
import { type RebuiltFeed, rebuildFeed as rebuild } from '../tasks/rebuild/run.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link rebuildFeed}. */
export interface RebuildFeedOptions extends RunOptions {
  /** The snapshots folder that the feed was built from. */
  snapshots: string;
}

/** @internal */
export const rebuildFeedParameters: ParameterCheck = new ParameterCheck('rebuildFeed', {
  directory: required(text),
  options: required(optionShapes<RebuildFeedOptions>({ ...things.runOptions, snapshots: required(text) })),
});

/**
 * Verifies that rebuilding a feed from its snapshots with this version gives the same bytes. Same as
 * `scapfeed validate --rebuild`. The feed is rebuilt in a temporary folder and compared.
 *
 * @throws {@link ScapfeedError} `REBUILD_DIFFERS` when a file differs, is missing or does not belong to the feed;
 * `SNAPSHOT_MISSING`, `SNAPSHOT_CORRUPT`, `FEED_MISSING`, `FEED_CORRUPT`, `DISK_FULL`
 * @example
 * ```ts
 * import { rebuildFeed } from 'scapfeed';
 *
 * const { files, snapshots } = await rebuildFeed('feed', { snapshots: 'snapshots' });
 * console.log(files > snapshots); // true
 * ```
 */
export function rebuildFeed(directory: string, options: RebuildFeedOptions): Promise<RebuiltFeed> {
  return run(rebuildFeedParameters, [directory, options], (report) =>
    rebuild(directory, () => openSnapshotStore(options.snapshots), report),
  );
}

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

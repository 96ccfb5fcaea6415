import { type RebuiltFeed, rebuildFeed as rebuild } from '../acts/rebuild-feed.ts';
import { openSnapshotStore } from '../sources/snapshots.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import { type RunOptions, run } from './run.ts';

/** From which snapshots a feed is made again. */
export interface RebuildFeedOptions extends RunOptions {
  /** The folder of the snapshots that it was built from. */
  snapshots: string;
}

/** @internal */
export const rebuildFeedDoor: Door = new Door('rebuildFeed', {
  directory: required(text),
  options: required(optionShapes<RebuildFeedOptions>({ ...things.runOptions, snapshots: required(text) })),
});

/**
 * Proves that a feed is what this version makes of its snapshots, byte for byte: what `scapfeed rebuild` does. The feed is built
 * again in a temporary folder, and compared.
 *
 * @throws {@link ScapfeedError} `REBUILD_DIFFERS`: a file differs, is gone or does not belong to the feed; `SNAPSHOT_MISSING`,
 * `SNAPSHOT_CORRUPT`, `FEED_MISSING`, `FEED_CORRUPT`, `DISK_FULL`
 * @example
 * ```ts
 * import { rebuildFeed } from 'scapfeed';
 *
 * const { files, snapshots } = await rebuildFeed('feed', { snapshots: 'snapshots' });
 * console.log(files > snapshots); // true
 * ```
 */
export function rebuildFeed(directory: string, options: RebuildFeedOptions): Promise<RebuiltFeed> {
  return run(rebuildFeedDoor, [directory, options], (report) =>
    rebuild(directory, () => openSnapshotStore(options.snapshots), report),
  );
}

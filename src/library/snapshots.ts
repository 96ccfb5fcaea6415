import { statSync } from 'node:fs';
import { type SnapshotReport, snapshotReport } from '../acts/snapshot-feeds.ts';
import { ScapfeedError } from '../model/index.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { count, required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import { type RunOptions, run } from './run.ts';

/** @internal */
export const listSnapshotsDoor: Door = new Door('listSnapshots', {
  directory: required(text),
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Lists the feeds that can be made again from a folder of snapshots, the one of {@link build}: what `scapfeed snapshots` does.
 *
 * @returns Each feed with the day of its last build, its sources, and the number and size (in bytes) of its inputs.
 * @throws {@link ScapfeedError} `USAGE`: there is no such folder; `SNAPSHOT_CORRUPT`
 * @example
 * ```ts
 * import { listSnapshots } from 'scapfeed';
 *
 * const { feeds } = await listSnapshots('snapshots');
 * console.log(feeds.map(({ sources }) => sources.join())); // [ 'debian' ]
 * ```
 */
export function listSnapshots(directory: string, options: RunOptions = {}): Promise<SnapshotReport> {
  return run(listSnapshotsDoor, [directory, options], (report) => {
    requireFolder(directory);
    report('reading snapshots');
    return snapshotReport(directory);
  });
}

/** How many feeds stay. The newest of each choice of sources always does. */
export interface PruneSnapshotsOptions extends RunOptions {
  /** How many feeds for each choice of sources. Default: 8. */
  keep?: number;
  /** Days after which feeds are removed. Default: 60. */
  days?: number;
}

/** @internal */
export const pruneSnapshotsDoor: Door = new Door('pruneSnapshots', {
  directory: required(text),
  options: optionShapes<PruneSnapshotsOptions>({ ...things.runOptions, keep: count, days: count }),
});

/**
 * Removes documents that no kept feed and no current fetch needs: what `scapfeed snapshots --prune` does. {@link build} does so
 * by itself.
 *
 * @returns What is left, and in `removed` how many feeds and files went, and the bytes of these.
 * @throws {@link ScapfeedError} `USAGE`: there is no such folder; `SNAPSHOT_CORRUPT`
 * @example
 * ```ts
 * import { pruneSnapshots } from 'scapfeed';
 *
 * const { feeds, removed } = await pruneSnapshots('snapshots', { keep: 4 });
 * console.log(feeds.length, removed?.feeds); // 1 0
 * ```
 */
export function pruneSnapshots(
  directory: string,
  options: PruneSnapshotsOptions = {},
): Promise<SnapshotReport> {
  return run(pruneSnapshotsDoor, [directory, options], (report) => {
    requireFolder(directory);
    report('removing snapshots');
    const { keep, days } = options;
    return snapshotReport(directory, { keep, days });
  });
}

/** The list of a folder that is not there would be empty. */
function requireFolder(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'there is no such folder',
    where: directory,
    remedy: 'name the snapshots of a build',
  });
}

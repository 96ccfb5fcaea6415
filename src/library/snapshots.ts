import { statSync } from 'node:fs';
import { ScapfeedError } from '../model/error.ts';
import { type PruningParameters, pruningOptions } from '../tasks/snapshots/options.ts';
import { type SnapshotReport, snapshotReport } from '../tasks/snapshots/run.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** @internal */
export const listSnapshotsParameters: ParameterCheck = new ParameterCheck('listSnapshots', {
  directory: required(text),
  options: optionShapes<RunOptions>(things.runOptions),
});

/**
 * Lists the feeds that can be rebuilt from a snapshots folder of {@link build}. Same as `scapfeed snapshots`.
 *
 * @returns For each feed: the day of its last build, its sources, and the number and size (in bytes) of its inputs.
 * @throws {@link ScapfeedError} `USAGE` when the folder does not exist; `SNAPSHOT_CORRUPT`
 * @example
 * ```ts
 * import { listSnapshots } from 'scapfeed';
 *
 * const { feeds } = await listSnapshots('snapshots');
 * console.log(feeds.map(({ sources }) => sources.join())); // [ 'debian' ]
 * ```
 */
export function listSnapshots(directory: string, options: RunOptions = {}): Promise<SnapshotReport> {
  return run(listSnapshotsParameters, [directory, options], (report) => {
    requireFolder(directory);
    report('reading snapshots');
    return snapshotReport(directory);
  });
}

/** Options of {@link pruneSnapshots}. The newest feed of each choice of sources is always kept. */
export interface PruneSnapshotsOptions extends RunOptions, PruningParameters {}

/** @internal */
export const pruneSnapshotsParameters: ParameterCheck = new ParameterCheck('pruneSnapshots', {
  directory: required(text),
  options: optionShapes<PruneSnapshotsOptions>({ ...things.runOptions, ...shapesOf(pruningOptions) }),
});

/**
 * Removes documents that no kept feed and no current fetch needs. Same as `scapfeed snapshots --prune`. {@link build} does this
 * automatically.
 *
 * @returns The remaining feeds. `removed` has the number of removed feeds and files, and the size of the files in bytes.
 * @throws {@link ScapfeedError} `USAGE` when the folder does not exist; `SNAPSHOT_CORRUPT`
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
  return run(pruneSnapshotsParameters, [directory, options], (report) => {
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
    remedy: 'specify the snapshots folder of a build',
  });
}

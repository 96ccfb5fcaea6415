import type { Ledger, Platform } from '../model/feed/index.ts';
import type { Progress } from '../model/progress.ts';
import type { SourceInput } from '../sources/contract.ts';
import type { SourceStanding } from '../sources/kept-feeds.ts';
import { withReadProgress } from '../sources/progress-bytes.ts';
import type { SnapshotStore } from '../sources/snapshots.ts';
import { Collector } from './compile/index.ts';
import { type Floor, requireFloor, standingOf } from './floor.ts';
import type { BuildInput, FallBack } from './inputs.ts';
import { isSourceFault } from './source-fault.ts';

export interface ReadOptions {
  inputs: readonly BuildInput[];
  store: SnapshotStore;
  /** The input to read instead if the snapshots of a source cannot be read; default: the build fails. */
  fallBack?: FallBack;
  /** Default: data may recede. */
  floor?: Floor;
  /** Only these platforms; default all that the sources have. */
  platforms?: readonly string[];
  progress: Progress;
}

/** A source that was read: the inputs that were used, and the result. */
export interface SourceReading {
  input: BuildInput;
  collector: Collector;
  /** All platforms of the source, whichever were requested. */
  offered: readonly Platform[];
  standing?: SourceStanding | undefined;
}

/**
 * Reads every source's snapshots as statements. If they cannot be read, those from `fallBack` are read instead; without a
 * fall-back the error ends the build.
 */
export async function readSources(options: ReadOptions): Promise<SourceReading[]> {
  const readings: SourceReading[] = [];
  for (const input of options.inputs) readings.push(await readSource(input, options));
  return readings;
}

async function readSource(input: BuildInput, options: ReadOptions): Promise<SourceReading> {
  const { source, snapshots } = input;
  const { fallBack, floor, store, platforms, progress } = options;
  const collector = new Collector(source.id);
  if (input.failed !== undefined && snapshots.length === 0) return { input, collector, offered: [] };
  let standing: SourceStanding | undefined;
  try {
    const step = `reading ${source.name}`;
    progress(step);
    noteInputs(snapshots, collector.ledger);
    await source.read(snapshots, withReadProgress(store, step, progress), collector);
    standing = floor && standingOf(source, collector, snapshots, floor.tool);
    if (floor && standing && input.failed === undefined) requireFloor(standing, source, floor);
  } catch (error) {
    if (!fallBack || !isSourceFault(error)) throw error;
    // Not even the last good snapshots can be read.
    if (input.failed !== undefined) return readSource({ ...input, snapshots: [] }, options);
    return readSource(await fallBack(source, error), options);
  }
  const offered = collector.platforms.map(({ platform }) => platform);
  if (platforms) collector.keep((platform) => platforms.includes(platform.id));
  return { input, collector, offered, standing };
}

/** Unsigned and last good inputs are findings; the platforms made from them get a mark. */
export function noteInputs(snapshots: readonly SourceInput[], ledger: Ledger): void {
  for (const { id, unsigned, refused } of snapshots) {
    if (unsigned) ledger.doubt('input_unsigned', id);
    if (refused) ledger.doubt('last_good_input', id, refused);
  }
}

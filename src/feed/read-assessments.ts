import type { AssessmentSource } from '../sources/contract.ts';
import type { SourceStanding } from '../sources/kept-feeds.ts';
import { withReadProgress } from '../sources/progress-bytes.ts';
import { AssessmentCollector, type Details } from './compile/index.ts';
import { requireFloor, standingOf } from './floor.ts';
import type { BuildInput } from './inputs.ts';
import { noteInputs, type ReadOptions } from './read-sources.ts';
import { isSourceFault } from './source-fault.ts';

/** A source of ratings or exploitation that was read. */
export interface AssessmentReading {
  input: BuildInput<AssessmentSource>;
  collector: AssessmentCollector;
  standing?: SourceStanding | undefined;
}

type Options = Pick<ReadOptions, 'store' | 'fallBack' | 'floor' | 'progress'>;

/** Reads the sources' assessments of the feed's vulnerabilities; as readSources for sources that cannot be read. */
export async function readAssessments(
  inputs: readonly BuildInput<AssessmentSource>[],
  details: Details,
  options: Options,
): Promise<AssessmentReading[]> {
  const readings: AssessmentReading[] = [];
  for (const input of inputs) readings.push(await readOne(input, details, options));
  return readings;
}

async function readOne(
  input: BuildInput<AssessmentSource>,
  details: Details,
  options: Options,
): Promise<AssessmentReading> {
  const { source, snapshots, failed } = input;
  const { fallBack, floor, store, progress } = options;
  const collector = new AssessmentCollector(source.id, details);
  if (failed !== undefined && snapshots.length === 0) return { input, collector };
  try {
    const step = `reading ${source.name}`;
    progress(step);
    noteInputs(snapshots, collector.ledger);
    await source.read(snapshots, withReadProgress(store, step, progress), collector);
    const standing = floor && standingOf(source, collector, snapshots, floor.tool);
    if (floor && standing && failed === undefined) requireFloor(standing, source, floor);
    return { input, collector, standing };
  } catch (error) {
    if (!fallBack || !isSourceFault(error)) throw error;
    // Not even the last good snapshots can be read.
    const instead = failed === undefined ? await fallBack(source, error) : { ...input, snapshots: [] };
    return readOne(instead, details, options);
  }
}

import { judges } from '../../distros/judges.ts';
import { assessmentSources } from '../../enrichment/index.ts';
import type { BuildInput } from '../../feed/inputs.ts';
import { type ErrorCode, ScapfeedError } from '../../model/index.ts';
import type { AssessmentSource } from '../../sources/contract.ts';

/** The sources of ratings that a build reads. */
export interface ChosenRatings {
  assessing: readonly AssessmentSource[];
  /** They were not named: a mirror need not have them. */
  areImplied: boolean;
}

/**
 * The sources of ratings among those that are asked for. Where only distributions are named, and one of them rates few flaws or none,
 * all are read: without them no flaw of it has a severity. `asked`: undefined for all sources.
 */
export function chosenRatings(asked: readonly string[] | undefined, wantsRatings = true): ChosenRatings {
  if (!wantsRatings) return { assessing: [], areImplied: false };
  if (asked === undefined) return { assessing: assessmentSources, areImplied: false };
  const named = assessmentSources.filter(({ id }) => asked.includes(id));
  const areImplied = named.length === 0 && judges.some(({ id, rates }) => asked.includes(id) && !rates);
  return { assessing: areImplied ? assessmentSources : named, areImplied };
}

/**
 * Refuses sources of ratings that are named and left out at once. `asked`: the sources as they were given; `option`: what leaves
 * ratings out, in the caller's words.
 * @throws {ScapfeedError} USAGE
 */
export function requireNoneNamed(asked: readonly string[] | undefined, option: string): void {
  const named = assessmentSources.filter(({ id }) => asked?.includes(id)).map(({ id }) => id);
  if (asked === undefined || named.length === 0) return;
  const others = asked.filter((id) => !named.includes(id));
  throw new ScapfeedError({
    code: 'USAGE',
    message: `${option}, and --source ${named.join(',')}`,
    remedy: `use --source ${asked.join(',')} without ${option}, which reads no other ratings; or ${option} with --source ${others.join(',')}`,
  });
}

const nothingThere: ReadonlySet<string> = new Set([
  'FETCH_NOT_FOUND',
  'SNAPSHOT_MISSING',
] satisfies ErrorCode[]);

/** Whether neither the source's documents nor those of an earlier feed are there. */
export function isNotThere({ failed, snapshots }: BuildInput<AssessmentSource>): boolean {
  return failed !== undefined && snapshots.length === 0 && nothingThere.has(failed.code);
}

/** Adds to an error about ratings that were not named the option that leaves them out. `option`: in the caller's words. */
export function withWayOut(error: ScapfeedError, option: string): ScapfeedError {
  const { code, message, where, remedy } = error;
  return new ScapfeedError({
    code,
    message,
    ...(where === undefined ? {} : { where }),
    remedy: `${remedy}; or build without ratings: ${option}`,
    cause: error,
  });
}

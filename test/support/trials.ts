import { execFileSync } from 'node:child_process';
import { project } from './cli.ts';

const asked = process.env['SCAPFEED_TRIALS'];

/** SCAPFEED_TRIALS=all: every trial. Otherwise a run takes a share, which changes from commit to commit. */
export const allTrials: boolean = asked === 'all';

/** The commit's number, or that of SCAPFEED_TRIALS: the same number, the same share. */
export const turn: number = asked === undefined || allTrials ? numberOfTree() : Number(asked);

/** So many of all, evenly spread, the first of them by the commit; in the order given. */
export function share<T>(all: readonly T[], count: number): T[] {
  if (allTrials || count >= all.length) return [...all];
  const places = Array.from(
    { length: count },
    (_, at) => (turn + Math.floor((at * all.length) / count)) % all.length,
  );
  return places.sort((a, b) => a - b).map((place) => all[place]!);
}

/** Numbers of a share of so many trials. */
export function shareOf(total: number, count: number): number[] {
  return share(
    Array.from({ length: total }, (_, at) => at),
    count,
  );
}

/** Without git, or in an archive of the sources: 0. */
function numberOfTree(): number {
  try {
    const tree = execFileSync('git', ['rev-parse', 'HEAD^{tree}'], {
      cwd: project,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number.parseInt(tree.slice(0, 8), 16);
  } catch {
    return 0;
  }
}

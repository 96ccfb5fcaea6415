import type { Queries } from './database.ts';

/** From this share of packages that were judged on, what the planner knows of verdicts is of another fleet. */
const largeShare = 0.2;

/**
 * Updates the planner's statistics of verdicts after a run that made many. A server would update them a minute later, the
 * embedded one never; without it, the news of a night may read all verdicts for each package.
 */
export async function refreshStatistics(queries: Queries, judged: number): Promise<void> {
  const [row] = await queries.query<{ packages: number }>(
    'SELECT count(*)::integer AS packages FROM fleet.packages',
  );
  if (judged < largeShare * row!.packages || judged === 0) return;
  await queries.execute(`
    ANALYZE fleet.verdicts (package, vulnerability, status, severity, exploited, hidden, from_run, to_run, available_run);
    ANALYZE fleet.packages (system, name, source, first_run, judged_run)`);
}

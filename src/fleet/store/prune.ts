import type { Database, Queries } from './database.ts';

/** Limits of what is kept. */
export interface Retention {
  /** Runs before this time are forgotten: what ended before it, and its news. */
  before: Date;
  /** Runs that are kept whatever their age. */
  runs: number;
}

/** The numbers of deleted images, packages, verdicts and runs. */
export interface Pruned {
  images: number;
  packages: number;
  verdicts: number;
  runs: number;
}

/**
 * Forgets images that no name has stood for since a time, packages that no image has, and what ended in runs before it. What
 * holds today is kept. In one transaction.
 */
export async function prune(database: Database, { before, runs }: Retention): Promise<Pruned> {
  return database.transaction(async (queries) => {
    const count = async (statement: string, values: readonly unknown[]) =>
      (await queries.query<{ id: number }>(`${statement} RETURNING 1 AS id`, values)).length;
    const [row] = await queries.query<{ first: number }>(
      `SELECT coalesce(min(id), 0)::integer AS first FROM fleet.runs WHERE state = 'finished' AND (finished >= $1 OR id IN (
         SELECT id FROM fleet.runs WHERE state = 'finished' ORDER BY id DESC LIMIT $2))`,
      [before, runs],
    );
    const first = row!.first;
    await queries.query(
      'DELETE FROM fleet.name_images WHERE until < $1 AND to_run IS NOT NULL AND to_run < $2',
      [before, first],
    );
    const images = await count(
      `DELETE FROM fleet.images WHERE read < $1 AND NOT EXISTS (SELECT FROM fleet.name_images WHERE image = images.id)`,
      [before],
    );
    const packages = await forgetPackages(queries);
    const ended = [first];
    const verdicts = await count('DELETE FROM fleet.verdicts WHERE to_run < $1', ended);
    for (const table of ['uncovered', 'coverage', 'unread', 'profile_results', 'rule_results'])
      await queries.query(`DELETE FROM fleet.${table} WHERE to_run < $1`, ended);
    await queries.query('DELETE FROM fleet.events WHERE run < $1', ended);
    await queries.query('DELETE FROM fleet.deliveries WHERE run < $1', ended);
    await queries.query('DELETE FROM fleet.audit WHERE at < $1', [before]);
    // Views of the store have to be read again.
    await queries.query(
      `INSERT INTO fleet.settings (key, value) VALUES ('pruned', '1')
       ON CONFLICT (key) DO UPDATE SET value = to_jsonb((settings.value #>> '{}')::integer + 1)`,
    );
    await queries.query(
      `INSERT INTO fleet.settings (key, value) VALUES ('pruned-before', to_jsonb($1::integer))
       ON CONFLICT (key) DO UPDATE SET value = to_jsonb(greatest((settings.value #>> '{}')::integer, $1::integer))`,
      ended,
    );
    return { images, packages, verdicts, runs: await forgetRuns(count, first) };
  });
}

/**
 * Removes packages of no image, together with their verdicts. Waits for packages that are being judged, whose rows are locked.
 */
async function forgetPackages(queries: Queries): Promise<number> {
  const gone = await queries.query<{ id: number }>(
    `DELETE FROM fleet.packages WHERE NOT EXISTS (SELECT FROM fleet.images WHERE packages @> ARRAY[packages.id]) RETURNING id`,
  );
  const ids = [gone.map(({ id }) => id)];
  await queries.query('DELETE FROM fleet.verdicts WHERE package = ANY($1::integer[])', ids);
  await queries.query('DELETE FROM fleet.uncovered WHERE package = ANY($1::integer[])', ids);
  return gone.length;
}

/** Runs that no interval names. Those that are named are the history of what still holds. */
function forgetRuns(
  count: (statement: string, values: readonly unknown[]) => Promise<number>,
  first: number,
): Promise<number> {
  const named = ['verdicts', 'uncovered', 'coverage', 'unread', 'profile_results', 'rule_results'].map(
    (table) => `AND NOT EXISTS (SELECT FROM fleet.${table} WHERE from_run = runs.id OR to_run = runs.id)`,
  );
  const since =
    'AND NOT EXISTS (SELECT FROM fleet.verdicts WHERE to_run IS NULL AND available_run = runs.id)';
  return count(`DELETE FROM fleet.runs WHERE id < $1 AND state <> 'open' ${named.join(' ')} ${since}`, [
    first,
  ]);
}

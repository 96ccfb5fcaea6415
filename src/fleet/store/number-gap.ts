import type { Queries } from './database.ts';

/**
 * The next row of a table has the number after the newest one. PostgreSQL reserves 32 numbers at once, and forgets those that were not
 * used when it is killed. The caller is the only one who adds rows, and the newest row is never deleted.
 */
export async function closeNumberGap(queries: Queries, table: 'runs' | 'waivers'): Promise<void> {
  await queries.query(
    `SELECT setval(pg_get_serial_sequence('fleet.${table}', 'id'), coalesce(max(id), 0) + 1, false) FROM fleet.${table}`,
  );
}

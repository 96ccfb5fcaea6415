import { ecosystemIds } from '../../model/inventory/index.ts';
import type { Queries } from './database.ts';
import { storable } from './json.ts';

/**
 * The flaws, by their ids in order, that a record about packages of languages states (`GHSA-…`, `PYSEC-…`). `upTo`: that it has stated up
 * to a run; absent: states now.
 */
export async function flawsOfRecord(queries: Queries, id: string, upTo?: number): Promise<string[]> {
  const rows = await queries.query<{ vulnerability: string }>(
    `SELECT DISTINCT vulnerability FROM fleet.verdicts JOIN fleet.packages ON packages.id = package
     WHERE ${upTo === undefined ? 'to_run IS NULL' : 'from_run <= $3'} AND type = ANY($2::text[]) AND $1 = ANY(advisories) ORDER BY vulnerability`,
    [storable(id), [...ecosystemIds], ...(upTo === undefined ? [] : [upTo])],
  );
  return rows.map(({ vulnerability }) => vulnerability);
}

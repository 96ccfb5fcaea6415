import { type FlawCounts, type Severity, severities } from '../../model/index.ts';
import { type FlawVerdict, flawColumns, flawKey, isOpenFlaw } from '../news/flaws.ts';
import type { Queries } from './database.ts';
import { json } from './json.ts';

/** What the counts of images need to know of a package. */
interface PackageFlaws {
  flaws: { key: number; severity: Severity; exploited: boolean; fixable: boolean }[];
  uncovered: boolean;
}

/** Images that are counted at once: their lists of packages are in memory. */
const imagesAtOnce = 500;

/** Counts the flaws of every image anew that could have others than before; what is waived is counted apart after that. */
export async function refreshCounts(queries: Queries, run: number): Promise<void> {
  let packages: Map<number, PackageFlaws> | undefined;
  for (let after = 0; ; ) {
    const images = await queries.query<{ id: number; packages: number[] }>(
      `SELECT id, packages FROM fleet.images WHERE id > $1 AND (counts IS NULL OR packages && ARRAY(
         SELECT id FROM fleet.packages WHERE judged_run = $2)) ORDER BY id LIMIT ${imagesAtOnce}`,
      [after, run],
    );
    if (images.length === 0) return;
    after = images.at(-1)!.id;
    packages ??= await packageFlaws(queries);
    const known = packages;
    const rows = images.map((image) => ({ id: image.id, counts: countsOf(image.packages, known) }));
    await queries.query(
      `UPDATE fleet.images SET found = given.counts, counts = given.counts, counts_run = $2
       FROM jsonb_to_recordset($1::jsonb) AS given (id integer, counts jsonb) WHERE images.id = given.id`,
      [json(rows), run],
    );
  }
}

async function packageFlaws(queries: Queries): Promise<Map<number, PackageFlaws>> {
  const found = new Map<number, PackageFlaws>();
  const keys = new Map<string, number>();
  const of = (number: number): PackageFlaws => {
    const known = found.get(number) ?? { flaws: [], uncovered: false };
    found.set(number, known);
    return known;
  };
  const rows = await queries.query<FlawVerdict>(
    `SELECT ${flawColumns}
     FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     WHERE to_run IS NULL AND status = 'affected' AND hidden IS NULL`,
  );
  for (const row of rows) {
    if (!isOpenFlaw(row)) continue;
    const text = flawKey(row);
    const key = keys.get(text) ?? keys.size;
    keys.set(text, key);
    const { exploited, fix_state: state } = row;
    of(row.package).flaws.push({
      key,
      severity: row.severity as Severity,
      exploited,
      fixable: state === 'available',
    });
  }
  const uncovered = await queries.query<{ package: number }>(
    'SELECT package FROM fleet.uncovered WHERE to_run IS NULL',
  );
  for (const row of uncovered) of(row.package).uncovered = true;
  return found;
}

function countsOf(packages: readonly number[], known: ReadonlyMap<number, PackageFlaws>): FlawCounts {
  const flaws = Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>;
  const counts: FlawCounts = { flaws, exploited: 0, fixable: 0, uncovered: 0, waived: 0 };
  const seen = new Set<number>();
  for (const number of packages) {
    const found = known.get(number);
    if (!found) continue;
    if (found.uncovered) counts.uncovered += 1;
    for (const { key, severity, exploited, fixable } of found.flaws) {
      if (seen.has(key)) continue;
      seen.add(key);
      flaws[severity] += 1;
      if (exploited) counts.exploited += 1;
      if (fixable) counts.fixable += 1;
    }
  }
  return counts;
}

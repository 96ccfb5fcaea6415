import type { Waiver } from '../../model/fleet/index.ts';
import { flawKey } from '../../model/verdict/index.ts';
import { waiverColumns } from '../waivers/acting-waivers.ts';
import { namedFlaws } from '../waivers/waived-flaws.ts';
import type { Queries } from './database.ts';
import { json } from './json.ts';

interface PackageFlaw {
  package: number;
  vulnerability: string;
}

const keyOf = ({ package: id, vulnerability }: PackageFlaw) => json([id, vulnerability]);

/** When the first run began in which packages had open flaws, as far as runs are kept. The result asks for one of them. */
export async function firstSeen(
  queries: Queries,
  flaws: readonly PackageFlaw[],
): Promise<(flaw: PackageFlaw) => Date | null> {
  const rows = await queries.query<PackageFlaw & { started: Date }>(
    `SELECT package, vulnerability, min(started) AS started FROM fleet.verdicts JOIN fleet.runs ON runs.id = from_run
     WHERE vulnerability = ANY($1::text[]) AND package = ANY($2::integer[]) AND status = 'affected' AND hidden IS NULL
     GROUP BY package, vulnerability`,
    [[...new Set(flaws.map((each) => each.vulnerability))], [...new Set(flaws.map((each) => each.package))]],
  );
  const known = new Map(rows.map((row) => [keyOf(row), row.started]));
  return (flaw) => known.get(keyOf(flaw)) ?? null;
}

/** Images with an unwaived flaw that has been fixable since a run started at or before a time. */
export async function imagesWithOldFix(queries: Queries, until: Date): Promise<Set<number>> {
  const waivers = await countedWaivers(queries);
  const named = [...new Set(waivers.flatMap(({ vulnerability }) => vulnerability ?? []))];
  const due = `FROM fleet.verdicts WHERE to_run IS NULL
    AND available_run IN (SELECT id FROM fleet.runs WHERE started <= $1)`;
  const rows = await queries.query<{ id: number }>(
    `SELECT id FROM fleet.images WHERE packages && ARRAY(SELECT DISTINCT package ${due} AND NOT vulnerability = ANY($2::text[]))`,
    [until, named],
  );
  const found = new Set(rows.map(({ id }) => id));
  if (named.length === 0) return found;
  const old = await queries.query<PackageFlaw>(
    `SELECT DISTINCT package, vulnerability ${due} AND vulnerability = ANY($2::text[])`,
    [until, named],
  );
  const isOld = new Set(old.map(keyOf));
  const flaws = new Map<string, { image: number; isWaived: boolean; isDue: boolean }>();
  for (const { verdict, image, waivers: by } of await namedFlaws(queries, waivers)) {
    const key = json([image, flawKey(verdict)]);
    const known = flaws.get(key);
    flaws.set(key, {
      image,
      isWaived: by.length > 0 && (known?.isWaived ?? true),
      isDue: isOld.has(keyOf(verdict)) || known?.isDue === true,
    });
  }
  for (const { image, isWaived, isDue } of flaws.values()) if (isDue && !isWaived) found.add(image);
  return found;
}

/** Those by which flaws were counted last (`refreshWaived`). */
export function countedWaivers(queries: Queries): Promise<Waiver[]> {
  return queries.query<Waiver>(
    `SELECT ${waiverColumns} FROM fleet.waivers
     WHERE id IN (SELECT jsonb_array_elements_text(value)::integer FROM fleet.settings WHERE key = 'waivers') ORDER BY id`,
  );
}

import { knownCounts, type ListedImage, type SlaRules } from '../../model/fleet/index.ts';
import { grouped } from '../../model/order.ts';
import { flawKey } from '../../model/verdict/index.ts';
import { type FlawVerdict, flawColumns } from '../news/flaws.ts';
import { watchedImages } from '../news/watched.ts';
import { namedFlaws } from '../waivers/waived-flaws.ts';
import type { Queries } from './database.ts';
import { countedWaivers } from './flaw-times.ts';
import { json } from './json.ts';
import { lastRun } from './runs.ts';

/** The rules that the fleet keeps; undefined: none. */
export async function slaRules(queries: Queries): Promise<SlaRules | undefined> {
  const [row] = await queries.query<{ value: SlaRules | null }>(
    `SELECT value FROM fleet.settings WHERE key = 'sla'`,
  );
  return row?.value ?? undefined;
}

/** Keeps rules in place of those before; undefined: from now on, none. */
export async function keepSlaRules(queries: Queries, rules: SlaRules | undefined): Promise<void> {
  await keepSetting(queries, 'sla', rules ?? null);
}

/** The rules and the day (UTC) by which a run reported overdue flaws. */
export interface ReportedSla {
  rules: SlaRules;
  day: string;
}

export async function reportedSla(queries: Queries): Promise<ReportedSla | undefined> {
  const [row] = await queries.query<{ value: ReportedSla | null }>(
    `SELECT value FROM fleet.settings WHERE key = 'sla-told'`,
  );
  return row?.value ?? undefined;
}

export async function keepReportedSla(queries: Queries, reported: ReportedSla | undefined): Promise<void> {
  await keepSetting(queries, 'sla-told', reported ?? null);
}

async function keepSetting(queries: Queries, key: string, value: object | null): Promise<void> {
  await queries.query(
    'INSERT INTO fleet.settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    [key, json(value)],
  );
}

const openAt = (run: string) => {
  const open = `SELECT * FROM fleet.verdicts WHERE status = 'affected' AND hidden IS NULL AND from_run <= ${run}`;
  return `(${open} AND to_run IS NULL UNION ALL ${open} AND to_run > ${run})`;
};

/**
 * The open flaws of packages that have a last day by the rules ($1), at the end of a run ($2): as `lastDayOf`, which is for a single
 * flaw. Each has `due`.
 */
function dueFlaws({ from }: SlaRules): string {
  const seen = `JOIN (SELECT package, vulnerability, min(from_run) AS first FROM fleet.verdicts
    WHERE status = 'affected' AND hidden IS NULL GROUP BY package, vulnerability) AS was USING (package, vulnerability)`;
  return `(SELECT open.*, (started AT TIME ZONE 'UTC')::date + least(($1::jsonb->>severity)::integer,
      CASE WHEN exploited THEN ($1::jsonb->>'exploited')::integer END) AS due
    FROM ${openAt('$2::integer')} AS open ${from === 'seen' ? seen : ''}
    JOIN fleet.runs ON runs.id = ${from === 'seen' ? 'first' : 'available_run'})`;
}

const dayText = (date: string) => `to_char(${date}, 'YYYY-MM-DD')`;

/** The flaws of an image by the SLA, without waived ones. */
export interface ImageDue {
  /** Their number: each once. */
  overdue: number;
  /** The earliest last day. */
  due: string;
}

/**
 * Watched images that have a flaw with a last day, by their numbers, at the end of the last run. `day`: today (UTC). Undefined: no SLA
 * is kept.
 */
export async function imagesDue(
  queries: Queries,
  day: string,
): Promise<ReadonlyMap<number, ImageDue> | undefined> {
  const rules = await slaRules(queries);
  if (!rules) return undefined;
  const run = (await lastRun(queries)) ?? 0;
  const waivers = await countedWaivers(queries);
  const named = [...new Set(waivers.flatMap(({ vulnerability }) => vulnerability ?? []))];
  const found = await sharedDue(
    queries,
    `FROM ${dueFlaws(rules)} AS flaws WHERE due IS NOT NULL AND NOT vulnerability = ANY($3::text[])`,
    [...[json(rules.days), run, named, day]],
  );
  if (named.length === 0) return found;
  const days = await queries.query<{ package: number; vulnerability: string; due: string }>(
    `SELECT package, vulnerability, ${dayText('due')} AS due FROM ${dueFlaws(rules)} AS flaws
     WHERE due IS NOT NULL AND vulnerability = ANY($3::text[])`,
    [json(rules.days), run, named],
  );
  const lastDays = new Map(days.map((row) => [json([row.package, row.vulnerability]), row.due]));
  const flaws = new Map<string, { image: number; isWaived: boolean; due: string | undefined }>();
  for (const { verdict, image, waivers: by } of await namedFlaws(queries, waivers)) {
    const key = json([image, flawKey(verdict)]);
    const known = flaws.get(key);
    flaws.set(key, {
      image,
      isWaived: by.length > 0 && (known?.isWaived ?? true),
      due: earlier(known?.due, lastDays.get(json([verdict.package, verdict.vulnerability]))),
    });
  }
  for (const { image, isWaived, due } of flaws.values()) {
    if (isWaived || due === undefined) continue;
    addDue(found, image, { overdue: due < day ? 1 : 0, due });
  }
  return found;
}

/** Overdue flaws of the watched images, without waived ones. A flaw counts once per image. */
export interface FleetDue {
  /** Images with an overdue flaw, and these flaws. */
  images: number;
  overdue: number;
  /** Flaws that time counts for, each once in the fleet, and those of them without a day because nobody has rated them. */
  flaws: number;
  unrated: number;
}

/** Undefined: no SLA is kept. `day`: today (UTC). */
export async function fleetDue(queries: Queries, day: string): Promise<FleetDue | undefined> {
  const rules = await slaRules(queries);
  const due = await imagesDue(queries, day);
  if (!rules || !due) return undefined;
  const late = [...due.values()].filter(({ overdue }) => overdue > 0);
  const waivers = await countedWaivers(queries);
  const open = new Set<string>();
  for (const { verdict, waivers: by } of await namedFlaws(queries, waivers))
    if (by.length === 0) open.add(flawKey(verdict));
  const named = new Set(waivers.flatMap(({ vulnerability }) => vulnerability ?? []));
  const rows = await queries.query<{ vulnerability: string; source: string; unrated: boolean }>(
    `SELECT vulnerability, source, bool_and(severity = 'unknown' AND NOT ($1::jsonb ? 'unknown')
       AND NOT (exploited AND $1::jsonb ? 'exploited')) AS unrated
     FROM fleet.verdicts JOIN fleet.packages ON packages.id = package
     WHERE to_run IS NULL AND status = 'affected' AND hidden IS NULL ${rules.from === 'fix' ? 'AND available_run IS NOT NULL' : ''}
       AND package IN (SELECT unnest(packages) FROM fleet.images WHERE id IN (${watchedImages}))
     GROUP BY vulnerability, source`,
    [json(rules.days)],
  );
  const counted = rows.filter((row) => !named.has(row.vulnerability) || open.has(flawKey(row)));
  return {
    images: late.length,
    overdue: late.reduce((sum, { overdue }) => sum + overdue, 0),
    flaws: counted.length,
    unrated: counted.filter(({ unrated }) => unrated).length,
  };
}

/**
 * The flaws of images by a query that has `package`, `vulnerability` and `due` of each; $4 is today. Images share packages: a source of
 * which an image has one package counts what that package has. Only where it has several, a flaw may be in more than one of them: these
 * sets, which images share too, are counted by the database.
 */
async function sharedDue(
  queries: Queries,
  from: string,
  values: readonly unknown[],
): Promise<Map<number, ImageDue>> {
  const rows = await queries.query<ImageDue & { package: number; source: string }>(
    `SELECT package, source, overdue, due FROM (
       SELECT package, count(DISTINCT vulnerability) FILTER (WHERE due < $4::date)::integer AS overdue, ${dayText('min(due)')} AS due ${from} GROUP BY package
     ) AS counted JOIN fleet.packages ON packages.id = package`,
    values,
  );
  const found = new Map<number, ImageDue>();
  if (rows.length === 0) return found;
  const late = new Map(rows.map((row) => [row.package, row]));
  const sets = new Map<string, { packages: number[]; images: number[] }>();
  const watched = await queries.query<{ image: number }>(watchedImages);
  for (let at = 0; at < watched.length; at += imagesAtOnce) {
    const images = await queries.query<{ id: number; packages: number[] }>(
      // As JSON, which is read faster than an array.
      'SELECT id, to_json(packages) AS packages FROM fleet.images WHERE id = ANY($1::integer[])',
      [watched.slice(at, at + imagesAtOnce).map(({ image }) => image)],
    );
    for (const { id, packages } of images) {
      const bySource = grouped(
        packages.flatMap((number) => late.get(number) ?? []),
        ({ source }) => source,
      );
      for (const own of bySource.values()) {
        const [first] = own;
        if (own.length === 1) addDue(found, id, first!);
        else {
          const numbers = own.map((each) => each.package).sort((a, b) => a - b);
          const key = numbers.join();
          const known = sets.get(key) ?? { packages: numbers, images: [] };
          sets.set(key, known);
          known.images.push(id);
        }
      }
    }
  }
  if (sets.size === 0) return found;
  const several = [...sets.values()];
  const counted = await queries.query<ImageDue & { at: number }>(
    `WITH sets AS MATERIALIZED (SELECT (at - 1)::integer AS at, package::integer FROM jsonb_array_elements($5::jsonb) WITH ORDINALITY AS each (packages, at),
       jsonb_array_elements_text(packages) AS package),
     days AS MATERIALIZED (SELECT package, vulnerability, due ${from} AND package IN (SELECT package FROM sets))
     SELECT at, count(*) FILTER (WHERE due < $4::date)::integer AS overdue, ${dayText('min(due)')} AS due FROM (
       SELECT at, min(due) AS due FROM sets JOIN days USING (package) GROUP BY at, vulnerability) AS flaws GROUP BY at`,
    [...values, json(several.map(({ packages }) => packages))],
  );
  for (const { at, ...row } of counted) for (const image of several[at]!.images) addDue(found, image, row);
  return found;
}

const imagesAtOnce = 500;

function addDue(found: Map<number, ImageDue>, image: number, { overdue, due }: ImageDue): void {
  const known = found.get(image);
  if (known) {
    known.overdue += overdue;
    known.due = earlier(known.due, due)!;
  } else found.set(image, { overdue, due });
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

/** The SLA columns of an image in lists. Where nothing is judged, they are null, not zero. */
export function dueOf(
  row: Pick<ListedImage, 'counts' | 'platform'>,
  image: number | null,
  due: ReadonlyMap<number, ImageDue> | undefined,
): Pick<ListedImage, 'overdue' | 'due'> {
  if (!due || image === null || knownCounts(row) === null) return { overdue: null, due: null };
  const own = due.get(image);
  return { overdue: own?.overdue ?? 0, due: own?.due ?? null };
}

/** A flaw of a package whose last day is over. */
export type OverdueFlaw = FlawVerdict & { due: string };

/** Open flaws whose last day was over on a day, at the end of a run, by package. */
export function overdueFlaws(
  queries: Queries,
  { rules, day }: ReportedSla,
  run: number,
): Promise<OverdueFlaw[]> {
  return queries.query<OverdueFlaw>(
    `SELECT ${flawColumns}, ${dayText('due')} AS due FROM ${dueFlaws(rules)} AS verdicts
     JOIN fleet.packages ON packages.id = verdicts.package WHERE due < $3::date ORDER BY verdicts.id`,
    [json(rules.days), run, day],
  );
}

import { type Severity, severities } from '../../model/feed/index.ts';
import { gapsOfImage, type ImageState, imageStates, knownCounts } from '../../model/fleet/index.ts';
import { openGaps } from '../../model/verdict/index.ts';
import type { Queries } from './database.ts';
import { type NameRow, nameRows } from './name-rows.ts';

/** Totals of the whole fleet after a run; the row of numbers that a trend is made of. */
export interface FleetTotals {
  /** Names by what is known of them. */
  names: Record<ImageState, number>;
  /** Judged names that a scan would end with 4 for, whatever is allowed; and unless packages without data are. */
  open: { always: number; withoutData: number };
  /** Images that a platform judges; the flaws are theirs, each counted in every image that has it. */
  images: number;
  flaws: Record<Severity, number>;
  exploited: number;
  fixable: number;
  /** Waived flaws: they are in none of the other numbers. */
  waived: number;
  /**
   * Packages of these images of which not all is known, each counted in every image that has it: flaws that are not listed any more may
   * still be in them. Absent: of a scapfeed that did not count them.
   */
  unjudged?: number;
  /** The flaw of each severity whose fix could have been installed for the longest time; none of them twice. */
  oldest: readonly OldestFlaw[];
}

export interface OldestFlaw {
  severity: Severity;
  vulnerability: string;
  source: string;
  /** Since the run that began then, ISO 8601. */
  since: string;
}

export async function fleetTotals(queries: Queries): Promise<FleetTotals> {
  return { ...totalsOf(await nameRows(queries)), oldest: await oldestFlaws(queries) };
}

/** Names of which not everything is known: the flaws of their images are not all counted. */
export function notInFull({ names }: Pick<FleetTotals, 'names'>): number {
  return imageStates.reduce((sum, state) => sum + (state === 'judged' ? 0 : names[state]), 0);
}

/** Totals of names; an image that several of them stand for counts once. */
export function totalsOf(names: readonly NameRow[]): Omit<FleetTotals, 'oldest'> {
  const byStanding = Object.fromEntries(imageStates.map((each) => [each, 0])) as Record<ImageState, number>;
  const flaws = Object.fromEntries(severities.map((each) => [each, 0])) as Record<Severity, number>;
  const open = { always: 0, withoutData: 0 };
  const totals = {
    names: byStanding,
    open,
    images: 0,
    flaws,
    exploited: 0,
    fixable: 0,
    waived: 0,
    unjudged: 0,
  };
  const seen = new Set<number>();
  for (const row of names) {
    byStanding[row.state] += 1;
    const { image } = row;
    const counts = knownCounts(row);
    if (counts && row.unread === null) {
      const gaps = gapsOfImage(row);
      if (openGaps(gaps, true).length > 0) open.always += 1;
      else if (openGaps(gaps, false).length > 0) open.withoutData += 1;
    }
    if (image === null || !counts || seen.has(image)) continue;
    seen.add(image);
    totals.images += 1;
    totals.exploited += counts.exploited;
    totals.fixable += counts.fixable;
    totals.waived += counts.waived;
    totals.unjudged += counts.uncovered;
    for (const severity of severities) flaws[severity] += counts.flaws[severity];
  }
  return totals;
}

/**
 * Flaws in the order in which their fixes became available, up to the first one in a watched image. Packages that only former images
 * have are passed over.
 */
async function oldestFlaws(queries: Queries): Promise<OldestFlaw[]> {
  const found: OldestFlaw[] = [];
  for (const severity of severities.toReversed()) {
    const [row] = await queries.query<{ vulnerability: string; source: string; started: Date }>(
      `SELECT vulnerability, source, (SELECT started FROM fleet.runs WHERE id = available_run) AS started FROM (
         SELECT package, vulnerability, source, available_run
         FROM fleet.verdicts JOIN fleet.packages ON packages.id = package
         WHERE to_run IS NULL AND available_run IS NOT NULL AND severity = $1
           AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS worse (vulnerability, source)
             WHERE worse.vulnerability = verdicts.vulnerability AND worse.source = packages.source)
         ORDER BY available_run, vulnerability COLLATE "C", source COLLATE "C" OFFSET 0) AS flaws
       CROSS JOIN LATERAL (SELECT FROM fleet.images WHERE packages @> ARRAY[package] AND EXISTS (
         SELECT FROM fleet.name_images JOIN fleet.names ON names.id = name
         WHERE image = images.id AND until IS NULL AND removed IS NULL) LIMIT 1) AS watched
       ORDER BY available_run, vulnerability COLLATE "C", source COLLATE "C" LIMIT 1`,
      [severity, found.map(({ vulnerability }) => vulnerability), found.map(({ source }) => source)],
    );
    if (!row) continue;
    const { vulnerability, source, started } = row;
    found.push({ severity, vulnerability, source, since: started.toISOString() });
  }
  return found;
}

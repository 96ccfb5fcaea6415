import { daysOld } from '../model/data-date.ts';
import { ScapfeedError } from '../model/error.ts';
import { isPastEndOfLife } from '../model/feed/index.ts';
import type { FetchedSource, Source } from '../sources/contract.ts';
import type { KeptFeed, SourceStanding } from '../sources/kept-feeds.ts';
import type { AssessmentCollector, Collector } from './compile/index.ts';

/** Row counts and dates that newer data must not fall behind. */
export interface Floor {
  /** Those of each source in the last feed that was built from it, by its id. */
  last: ReadonlyMap<string, SourceStanding>;
  /** This version of the program. */
  tool: string;
  now: Date;
}

/** Share of the last good rows that must be there. Vendors withdraw single ones. */
const leastShare = 0.9;

/** Fewer rows have no floor: a release that begins has few, and changes them. */
const leastRows = 200;

/**
 * By the newest feed of each source, which is the one that `lastGoodInput` falls back to. A date ahead of `now` is none: everything
 * would be older for as long, so the date before it counts.
 */
export function floorOf(feeds: readonly KeptFeed[], tool: string, now: Date): Floor {
  const last = new Map<string, SourceStanding>();
  for (const { standings } of feeds.toReversed()) {
    for (const [source, { dates, ...standing }] of Object.entries(standings ?? {})) {
      const before = last.get(source)?.dates ?? {};
      const credible = Object.entries(dates).flatMap(([id, date]) => {
        const counted = daysOld(date, now) < 0 ? before[id] : date;
        return counted === undefined ? [] : [[id, counted] as const];
      });
      last.set(source, { ...standing, dates: Object.fromEntries(credible) });
    }
  }
  return { last, tool, now };
}

/** Row counts and dates of a source after it was read from these inputs; undefined: digests or signatures vouch for it. */
export function standingOf(
  { id, unsealed }: FetchedSource,
  collector: Collector | AssessmentCollector,
  inputs: readonly { id: string }[],
  tool: string,
): SourceStanding | undefined {
  if (!unsealed) return undefined;
  const rows =
    'rowsByPlatform' in collector ? collector.rowsByPlatform() : { [id]: collector.ledger.records };
  const dates = inputs.flatMap((input) => {
    const date = collector.notes.dateOf(input.id);
    return date === undefined ? [] : [[input.id, date] as const];
  });
  return { tool, rows, dates: Object.fromEntries(dates) };
}

/**
 * Refuses data of which only the server's TLS vouches, if it has receded from the last good one: a document is older, a supported
 * platform has no data any more, or far fewer rows. Without a last feed nothing is compared; numbers of rows only if the same version of
 * this program counted them.
 * @throws {ScapfeedError} SOURCE_RECEDED
 */
export function requireFloor(
  standing: SourceStanding,
  { id: source, platforms }: Pick<Source, 'id' | 'platforms'>,
  floor: Floor,
): void {
  const last = floor.last.get(source);
  if (!last) return;
  const older = Object.entries(standing.dates).find(
    ([id, date]) => Date.parse(date) < Date.parse(last.dates[id] ?? date),
  );
  if (older) throw receded(source, `${older[0]} is of ${older[1]}, and was of ${last.dates[older[0]]}`);
  const gone = platforms?.find(
    (platform) =>
      standing.rows[platform.id] === undefined &&
      last.rows[platform.id] &&
      !isPastEndOfLife(platform, floor.now),
  );
  if (gone) throw receded(source, `${gone.id} has no data, and had ${last.rows[gone.id]} rows`);
  if (standing.tool !== last.tool) return;
  const fewer = Object.entries(standing.rows).find(([id, rows]) => {
    const before = last.rows[id] ?? 0;
    return before >= leastRows && rows < before * leastShare;
  });
  if (fewer) {
    const [of, rows] = fewer;
    const least = `at least ${leastShare * 100} % are expected`;
    throw receded(source, `${of} has ${rows} rows, and had ${last.rows[of]}; ${least}`);
  }
}

function receded(where: string, message: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_RECEDED',
    message,
    where,
    remedy:
      'compare it with what the vendor serves, as nothing but its server vouches for it; if the vendor has withdrawn that much, build ' +
      'with a new folder of snapshots (--snapshots DIR), where there is nothing to compare',
  });
}

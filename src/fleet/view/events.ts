import { type NewsCause, type NewsKind, newsCauses, newsKinds } from '../../model/fleet/index.ts';
import type { FleetView, ViewPart } from './fleet-view.ts';

/** A piece of news as the store has it; of its images the first, by number. */
export interface KeptEvent {
  id: number;
  run: number;
  finished: Date;
  kind: NewsKind;
  cause: NewsCause;
  vulnerability: string | null;
  package: string | null;
  platform: string | null;
  severity: string | null;
  exploited: boolean;
  before: string | null;
  after: string | null;
  detail: string | null;
  /** Why it is waived. */
  waived: string | null;
  /** The name that it is about, where it is about one. */
  reference: string | null;
  images: number;
  first: number[];
}

/** Limit on the events of one subject on a page; the page states how many are left out. */
export const maxEvents = 2000;

const columns = (
  images: string,
) => `events.id, run, finished, events.kind, cause, vulnerability, package, platform, severity, exploited, before, after, detail,
  (SELECT reference FROM fleet.names WHERE names.id = events.name) AS reference, cardinality(${images}) AS images, (${images})[1:3] AS first,
  (SELECT reason FROM fleet.waivers WHERE waivers.id = events.waiver) AS waived`;

/** The numbers of events that a condition selects, the newest run first, and in a run the most urgent. */
export async function eventNumbers(
  view: FleetView,
  condition: string,
  values: readonly unknown[],
  limit = maxEvents,
): Promise<number[]> {
  const part = await view.part();
  const rows = await view.queries.query<{ numbers: number[] | null }>(
    `SELECT json_agg(id ORDER BY at) AS numbers FROM (
       SELECT events.id, row_number() OVER (ORDER BY run DESC, array_position(ARRAY[${quoted(newsKinds)}], events.kind),
         array_position(ARRAY[${quoted(newsCauses)}], cause), exploited DESC,
         array_position(ARRAY['critical', 'high', 'medium', 'low', 'negligible', 'unknown'], severity),
         vulnerability COLLATE "C" DESC NULLS LAST, package COLLATE "C", platform COLLATE "C",
         before COLLATE "C", after COLLATE "C", events.id) AS at
       FROM fleet.events WHERE (${condition})${part ? ` AND ${inPart(values.length)}` : ''} ORDER BY at LIMIT ${limit}) AS chosen`,
    [...values, ...partValues(part)],
  );
  return rows[0]?.numbers ?? [];
}

/** A condition for events about a name or an image of a part, and about data; its values follow others. */
export function inPart(values: number): string {
  return `CASE WHEN events.name IS NOT NULL THEN events.name = ANY($${values + 1}::integer[])
    ELSE left(events.kind, 5) = 'feed_' OR events.images && $${values + 2}::integer[] END`;
}

export function partValues(part: ViewPart | undefined): readonly unknown[] {
  return part ? [part.names, part.images] : [];
}

/** Events by their numbers, in the order of these. */
export async function eventsOf(view: FleetView, numbers: readonly number[]): Promise<KeptEvent[]> {
  if (numbers.length === 0) return [];
  const part = await view.part();
  const images = part
    ? 'ARRAY(SELECT unnest(images) INTERSECT SELECT unnest($2::integer[]) ORDER BY 1)'
    : 'images';
  const rows = await view.queries.query<KeptEvent>(
    `SELECT ${columns(images)} FROM fleet.events JOIN fleet.runs ON runs.id = run WHERE events.id = ANY($1::integer[])`,
    [numbers, ...(part ? [part.images] : [])],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return numbers.flatMap((number) => found.get(number) ?? []);
}

/** Our own words, none of which has a quote. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}

import { type NewsCause, type NewsKind, newsCauses, newsKinds } from '../../../model/index.ts';
import type { Queries } from '../../store/database.ts';

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

const columns = `events.id, run, finished, events.kind, cause, vulnerability, package, platform, severity, exploited, before, after, detail,
  (SELECT reference FROM fleet.names WHERE names.id = events.name) AS reference, cardinality(images) AS images, images[1:3] AS first,
  (SELECT reason FROM fleet.waivers WHERE waivers.id = events.waiver) AS waived`;

/** The numbers of events that a condition selects, the newest run first, and in a run the most urgent. */
export async function eventNumbers(
  queries: Queries,
  condition: string,
  values: readonly unknown[],
  limit = maxEvents,
): Promise<number[]> {
  const rows = await queries.query<{ numbers: number[] | null }>(
    `SELECT json_agg(id ORDER BY at) AS numbers FROM (
       SELECT events.id, row_number() OVER (ORDER BY run DESC, array_position(ARRAY[${quoted(newsKinds)}], events.kind),
         array_position(ARRAY[${quoted(newsCauses)}], cause), exploited DESC,
         array_position(ARRAY['critical', 'high', 'medium', 'low', 'negligible', 'unknown'], severity),
         vulnerability COLLATE "C" DESC NULLS LAST, package COLLATE "C", platform COLLATE "C",
         before COLLATE "C", after COLLATE "C", events.id) AS at
       FROM fleet.events WHERE ${condition} ORDER BY at LIMIT ${limit}) AS chosen`,
    values,
  );
  return rows[0]?.numbers ?? [];
}

/** Events by their numbers, in the order of these. */
export async function eventsOf(queries: Queries, numbers: readonly number[]): Promise<KeptEvent[]> {
  if (numbers.length === 0) return [];
  const rows = await queries.query<KeptEvent>(
    `SELECT ${columns} FROM fleet.events JOIN fleet.runs ON runs.id = run WHERE events.id = ANY($1::integer[])`,
    [numbers],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return numbers.flatMap((number) => found.get(number) ?? []);
}

/** Our own words, none of which has a quote. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}

import type { Queries } from '../store/database.ts';
import { json } from '../store/json.ts';
import type { FleetEvent } from './events.ts';

export async function keepEvents(
  queries: Queries,
  run: number,
  events: readonly FleetEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await queries.query(
    `INSERT INTO fleet.events (run, kind, cause, vulnerability, package, platform, severity, exploited, before, after, detail,
       name, images, waiver)
     SELECT $1::integer, kind, cause, vulnerability, package, platform, severity, coalesce(exploited, false), before, after,
       detail, name, images, waiver
     FROM jsonb_to_recordset($2::jsonb) AS given (kind text, cause text, vulnerability text, package text, platform text,
       severity text, exploited boolean, before text, after text, detail text, name integer, images integer[], waiver integer)`,
    [run, json(events)],
  );
}

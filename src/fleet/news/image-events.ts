import type { Queries } from '../store/database.ts';
import type { FleetEvent } from './events.ts';
import { EventBook, flawEvents } from './feed-events.ts';
import { type FlawVerdict, flawColumns, flawKey, isOpenFlaw } from './flaws.ts';

/** What changed because names stand for other images than in the last run: they were built again, or are new. */
export async function imageEvents(queries: Queries): Promise<FleetEvent[]> {
  const moves = await queries.query<{ name: number; image: number; former: number | null }>(
    `SELECT now.name, now.image, (SELECT image FROM fleet.name_images AS was
       WHERE was.name = now.name AND was.id < now.id AND was.from_run IS NOT NULL ORDER BY was.id DESC LIMIT 1) AS former
     FROM fleet.name_images AS now WHERE from_run IS NULL AND until IS NULL ORDER BY now.id`,
  );
  const events = new EventBook();
  for (const { name, image, former } of moves) {
    if (former === null) events.add({ kind: 'added', cause: 'image', name, images: [image] });
    else if (former !== image) await rebuilt(queries, former, image, events);
  }
  return events.events();
}

/** Two builds of one name, both by the feed of this run: the difference is the build's. */
async function rebuilt(queries: Queries, former: number, image: number, events: EventBook): Promise<void> {
  const was = await openFlaws(queries, former);
  const is = await openFlaws(queries, image);
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [before, after] = [was.get(key), is.get(key)];
    if (before && after) continue;
    const change = { ...(before && { was: before }), ...(after && { is: after }) };
    for (const event of flawEvents(change, 'image')) {
      const words = event.kind === 'fixed' ? { after: 'no longer in the image, or in a fixed version' } : {};
      events.add({ ...event, ...words, images: [image] });
    }
  }
}

async function openFlaws(queries: Queries, image: number): Promise<Map<string, FlawVerdict>> {
  const rows = await queries.query<FlawVerdict>(
    `SELECT ${flawColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     WHERE verdicts.package = ANY((SELECT packages FROM fleet.images WHERE id = $1)::integer[]) AND to_run IS NULL`,
    [image],
  );
  return new Map(rows.filter(isOpenFlaw).map((row) => [flawKey(row), row]));
}

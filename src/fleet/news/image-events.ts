import { flawKey } from '../../model/verdict/index.ts';
import type { Queries } from '../store/database.ts';
import type { Waivers } from '../waivers/acting-waivers.ts';
import type { FleetEvent } from './events.ts';
import { EventBook, flawEvents } from './feed-events.ts';
import { byStanding, type FlawVerdict, flawColumns, isOpenFlaw } from './flaws.ts';
import { unjudgedAmong } from './unjudged.ts';

/** Changes because names stand for other images than in the last run: they were built again. */
export async function imageEvents(queries: Queries, waivers: Waivers): Promise<FleetEvent[]> {
  const moves = await queries.query<{ image: number; former: number | null }>(
    `SELECT now.image, (SELECT image FROM fleet.name_images AS was
       WHERE was.name = now.name AND was.id < now.id AND was.from_run IS NOT NULL ORDER BY was.id DESC LIMIT 1) AS former
     FROM fleet.name_images AS now WHERE from_run IS NULL AND until IS NULL ORDER BY now.id`,
  );
  const events = new EventBook();
  for (const { image, former } of moves) {
    if (former !== null && former !== image) await rebuilt(queries, [former, image], waivers, events);
  }
  return events.events();
}

/** Two builds of one name, both by the feed of this run: the difference is the build's. */
async function rebuilt(
  queries: Queries,
  [former, image]: readonly [former: number, image: number],
  waivers: Waivers,
  events: EventBook,
): Promise<void> {
  const was = await flawsOf(queries, former);
  const is = await flawsOf(queries, image);
  const unjudged = new Map(
    (await unjudgedAmong(queries, await packagesOf(queries, image))).map(({ source, whole }) => [
      source,
      whole,
    ]),
  );
  // Of a flaw that is in several packages, one that is not waived counts.
  const waiversOf = (flaws: readonly FlawVerdict[]) => {
    const all = flaws.filter(isOpenFlaw).map((flaw) => waivers.ofFlaw(flaw, image));
    return all.every((each) => each.length > 0) ? all.flat() : [];
  };
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [before = [], after = []] = [was.get(key), is.get(key)];
    const [wasOpen, isOpen] = [before, after].map((flaws) => flaws.some(isOpenFlaw));
    if (wasOpen === isOpen) continue;
    const isWhole = after.length > 0 ? undefined : unjudged.get(before[0]!.source);
    if (isWhole === true) continue;
    const change = {
      ...{ ...(before[0] && { was: before[0] }), ...(after[0] && { is: after[0] }) },
      ...(isWhole === false && { lost: true as const }),
    };
    for (const event of flawEvents(change, 'image')) {
      const words = event.kind === 'fixed' ? { after: 'no longer in the image, or in a fixed version' } : {};
      events.addWaivable({ ...event, ...words, images: [image] }, () => waiversOf(isOpen ? after : before));
    }
  }
}

async function packagesOf(queries: Queries, image: number): Promise<readonly number[]> {
  const [row] = await queries.query<{ packages: number[] }>(
    'SELECT packages FROM fleet.images WHERE id = $1',
    [image],
  );
  return row?.packages ?? [];
}

/** The flaws of an image that are open, hidden or not settled; of each the worst verdict first, an open one before others. */
async function flawsOf(queries: Queries, image: number): Promise<Map<string, FlawVerdict[]>> {
  const rows = await queries.query<FlawVerdict>(
    `SELECT ${flawColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     WHERE verdicts.package = ANY((SELECT packages FROM fleet.images WHERE id = $1)::integer[]) AND to_run IS NULL
     ORDER BY verdicts.package, verdicts.id`,
    [image],
  );
  const flaws = new Map<string, FlawVerdict[]>();
  for (const row of rows.sort(byStanding)) {
    const known = flaws.get(flawKey(row));
    if (known) known.push(row);
    else flaws.set(flawKey(row), [row]);
  }
  return flaws;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/fleet/store/open-database.ts';
import { hasPostgres, startPostgres } from '../test/support/postgres.ts';
import { laterFeed } from './later-feed.mjs';
import { keep, night, repeat, sentIn, writeFeed } from './simulated-fleet.mjs';
import { figure, median } from './support.mjs';

/**
 * What a fleet on a server takes after nights in which another 0.5 % of the statements changed each time. SCAPFEED_NIGHTS=365 runs a
 * year of them; fewer tell what each adds.
 */
export async function run({ quick }) {
  if (!hasPostgres()) return [];
  const nights = Number(process.env.SCAPFEED_NIGHTS ?? (quick ? 4 : 12));
  const count = Number(process.env.SCAPFEED_FLEET ?? (quick ? 100 : 10_000));
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-year-'));
  const postgres = await startPostgres();
  try {
    const place = await postgres.newDatabase();
    await keep(place, Math.min(count, sentIn));
    if (count > sentIn) await repeat(place, count / sentIn);
    const first = writeFeed(join(folder, 'feed'), 0);
    return figuresOf(count, await yearOf(place, folder, first, nights));
  } finally {
    postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function yearOf(place, folder, first, nights) {
  const days = [{ ...(await night(place, first)), bytes: await size(place) }];
  let feed = first;
  for (let at = 0; at < nights; at++) {
    // Each statement is changed once in 200 nights, and then changed back.
    const step = Math.floor(at / 200) % 2 === 0 ? 2 : -2;
    const later = laterFeed(feed, folder, at, (fixed) => `${Number.parseInt(fixed, 10) + step}.5`);
    rmSync(feed, { recursive: true });
    feed = later.folder;
    days.push({ ...(await night(place, feed)), bytes: await size(place) });
    if (process.env.SCAPFEED_NIGHTS && at % 10 === 9)
      console.error(`${at + 1} nights, ${megabytes(days.at(-1))} MB`);
  }
  return days;
}

function figuresOf(count, days) {
  const nights = days.length - 1;
  const last = days.at(-1);
  // Room that rows leave when they change is used again from the second night on.
  const perNight = (last.bytes - days[2].bytes) / (nights - 2);
  const name = (what) => `PostgreSQL, ${count} inventories, ${what}`;
  const some = Math.min(10, nights >> 1);
  const [early, late] = [days.slice(1, 1 + some), days.slice(-some)].map((each) =>
    median(each.map(({ cpu, server }) => cpu + server)),
  );
  return [
    figure({
      name: name('kept after the first run'),
      ...{ value: days[0].bytes / 1e6, unit: 'MB', kind: 'absolute' },
    }),
    figure({
      name: name(`kept after ${nights} nights`),
      ...{ value: last.bytes / 1e6, unit: 'MB', target: 2000, kind: 'absolute' },
      note: `${days
        .map(megabytes)
        .filter((_, at) => at % Math.ceil(nights / 12) === 0)
        .join(', ')} MB`,
    }),
    figure({
      name: name('and after a year, by what a night adds'),
      ...{
        value: (last.bytes + Math.max(0, 365 - nights) * perNight) / 1e6,
        unit: 'MB',
        target: 2000,
        kind: 'absolute',
      },
      note: `${(perNight / 1e6).toFixed(2)} MB a night, of ${Math.round(median(days.slice(1).map(({ summary }) => summary.judged)))} packages judged and ${Math.round(median(days.slice(1).map(({ summary }) => summary.events)))} news`,
    }),
    figure({
      name: name(`processor time of one of the last ${some} nights`),
      ...{ value: late, unit: 's', reference: early, referenceName: `the first ${some}`, target: 1.5 },
    }),
  ];
}

function megabytes({ bytes }) {
  return Math.round(bytes / 1e6);
}

/** Of the whole database, after a vacuum, which a server does by itself. */
async function size(place) {
  const database = await openDatabase(place, new Date());
  await database.execute('VACUUM');
  const [row] = await database.query('SELECT pg_database_size(current_database())::float AS bytes');
  await database.close();
  return row.bytes;
}

import { openDatabase } from '../src/fleet/store/open-database.ts';
import { inEachStore } from './fleet-stores.mjs';
import { keep, night, repeat } from './simulated-fleet.mjs';
import { figure } from './support.mjs';

/**
 * The same night for fleets of three sizes that share their packages: what is judged is the same, and what grows is what is written of
 * the images that have it, their counts.
 */
export function run({ quick }) {
  const sizes = (process.env.SCAPFEED_FLEETS ?? (quick ? '100,1000' : '1000,10000,100000'))
    .split(',')
    .map(Number);
  return inEachStore(true, async (store, newPlace, feeds) => {
    const nights = [];
    for (const size of sizes) nights.push(await nightOf(await newPlace(), size, sizes[0], feeds));
    const least = nights[0];
    return nights.flatMap((each, at) => {
      const name = (what) => `${store}, a night of ${sizes[at]} inventories, ${what}`;
      const reference = at === 0 ? {} : { referenceName: `${sizes[0]} inventories`, target: 1.1 };
      return [
        figure({
          name: name('packages judged and rows of verdicts written'),
          ...{ value: each.verdicts, unit: 'rows' },
          ...(at > 0 && { ...reference, reference: least.verdicts }),
          note: `${each.summary.judged} packages judged`,
        }),
        figure({
          name: name('processor time'),
          ...{ value: each.cpu + each.server, unit: 's', kind: 'absolute' },
          note: `${each.cpu.toFixed(1)} s of the run, ${each.server.toFixed(1)} s of the server; ${each.images} images counted anew`,
        }),
        figure({
          name: name('news included, by the clock'),
          ...{ value: each.time, unit: 's', target: 60, kind: 'absolute' },
          note: `${each.first.toFixed(1)} s the first run`,
        }),
        figure({
          name: name('the database'),
          ...{ value: each.bytes / 1e6, unit: 'MB', kind: 'absolute' },
          note: `${(each.bytes / sizes[at] / 1e3).toFixed(1)} kB an inventory`,
        }),
      ];
    });
  });
}

async function nightOf(place, count, kept, [before, after]) {
  await keep(place, kept);
  if (count > kept) await repeat(place, count / kept);
  const first = await night(place, before);
  const changed = await night(place, after);
  return { ...changed, first: first.time, ...(await written(place, changed.summary.run)) };
}

/** What a run wrote: rows of verdicts, and images with other counts; and the room that all takes now. */
async function written(place, run) {
  const database = await openDatabase(place, new Date());
  const [rows] = await database.query(
    `SELECT (SELECT count(*) FROM fleet.verdicts WHERE from_run = $1 OR to_run = $1)::integer AS verdicts,
       (SELECT count(*) FROM fleet.image_counts WHERE run = $1)::integer AS images,
       pg_database_size(current_database())::float AS bytes`,
    [run],
  );
  await database.close();
  return rows;
}

import { inEachStore } from './fleet-stores.mjs';
import { laterFeed } from './later-feed.mjs';
import { keep, night, packagesPerImage, repeat, sentIn } from './simulated-fleet.mjs';
import { figure } from './support.mjs';
import { buildVendorFeed, vendorInventories } from './vendor-fleet.mjs';

/**
 * A fleet of simulated inventories by the feeds of three vendors: its first judging, and a night in which 0.5 % of the feed's
 * statements are others, each with its news. Over two sizes, because a night must cost what changed and not what is kept.
 */
export function run({ quick }) {
  const [small, large] = quick ? [100, 400] : [1000, 10_000];
  const makeFeeds = async (folder) => {
    const first = await buildVendorFeed(folder, quick);
    return [first, laterFeed(first, folder).folder];
  };
  const measure = async (store, newPlace, feeds) => {
    const few = await nightsOf(await newPlace(), small, feeds);
    const many = await nightsOf(await newPlace(), large, feeds);
    const name = (what) => `${store}, ${large} inventories, ${what}`;
    const { judged, packages } = many.changed.summary;
    return [
      figure({ name: name('an inventory is kept in'), value: many.kept, unit: 'ms', kind: 'absolute' }),
      figure({
        name: name('first judging'),
        ...{ value: many.first.time, unit: 's', target: 300, kind: 'absolute' },
        note: processors(many.first),
      }),
      figure({
        name: name('a night with 0.5 % changed statements, news included'),
        ...{ value: many.changed.time, unit: 's', target: 60, kind: 'absolute' },
        note: `${judged} of ${packages} packages judged; ${processors(many.changed)}`,
      }),
      figure({
        name: name('processor time of that night, for each package that is judged'),
        ...{ value: each(many.changed), unit: 'ms' },
        ...{ reference: each(few.changed), referenceName: `${small} inventories` },
        ...{ target: 2, kind: 'ratio' },
      }),
    ];
  };
  return inEachStore(quick, measure, makeFeeds);
}

async function nightsOf(place, count, [before, after]) {
  const started = performance.now();
  const some = Math.min(count, sentIn);
  await keep(place, some, vendorInventories(before, packagesPerImage));
  const kept = (performance.now() - started) / 1000;
  if (count > some) await repeat(place, count / some);
  return {
    kept: (1000 * kept) / some,
    first: await night(place, before),
    changed: await night(place, after),
  };
}

function each({ cpu, server, summary }) {
  return (1000 * (cpu + server)) / summary.judged;
}

function processors({ cpu, server }) {
  const ofServer = server > 0 ? `, ${server.toFixed(1)} s of the server` : '';
  return `${cpu.toFixed(1)} s of processor time${ofServer}`;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPostgres, startPostgres } from '../test/support/postgres.ts';
import { keep, night, writeFeed } from './simulated-fleet.mjs';
import { figure } from './support.mjs';

/**
 * A fleet of simulated inventories: its first judging, and a night in which 0.5 % of the feed's statements are others, each with
 * its news. Over two sizes, because a night must cost what changed and not what is kept.
 */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-fleet-'));
  const feeds = [false, true].map((changed) =>
    writeFeed(join(folder, changed ? 'after' : 'before'), changed),
  );
  const postgres = hasPostgres() ? await startPostgres() : undefined;
  try {
    const stores = [
      ...(postgres ? [['PostgreSQL', () => postgres.newDatabase()]] : []),
      ...(quick && postgres ? [] : [['embedded', async () => mkdtempSync(join(folder, 'store-'))]]),
    ];
    const figures = [];
    for (const [name, newPlace] of stores) figures.push(...(await nights(name, newPlace, feeds, quick)));
    return figures;
  } finally {
    postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function nights(store, newPlace, feeds, quick) {
  const [small, large] = quick ? [100, 400] : [1000, 10_000];
  const few = await nightsOf(await newPlace(), small, feeds);
  const many = await nightsOf(await newPlace(), large, feeds);
  const name = (what, count) => `${store}, ${count} inventories, ${what}`;
  return [
    figure({ name: name('kept', large), value: many.kept, unit: 's', kind: 'absolute' }),
    figure({
      name: name('first judging', large),
      value: many.first,
      unit: 's',
      target: 300,
      kind: 'absolute',
    }),
    figure({
      name: name('a night with 0.5 % changed statements, news included', large),
      ...{ value: many.night, unit: 's', target: 60, kind: 'absolute' },
      note: `${many.judged} of ${many.packages} packages judged`,
    }),
    figure({
      name: name('that night, for each package that is judged', large),
      value: (1000 * many.night) / many.judged,
      unit: 'ms',
      reference: (1000 * few.night) / few.judged,
      referenceName: `${small} inventories`,
      ...{ target: 2, kind: 'ratio' },
    }),
  ];
}

async function nightsOf(place, count, [before, after]) {
  const started = performance.now();
  await keep(place, count);
  const kept = seconds(started);
  const first = await night(place, before);
  const changed = await night(place, after);
  const { judged, packages } = changed.summary;
  return { kept, first: first.time, night: changed.time, judged, packages };
}

function seconds(started) {
  return (performance.now() - started) / 1000;
}

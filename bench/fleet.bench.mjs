import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetTools } from '../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../src/cli/options/feed-choice.ts';
import { readNews } from '../src/fleet/news/read-news.ts';
import { openFleet } from '../src/fleet/open-fleet.ts';
import { runFleet } from '../src/fleet/run.ts';
import { importInventory } from '../src/fleet/store/imports.ts';
import { openDatabase } from '../src/fleet/store/open-database.ts';
import { hasPostgres, startPostgres } from '../test/support/postgres.ts';
import { bookworm, deb, trixie, writeSmallFeed } from '../test/support/small-feed.ts';
import { figure } from './support.mjs';

const packagesPerImage = 300;
const sources = 4000;
const flawsPerSource = 15;
const platforms = [bookworm, trixie];
const options = { judging: { platformMap: [], settings: {} }, profiles: [], receivers: [], signed: false };

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

async function night(place, folder) {
  const feed = openChosenFeed(folder, {});
  const quiet = () => undefined;
  const terminal = {
    out: quiet,
    document: quiet,
    err: console.error,
    progress: quiet,
    color: false,
    links: false,
    env: {},
  };
  const fleet = await openFleet(place, feed, fleetTools('fleet run', {}, terminal));
  try {
    const started = performance.now();
    const summary = await runFleet(fleet, options, { signed: false });
    await readNews(fleet.database, { run: summary.run });
    return { summary, time: seconds(started) };
  } finally {
    await fleet.close();
    feed.close();
  }
}

/** Images of two releases that share most of their packages, in five builds each. */
async function keep(place, count) {
  const now = new Date();
  const database = await openDatabase(place, now);
  const random = randomNumbers(1);
  for (let at = 0; at < count; at += 50) {
    await database.transaction(async (queries) => {
      for (let number = at; number < Math.min(count, at + 50); number++) {
        await importInventory(queries, inventory(number, random), `image${number}`, now, 'bench');
      }
    });
  }
  await database.close();
}

function inventory(number, random) {
  const names = new Set(Array.from({ length: 220 }, (_, at) => at * 3));
  while (names.size < packagesPerImage) names.add(Math.floor(sources * random() ** 3));
  const { version } = platforms[number % 2].os;
  return {
    image: { reference: `image${number}`, digest: `sha256:${number}`, layers: [] },
    os: { id: 'debian', versionId: version, found: '/etc/os-release' },
    databases: [{ kind: 'dpkg', path: '/var/lib/dpkg/status', packages: names.size }],
    packages: [...names].map((name) => deb(`pkg${name}`, `${(name + (number % 5)) % 9}.1`)),
    notes: [],
  };
}

function writeFeed(folder, changed) {
  const statements = Array.from({ length: sources * flawsPerSource }, (_, id) => ({
    vulnerability: `CVE-${2010 + (id % flawsPerSource)}-${10_000 + Math.floor(id / flawsPerSource)}`,
    package: `pkg${Math.floor(id / flawsPerSource)}`,
    status: 'fixed',
    fixed: `${(id % 7) + (changed && id % 200 === 7 ? 2 : 0)}.5`,
    severity: ['low', 'medium', 'high', 'critical'][id % 4],
  }));
  return writeSmallFeed(
    platforms.map((platform) => ({ platform, statements })),
    mkdtempSync(`${folder}-`),
  );
}

function seconds(started) {
  return (performance.now() - started) / 1000;
}

/** The same numbers on every machine. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

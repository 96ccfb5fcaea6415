import { mkdtempSync } from 'node:fs';
import { fleetTools } from '../src/cli/fleet-tools.ts';
import { openChosenFeed } from '../src/cli/options/feed-choice.ts';
import { readNews } from '../src/fleet/news/read-news.ts';
import { openFleet } from '../src/fleet/open-fleet.ts';
import { runFleet } from '../src/fleet/run.ts';
import { importInventory } from '../src/fleet/store/imports.ts';
import { openDatabase } from '../src/fleet/store/open-database.ts';
import { bookworm, deb, trixie, writeSmallFeed } from '../test/support/small-feed.ts';
import { serverTime } from './processor-time.mjs';

export const packagesPerImage = 300;
/** Images that are sent in; a larger fleet is made of these, by `repeat`. */
export const sentIn = 1000;
const sources = 4000;
const flawsPerSource = 15;
const platforms = [bookworm, trixie];
const options = { judging: { platformMap: [] }, profiles: [], receivers: [], signed: false };

/** A run, with the news that it makes. In seconds: `time` by the clock, `cpu` of this process, `server` of the server's. */
export async function night(place, folder) {
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
    const [own, ofServer] = [process.cpuUsage(), serverTime(place)];
    const summary = await runFleet(fleet, options, { signed: false });
    await readNews(fleet.database, { run: summary.run }, 'all');
    const { user, system } = process.cpuUsage(own);
    return {
      summary,
      time: (performance.now() - started) / 1000,
      cpu: (user + system) / 1e6,
      server: serverTime(place) - ofServer,
    };
  } finally {
    await fleet.close();
    feed.close();
  }
}

/** Keeps simulated images: those that `inventoryOf(number, random)` makes. */
export async function keep(place, count, inventoryOf = debianInventory) {
  const now = new Date();
  const database = await openDatabase(place, now);
  const random = randomNumbers(1);
  for (let at = 0; at < count; at += 50) {
    await database.transaction(async (queries) => {
      for (let number = at; number < Math.min(count, at + 50); number++) {
        await importInventory(queries, inventoryOf(number, random), `image${number}`, now, 'bench');
      }
    });
  }
  await database.close();
}

/** Makes `times` as many images of those that are kept, each with names and a digest of its own: for sizes that take hours to send in. */
export async function repeat(place, times) {
  const database = await openDatabase(place, new Date());
  const values = [times];
  await database.transaction(async (queries) => {
    await queries.execute(`CREATE TEMPORARY TABLE more (was integer, k integer, id integer) ON COMMIT DROP`);
    await queries.query(
      `INSERT INTO more SELECT id, k, nextval('fleet.images_id_seq') FROM fleet.images, generate_series(2, $1::integer) AS k`,
      values,
    );
    await queries.execute(`
      INSERT INTO fleet.images (id, digest, kind, architecture, system, packages, installed, gaps, unjudged, labels, read, tool)
        SELECT more.id, digest || ':' || k, kind, architecture, system, packages, installed, gaps, unjudged, labels, read, tool
        FROM more JOIN fleet.images ON images.id = was ORDER BY more.id;
      INSERT INTO fleet.inventories SELECT id, body FROM more JOIN fleet.inventories ON image = was;
      INSERT INTO fleet.watches (kind, place, added)
        SELECT 'import', reference || ':' || k, since FROM more JOIN fleet.name_images ON image = was
        JOIN fleet.names ON names.id = name;
      INSERT INTO fleet.names (watch, reference, added)
        SELECT watches.id, place, watches.added FROM fleet.watches LEFT JOIN fleet.names ON watch = watches.id WHERE watch IS NULL;
      INSERT INTO fleet.name_images (name, image, since)
        SELECT others.id, more.id, since FROM more JOIN fleet.name_images ON image = was JOIN fleet.names ON names.id = name
        JOIN fleet.names AS others ON others.reference = names.reference || ':' || k;
    `);
  });
  await database.close();
}

/** Of two releases, whose images share most of their packages, in five builds each. */
function debianInventory(number, random) {
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

/** Each of `nights` changes another 0.5 % of the statements; after 200 of them, what the first one changed is changed back. */
export function writeFeed(folder, nights) {
  const changes = (id) => Math.floor((nights + 199 - ((id + 193) % 200)) / 200);
  const statements = Array.from({ length: sources * flawsPerSource }, (_, id) => ({
    vulnerability: `CVE-${2010 + (id % flawsPerSource)}-${10_000 + Math.floor(id / flawsPerSource)}`,
    package: `pkg${Math.floor(id / flawsPerSource)}`,
    status: 'fixed',
    fixed: `${(id % 7) + 2 * (changes(id) % 2)}.5`,
    severity: ['low', 'medium', 'high', 'critical'][id % 4],
  }));
  return writeSmallFeed(
    platforms.map((platform) => ({ platform, statements })),
    mkdtempSync(`${folder}-`),
  );
}

/** The same numbers on every machine. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

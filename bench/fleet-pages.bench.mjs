import { Worker } from 'node:worker_threads';
import { openDatabase } from '../src/fleet/store/open-database.ts';
import { openPageServer } from '../test/support/page-server.ts';
import { inEachStore } from './fleet-stores.mjs';
import { counting, pageCosts } from './page-costs.mjs';
import { keep, night } from './simulated-fleet.mjs';
import { figure } from './support.mjs';

const clients = 20;

/** Pages of a fleet of simulated inventories, asked by clients of another thread over loopback, each after the last answer. */
export function run({ quick }) {
  return inEachStore(quick, async (store, newPlace, feeds) => pagesOf(store, await newPlace(), feeds, quick));
}

async function pagesOf(store, place, feeds, quick) {
  const count = quick ? 100 : 10_000;
  await keep(place, count);
  for (const feed of feeds) await night(place, feed);
  const [database, counted] = counting(await openDatabase(place, new Date()));
  const server = await openPageServer(database, () => new Date());
  try {
    const kinds = await addresses(database);
    const seconds = Number(process.env.SCAPFEED_LOAD_SECONDS ?? (quick ? 1 : 60));
    // What a run leaves is read by whoever asks first.
    await load(server.origin, kinds, { clients: 1, seconds: quick ? 1 : 10 });
    const answers = await load(server.origin, kinds, { clients, seconds });
    const times = answers.map(({ time }) => time).sort((a, b) => a - b);
    const costs = await pageCosts(server, database, counted, kinds, quick ? 5 : 40);
    const mean = (of) => costs.reduce((sum, each) => sum + of(each), 0) / costs.length;
    const dearest = costs.sort((a, b) => b.server - a.server)[0];
    const slowest = Object.keys(kinds)
      .map((kind) => [
        kind,
        p95(
          answers
            .filter((each) => each.kind === kind)
            .map(({ time }) => time)
            .sort((a, b) => a - b),
        ),
      ])
      .sort((a, b) => b[1] - a[1]);
    const name = (what) => `${store}, pages of ${count} inventories, ${what}`;
    return [
      figure({
        name: name(`p95 with ${clients} clients`),
        value: p95(times),
        unit: 'ms',
        ...{ target: 150, kind: 'absolute' },
        note: `${Math.round(times.length / seconds)} pages/s; slowest: ${slowest
          .slice(0, 3)
          .map(([kind, time]) => `${kind} ${Math.round(time)} ms`)
          .join(', ')}`,
      }),
      figure({
        name: name('errors'),
        value: answers.filter(({ status }) => status !== 200).length,
        unit: `of ${answers.length}`,
        ...{ target: 0, kind: 'absolute' },
      }),
      figure({
        name: name('processor time of the server for a page, in the mean of all kinds'),
        ...{ value: mean((each) => each.server), unit: 'ms', kind: 'absolute' },
        note: `${mean((each) => each.database).toFixed(2)} ms of the database; the dearest: ${dearest.kind}, ${dearest.server.toFixed(1)} ms`,
      }),
      figure({
        name: name('memory of the server and its clients'),
        value: process.memoryUsage().rss / 1024 / 1024,
        unit: 'MB',
        kind: 'absolute',
      }),
    ];
  } finally {
    await server.close();
    await database.close();
  }
}

/** Kinds of pages with some of their addresses: those of single things are many, so that few are asked twice. */
export async function addresses(database) {
  const images = await database.query('SELECT digest FROM fleet.images ORDER BY id LIMIT 2000');
  const flaws = await database.query(
    'SELECT DISTINCT vulnerability FROM fleet.verdicts ORDER BY vulnerability LIMIT 2000',
  );
  const sources = await database.query(
    'SELECT DISTINCT source FROM fleet.packages ORDER BY source LIMIT 1000',
  );
  const of = (rows, key, path, query = '') =>
    rows.map((row) => `${path}/${encodeURIComponent(row[key])}${query}`);
  return {
    overview: ['/'],
    images: ['/images', '/images?sort=critical&order=down', '/images?sort=since', '/images?images-page=90'],
    'images, filtered': Array.from({ length: 100 }, (_, at) => `/images?q=image${at}&severity=high`),
    image: of(images, 'digest', '/images'),
    'image, changes': of(images, 'digest', '/images', '?view=changes'),
    'image, layers': of(images, 'digest', '/images', '?view=layers'),
    vulnerabilities: [
      '/vulnerabilities',
      '/vulnerabilities?severity=critical',
      '/vulnerabilities?vulnerabilities-page=20',
    ],
    vulnerability: of(flaws, 'vulnerability', '/vulnerabilities'),
    packages: ['/packages', '/packages?q=pkg1'],
    package: of(sources, 'source', '/packages'),
    news: ['/news', '/news?kind=new', '/news?news-page=3'],
    feed: ['/feed', '/waivers', '/profiles'],
  };
}

/** Clients in a thread of their own, each asking one page after the other for some seconds. */
export function load(origin, kinds, limits) {
  const worker = new Worker(new URL('./page-clients.mjs', import.meta.url), {
    workerData: { origin, kinds, ...limits },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

export function p95(sorted) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? 0;
}

import { describe, expect, it } from 'vitest';
import type { OpenServer } from '../../../src/fleet/serve/open-server.ts';
import type { Database } from '../../../src/fleet/store/database.ts';
import { openDatabase } from '../../../src/fleet/store/open-database.ts';
import { prune } from '../../../src/fleet/store/prune.ts';
import { addWaiver, endWaiver } from '../../../src/fleet/store/waivers.ts';
import { endWatching } from '../../../src/fleet/store/watches.ts';
import { newEmbedded } from '../../support/fleet.ts';
import { openPageServer } from '../../support/page-server.ts';
import { keepImages, nightOn, simulatedFeed } from '../../support/simulated-fleet.ts';

interface Cost {
  queries: number;
  /** Rows that came to the server. */
  rows: number;
  /** Rows that the database looked at. */
  read: number;
}

/** A database that tells what each request made it do, by its own account. */
function counting(database: Database): [Database, Cost] {
  const cost: Cost = { queries: 0, rows: 0, read: 0 };
  const query: Database['query'] = async (statement, values) => {
    const rows = await database.query<never>(statement, values);
    const [plan] = await database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, FORMAT JSON) ${statement}`,
      values,
    );
    cost.queries += 1;
    cost.rows += rows.length;
    cost.read += rowsRead(plan!['QUERY PLAN'][0].Plan);
    return rows;
  };
  return [{ ...database, query }, cost];
}

interface PlanNode {
  'Node Type': string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

function rowsRead(node: PlanNode): number {
  const own = /Scan$/.test(node['Node Type'])
    ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
    : 0;
  return (node.Plans ?? []).reduce((sum, each) => sum + rowsRead(each), own);
}

const noon = new Date('2026-11-27T12:00:00Z');

async function addressesOf(database: Database): Promise<string[]> {
  const [image] = await database.query<{ digest: string }>(
    `SELECT digest FROM fleet.images JOIN fleet.name_images ON image = images.id JOIN fleet.names ON names.id = name
     WHERE reference = 'image4'`,
  );
  const at = `/images/${encodeURIComponent(image!.digest)}`;
  return [
    ...['/', '/images', '/images?q=image1&severity=high', '/images?sort=critical&order=down'],
    ...['', '?view=changes', '?view=layers', '?view=gaps', '?view=history'].map((query) => at + query),
    ...[`${at}?view=compare&with=image9`, '/vulnerabilities', '/vulnerabilities?severity=critical'],
    ...['/vulnerabilities/CVE-2026-1018', '/packages', '/packages/pkg3', '/news', '/waivers', '/feed'],
    ...['/search?q=pkg1', '/api/v1/images?limit=10', '/api/v1/vulnerabilities?limit=10'],
    ...['/api/v1/packages?limit=10', '/api/v1/vulnerabilities/CVE-2026-1018', '/api/v1/packages/pkg3'],
  ];
}

/** Cost of each address when the lists are in memory. */
async function costsOf(database: Database): Promise<Map<string, Cost>> {
  const addresses = await addressesOf(database);
  // Small tables are read as a whole, whatever indices they have.
  await database.execute('SET enable_seqscan = off; SET plan_cache_mode = force_custom_plan');
  await database.execute('ANALYZE');
  const [counted, cost] = counting(database);
  const server = await openPageServer(counted, () => noon);
  try {
    await server.app.inject({ url: '/vulnerabilities' });
    await server.app.inject({ url: '/api/v1/vulnerabilities?limit=1' });
    const costs = new Map<string, Cost>();
    for (const url of addresses) {
      const before = { ...cost };
      const { statusCode } = await server.app.inject({ url, headers: { accept: 'text/html' } });
      expect(statusCode, url).toBe(200);
      costs.set(url, {
        queries: cost.queries - before.queries,
        rows: cost.rows - before.rows,
        read: cost.read - before.read,
      });
    }
    return costs;
  } finally {
    await server.close();
  }
}

describe('what a page asks of the database', { timeout: 600_000 }, () => {
  it('does not grow with the fleet', async () => {
    const database = await openDatabase(await newEmbedded(), noon);
    const grown: Map<string, Cost>[] = [];
    let images = 0;
    for (const count of [60, 600]) {
      await keepImages(database, images, count);
      images = count;
      await nightOn(database, simulatedFeed(false));
      await nightOn(database, simulatedFeed(true));
      grown.push(await costsOf(database));
    }
    await database.close();
    const [small, large] = grown as [Map<string, Cost>, Map<string, Cost>];
    for (const [url, { queries, rows, read }] of large) {
      const before = small.get(url)!;
      // A few hundred events are read in the order of runs, whatever indices they have.
      if (url.endsWith('?view=changes')) continue;
      expect(queries, url).toBe(before.queries);
      expect(rows, url).toBeLessThanOrEqual(before.rows * 1.5 + 20);
      expect(read, url).toBeLessThanOrEqual(before.read * 2 + 100);
    }
  });
});

describe('a server that stays open', { timeout: 600_000 }, () => {
  it('shows after each change what a new one shows, and nothing is sent again that has not changed', async () => {
    const database = await openDatabase(await newEmbedded(), noon);
    let now = noon;
    await keepImages(database, 0, 12);
    await nightOn(database, simulatedFeed(false));
    const kept = await openPageServer(database, () => now);
    const addresses = await addressesOf(database);
    const isSame = async (change: string) => {
      // Pages ask the store again after a second.
      now = new Date(now.getTime() + 5000);
      const fresh = await openPageServer(database, () => now);
      for (const url of addresses) {
        const [one, other] = [await kept.app.inject({ url }), await fresh.app.inject({ url })];
        expect(one.body, `${change}: ${url}`).toBe(other.body);
      }
      await fresh.close();
    };
    await isSame('nothing');
    await keepImages(database, 12, 20);
    await isSame('images that wait');
    await nightOn(database, simulatedFeed(true));
    await isSame('a run');
    const waiver = { vulnerability: 'CVE-2026-1018', reason: 'not reachable', image: 'image4' };
    const partly = await addWaiver(database, waiver, 'ops', now);
    await isSame('a waiver');
    const { body } = await kept.app.inject({ url: '/api/v1/vulnerabilities/CVE-2026-1018' });
    const { found } = JSON.parse(body) as { found: { images: string[]; waived: { images: string[] }[] }[] };
    expect(found.flatMap(({ images }) => images)).toContain('image4');
    expect(found.flatMap((each) => each.waived.flatMap(({ images }) => images))).toEqual(['image4']);
    expect(await waivedShare(kept, 'CVE-2026-1018')).toBe('some');
    const [source, ...others] = await waivedOnPages(kept, 'CVE-2026-1018');
    expect({ source, others }).toEqual({ source: 'some', others: ['image4: not reachable'] });
    const { image: _, ...everywhere } = waiver;
    const whole = await addWaiver(database, everywhere, 'ops', now);
    await isSame('a waiver of all images');
    expect(await waivedShare(kept, 'CVE-2026-1018')).toBe('all');
    expect((await waivedOnPages(kept, 'CVE-2026-1018'))[0]).toBe('all');
    await endWaiver(database, partly, 'ops', now, 'all');
    await endWaiver(database, whole, 'ops', now, 'all');
    await isSame('no waiver');
    expect(await waivedShare(kept, 'CVE-2026-1018')).toBe('none');
    expect(await waivedOnPages(kept, 'CVE-2026-1018')).toEqual(['none']);
    const until = { ...waiver, until: '2026-11-27' };
    const day = await addWaiver(database, until, 'ops', now);
    now = new Date('2026-11-28T00:00:01Z');
    await isSame('a waiver that expired');
    // Runs go by the machine's day.
    await endWaiver(database, day, 'ops', now, 'all');
    await database.transaction((queries) => endWatching(queries, 'image9', now));
    await isSame('an image that nobody watches');
    await nightOn(database, simulatedFeed(false));
    await prune(database, { before: new Date('2027-01-01T00:00:00Z'), runs: 1 });
    await isSame('what was forgotten');
    const { headers } = await kept.app.inject({ url: '/images' });
    const again = await kept.app.inject({
      url: '/images',
      headers: { 'if-none-match': String(headers.etag) },
    });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    await kept.close();
    await database.close();
  });
});

async function waivedShare({ app }: OpenServer, id: string): Promise<string | undefined> {
  const { body } = await app.inject({ url: `/api/v1/vulnerabilities?q=${id}` });
  return (JSON.parse(body) as { items: { waived: string }[] }).items[0]?.waived;
}

/** A flaw on the page of its package, and the images in which its own page shows a waiver, with the reason. */
async function waivedOnPages({ app }: OpenServer, id: string): Promise<string[]> {
  const rowsOf = async (url: string) => {
    const { body } = await app.inject({ url });
    return (JSON.parse(body) as { rows: Record<string, string>[] }).rows;
  };
  const holdings = await rowsOf(`/vulnerabilities/${id}?table=images&format=json`);
  const flaws = await rowsOf(`/packages/${holdings[0]!['package']}?table=flaws&format=json`);
  const { waived } = flaws.find(({ vulnerability }) => vulnerability === id)!;
  return [
    waived!,
    ...holdings.filter((row) => row['waived']).map((row) => `${row['image']}: ${row['waived']}`),
  ];
}

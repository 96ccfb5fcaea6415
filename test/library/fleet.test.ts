import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/fleet/store/open-database.ts';
import {
  addToFleet,
  endFleetWaiver,
  exportFleet,
  fleetNews,
  fleetStatus,
  fleetTokens,
  fleetWaivers,
  importToFleet,
  listFleet,
  listSnapshots,
  makeFleetToken,
  openFeed,
  pruneFleet,
  pruneSnapshots,
  removeFleetToken,
  removeFromFleet,
  runFleet,
  waiveInFleet,
  writeReport,
} from '../../src/library/index.ts';
import { putStores } from '../support/fleet.ts';
import { withFleet } from './support/with-fleet.ts';
import { command, workshop } from './support/workshop.ts';

let folder: string;
const at = (path: string) => join(folder, path);
const run = (...args: string[]) => command(folder, args);
const fleetRun = (database: string, ...args: string[]) =>
  run('fleet', args[0]!, '--database', database, ...args.slice(1));

beforeAll(async () => {
  folder = workshop();
  await putStores(...['theirs', 'ours', 'third', 'refusing'].map(at));
  run('inventory', 'dir:newer-image', '-o', 'json=host.json');
}, 120_000);

/** All rows of a store. Times, and digests of what is random, differ from run to run. */
async function rowsOf(database: string): Promise<Record<string, unknown[]>> {
  const store = await openDatabase(at(database), new Date());
  try {
    const tables = await store.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'fleet' ORDER BY 1`,
    );
    const all: Record<string, unknown[]> = {};
    for (const { name } of tables) {
      const rows = await store.query<Record<string, unknown>>(`SELECT * FROM fleet.${name} ORDER BY 1, 2`);
      // Two prunes are not at one time.
      for (const row of rows)
        if (name === 'audit') row['act'] = String(row['act']).replace(/ before 20.*/, '');
      all[name] = rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([column, value]) => [column, lasting(column, value)])),
      );
    }
    return all;
  } finally {
    await store.close();
  }
}

function lasting(column: string, value: unknown): unknown {
  if (value instanceof Date) return 'a time';
  if (column === 'digest' && value instanceof Uint8Array && value.length === 32) return 'a digest';
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return typeof value === 'object' && value !== null
    ? JSON.parse(JSON.stringify(value), (key, part) => (key === 'since' ? 'a time' : part))
    : value;
}

const waiver = {
  vulnerabilities: ['CVE-2023-5363'],
  package: 'openssl',
  image: '**/image',
  reason: 'not reached',
  until: '2999-12-31',
  by: 'ann',
};
const asked = [waiver.vulnerabilities[0]!, '--package', waiver.package, '--image', waiver.image];

describe('a fleet by functions is a fleet by commands', () => {
  it('row by row', async () => {
    const feed = openFeed(at('feed'));
    fleetRun('theirs', 'add', 'dir:image', 'oci:layout:1');
    fleetRun('theirs', 'import', 'host.json', '--name', 'web1');
    fleetRun('theirs', 'run', '--feed', 'feed', '--max-age', '0');
    fleetRun('theirs', 'waive', ...asked, '--reason', waiver.reason, '--until', waiver.until, '--by', 'ann');
    fleetRun('theirs', 'waive', '--rule', 'some_rule', '--reason', 'why not', '--by', 'ann');
    fleetRun('theirs', 'unwaive', '2', '--by', 'bob');
    fleetRun('theirs', 'token', 'add', 'grafana', '--role', 'write', '--expires', '90d');
    fleetRun('theirs', 'token', 'add', 'web1', '--role', 'send', '--names', 'web1');
    fleetRun('theirs', 'token', 'add', 'old');
    fleetRun('theirs', 'token', 'remove', 'old');
    fleetRun('theirs', 'remove', `oci:${at('layout')}:1`);
    fleetRun('theirs', 'prune', '--keep-for', '1d', '--keep-runs', '1');
    await withFleet(at('ours'), async (fleet) => {
      // References are kept as they can be read from any folder.
      await addToFleet(fleet, { images: [`dir:${at('image')}`, `oci:${at('layout')}:1`] });
      await importToFleet(fleet, at('host.json'), { name: 'web1' });
      await runFleet(fleet, feed);
      const [made] = await waiveInFleet(fleet, waiver);
      expect(made).toMatchObject({ id: 1, flaws: 1, images: 1, state: 'used' });
      await waiveInFleet(fleet, { rules: ['some_rule'], reason: 'why not', by: 'ann' });
      await endFleetWaiver(fleet, 2, { by: 'bob' });
      await makeFleetToken(fleet, 'grafana', { role: 'write', expires: 90 * 86_400_000 });
      await makeFleetToken(fleet, 'web1', { role: 'send', names: 'web1' });
      await makeFleetToken(fleet, 'old');
      await removeFleetToken(fleet, 'old');
      await removeFromFleet(fleet, `oci:${at('layout')}:1`);
      await pruneFleet(fleet, { keepFor: 86_400_000, keepRuns: 1 });
    });
    feed.close();
    const [theirs, ours] = [await rowsOf('theirs'), await rowsOf('ours')];
    expect(Object.keys(theirs).length).toBeGreaterThan(15);
    expect(theirs['waivers']).toHaveLength(2);
    expect(ours).toEqual(theirs);
  }, 300_000);

  it('and so is what is read of it', async () => {
    const written = await withFleet(at('theirs'), async (fleet) => {
      const [list, news, waivers] = [
        await listFleet(fleet),
        await fleetNews(fleet),
        await fleetWaivers(fleet, { ended: true }),
      ];
      const { inventories, missing } = await exportFleet(fleet);
      expect(missing).toEqual([]);
      return {
        list: await writeReport(list, 'json'),
        news: await writeReport(news, 'json'),
        waivers: await writeReport(waivers, 'json'),
        table: await writeReport(waivers, 'table'),
        status: (await fleetStatus(fleet)).result.run?.state,
        export: inventories.map((one) => `${JSON.stringify(one)}\n`).join(''),
        tokens: (await fleetTokens(fleet)).map(({ name, role }) => `${name} ${role}`),
      };
    });
    expect(written).toEqual({
      list: fleetRun('theirs', 'list', '-o', 'json'),
      news: fleetRun('theirs', 'news', '-o', 'json'),
      waivers: fleetRun('theirs', 'waivers', '--all', '-o', 'json'),
      table: fleetRun('theirs', 'waivers', '--all'),
      status: 'finished',
      export: fleetRun('theirs', 'export'),
      tokens: ['grafana write', 'web1 send'],
    });
  }, 300_000);

  it('what one exports another imports', async () => {
    fleetRun('theirs', 'export', '-o', 'fleet.jsonl');
    const imported = await withFleet(at('third'), async (fleet) => {
      const first = await importToFleet(fleet, at('fleet.jsonl'));
      const { inventories } = await exportFleet(fleet);
      return [first, await importToFleet(fleet, inventories), inventories.length];
    });
    expect(imported).toEqual([{ read: 2, changed: 2 }, { read: 2, changed: 0 }, 2]);
  }, 300_000);
});

describe('what is wrong is refused, and nothing is done', () => {
  it('inventories', async () => {
    writeFileSync(
      at('mixed.jsonl'),
      `${JSON.stringify(JSON.parse(readFileSync(at('host.json'), 'utf8')))}\n{"a":1}\n`,
    );
    await withFleet(at('refusing'), async (fleet) => {
      await expect(importToFleet(fleet, at('mixed.jsonl'))).rejects.toMatchObject({
        code: 'USAGE',
        where: expect.stringContaining('mixed.jsonl:2#'),
      });
      const wrong = [{ packages: [] }] as unknown as Parameters<typeof importToFleet>[1];
      await expect(importToFleet(fleet, wrong)).rejects.toMatchObject({
        code: 'USAGE',
        where: expect.stringContaining('inventories[0]'),
      });
      await expect(importToFleet(fleet, at('none.json'))).rejects.toMatchObject({ code: 'USAGE' });
      await expect(importToFleet(fleet, [], { name: 'x' })).rejects.toMatchObject({ code: 'USAGE' });
      expect((await listFleet(fleet)).result).toEqual([]);
    });
  });

  it('waivers and tokens', async () => {
    await withFleet(at('refusing'), async (fleet) => {
      const how = { reason: 'x', by: 'ann' };
      for (const options of [
        how,
        { ...how, vulnerabilities: ['CVE-2020-*'] },
        { ...how, vulnerabilities: ['CVE-2020-1'], until: '2020-01-01' },
        { ...how, rules: ['a'], package: 'b' },
      ])
        await expect(waiveInFleet(fleet, options)).rejects.toMatchObject({ code: 'USAGE' });
      for (const id of [0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER])
        await expect(endFleetWaiver(fleet, id, { by: 'ann' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect((await fleetWaivers(fleet, { ended: true })).result).toEqual([]);
      await makeFleetToken(fleet, 'one');
      for (const wrong of [{ role: 'send' }, { names: 'web1' }, { role: 'write', names: 'web1' }] as const)
        await expect(makeFleetToken(fleet, 'web1', wrong)).rejects.toMatchObject({ code: 'USAGE' });
      await expect(makeFleetToken(fleet, 'one')).rejects.toMatchObject({ code: 'USAGE' });
      await expect(removeFleetToken(fleet, 'two')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  it('a signal that is aborted', async () => {
    await withFleet(at('refusing'), async (fleet) => {
      const signal = AbortSignal.abort();
      const inventories = [JSON.parse(readFileSync(at('host.json'), 'utf8'))];
      for (const work of [
        () => importToFleet(fleet, inventories, { signal }),
        () => waiveInFleet(fleet, { ...waiver, signal }),
        () => pruneFleet(fleet, { signal }),
        () => exportFleet(fleet, { signal }),
      ])
        await expect(work()).rejects.toMatchObject({ name: 'AbortError' });
      expect((await listFleet(fleet)).result).toEqual([]);
      expect((await fleetWaivers(fleet, { ended: true })).result).toEqual([]);
    });
  });
});

it('listSnapshots and pruneSnapshots are snapshots', async () => {
  const asked = ['snapshots', '--snapshots', at('snapshots'), '-o', 'json'];
  expect({ stores: [await listSnapshots(at('snapshots'))] }).toEqual(JSON.parse(run(...asked)));
  const prune = {
    '--prune': () => JSON.parse(run(...asked, '--prune', '--keep', '2')),
    prune: async () => ({ stores: [await pruneSnapshots(at('snapshots'), { keep: 2 })] }),
  };
  const removed: unknown[] = [];
  for (const by of Object.values(prune)) {
    writeFileSync(at('snapshots/sha256/left'), 'over');
    removed.push(await by());
  }
  expect(removed[1]).toEqual(removed[0]);
  expect(removed[1]).toMatchObject({ stores: [{ removed: { feeds: 0, files: 1, bytes: 4 } }] });
  await expect(listSnapshots(at('nowhere'))).rejects.toMatchObject({ code: 'USAGE' });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import definition from '../../../../feeds/bottlerocket.json' with { type: 'json' };
import { rebuildSource } from '../../../../src/distros/rebuild/source.ts';
import { bottlerocket } from '../../../../src/distros/rebuilds.ts';
import { createHttp } from '../../../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../../../src/sources/snapshots.ts';
import { scapfeed } from '../../../support/cli.ts';
import { dataPath, hasData } from '../../../support/data.ts';
import { type Behaviour, serve } from '../../../support/http-server.ts';
import { dated, hurriedLimits, misbehaviours, send, webPage } from '../../../support/misbehaviour.ts';
import { readSource } from '../../../support/read-source.ts';
import { type CollectingSink, findingCounts } from '../../../support/sources.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import type { MadeUpdate } from '../../../support/updateinfo.ts';
import {
  applicationInventory,
  bottlerocketList,
  bottlerocketRoot,
  writeBottlerocketMirror,
} from './world.ts';

const glibc: MadeUpdate = {
  id: 'BRSA-kdg8bd1th2gb',
  cves: ['CVE-2026-15281'],
  severity: 'medium',
  packages: ['x86_64', 'aarch64'].flatMap((arch) => [
    `glibc-1:2.42-1.1773762890.5f13b929.br1.${arch}`,
    `bottlerocket-glibc-1:2.42-1.1773762890.5f13b929.br1.${arch}`,
  ]),
};
const kernel: MadeUpdate = {
  id: 'GHSA-mgxf-pj6m-9494',
  cves: ['CVE-2020-10711'],
  severity: 'low',
  packages: ['kernel-6.1-1.19.0-b7d91846.x86_64'],
};

async function readList(list: Buffer): Promise<CollectingSink> {
  await using server = await serve({ '/updateinfo.xml.gz': dated(list, '"1"') });
  return await readSource(rebuildSource(bottlerocket, { ...definition, updates: server.origin }), undefined, {
    now: new Date('2026-12-01'),
  });
}

describe("Bottlerocket's advisories", () => {
  it('are a list alone; every row is accounted for', async () => {
    const sink = await readList(
      bottlerocketList([glibc, kernel, { ...kernel, id: 'X-1', collection: 'other' }]),
    );
    expect(
      sink.statements.map(({ vulnerability, package: name, fixed }) => [vulnerability, name, fixed]),
    ).toEqual([
      ['CVE-2026-15281', 'glibc', '1:2.42-1.1773762890.5f13b929.br1'],
      ['CVE-2026-15281', 'bottlerocket-glibc', '1:2.42-1.1773762890.5f13b929.br1'],
      ['CVE-2020-10711', 'kernel-6.1', '0:1.19.0-b7d91846'],
    ]);
    expect(sink.platforms).toMatchObject([
      { platform: { id: 'bottlerocket-1', life: [] }, data: { marks: ['fixes_only', 'no_package_list'] } },
    ]);
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      6,
      5,
      { '-other_release': 1 },
    ]);
  });

  const real = [
    ...['vendors2', 'bottlerocket', 'MaineK00n+vuls-data-update', 'pkg', 'fetch', 'bottlerocket'],
    ...['testdata', 'fixtures', 'happy', 'updateinfo.xml.gz'],
  ];

  it.skipIf(!hasData(...real))('its own list: both rows are used', async () => {
    const { ledger, statements } = await readList(readFileSync(dataPath(...real)));
    expect([ledger.records, ledger.used, findingCounts(ledger)]).toEqual([2, 2, {}]);
    expect(statements).toMatchObject([
      { vulnerability: 'CVE-2020-10711', package: 'kernel', fixed: '0:0.3.3-b7d91846', severity: 'medium' },
    ]);
  });
});

describe('a fetch that fails leaves the last good list', () => {
  it.each([
    ...misbehaviours,
    { name: 'a web page', behaviour: webPage },
    { name: 'no updates', behaviour: send('<updates/>') },
    { name: 'an end in the middle', behaviour: send(bottlerocketList([glibc]).subarray(0, 200)) },
  ])('$name', async ({ behaviour }) => {
    const behaviours: Record<string, Behaviour> = {
      '/updateinfo.xml.gz': dated(bottlerocketList([glibc]), '"1"'),
    };
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    const source = rebuildSource(bottlerocket, { ...definition, updates: server.origin });
    const fetch = async () => {
      const http = createHttp({ env: {}, limits: hurriedLimits });
      try {
        await source.fetch({ http, store, now: new Date(), progress: () => {} });
      } finally {
        await http.close();
      }
    };
    await fetch();
    const digests = async () => (await store.list('bottlerocket')).map(({ sha256 }) => sha256);
    const last = await digests();
    expect(last).toHaveLength(1);
    behaviours['/updateinfo.xml.gz'] = behaviour;
    await fetch().catch(() => {});
    expect(await digests()).toEqual(last);
  });
});

describe('a system of Bottlerocket', () => {
  let feed: string;

  beforeAll(() => {
    feed = join(temporaryFolder('feed'), 'out');
    const built = scapfeed([
      ...['build', '--source', 'bottlerocket', '--mirror', writeBottlerocketMirror([glibc, kernel])],
      ...['--snapshots', join(feed, '../snapshots'), '--out', feed],
    ]);
    expect(built, built.err).toMatchObject({ code: 0 });
  });

  const scan = (inventory: string, version?: string) => {
    const root = `dir:${bottlerocketRoot(inventory, version)}`;
    return scapfeed(['scan', root, '--feed', feed, '--max-age', '0', '-o', 'json']);
  };
  const flaws = (out: string) =>
    (JSON.parse(out) as { verdicts: { vulnerability: string }[] }).verdicts.map(
      ({ vulnerability }) => vulnerability,
    );

  it.each([
    [
      'before the kits, by the version of the system',
      ['kernel-6.1 1.18.2-29cc92cc'],
      '1.18.2',
      ['CVE-2020-10711'],
    ],
    ['before the kits, at the fix', ['kernel-6.1 1.19.0-b7d91846'], '1.19.0', []],
    ['of the kits, below by the epoch', ['glibc 1.34.0-29cc92cc'], '1.20.0', ['CVE-2026-15281']],
    ['of the kits, older', ['glibc 1:2.41-1.1773762890.5f13b929.br1'], '1.60.0', ['CVE-2026-15281']],
    ['of the kits, newer', ['glibc 1:2.43-1.1781747852.5f13b929.br1'], '1.62.0', []],
    ['a package without an advisory', ['coreutils 0:9.10-1.1.br1'], '1.62.0', []],
  ])('%s', (_, packages, version, expected) => {
    const { code, out } = scan(applicationInventory(packages), version);
    expect([flaws(out), code]).toEqual([expected, 0]);
  });

  it('a package of another publisher is not covered: exit code 4', () => {
    const { code, out } = scan(applicationInventory(['glibc 1:2.41-1.br1'], 'Example Corp'));
    expect(code).toBe(4);
    expect(JSON.parse(out).uncovered).toMatchObject([{ name: 'glibc', reason: 'not_covered' }]);
  });

  it.each([
    [
      'an entry that is no package',
      '{"Content":[{"Name":"a b"},{"Name":"x","Version":"1","Release":"1"}]}',
      /no package of rpm/,
    ],
    [
      'an epoch that is no text',
      '{"Content":[{"Name":"x","Version":"1","Release":"1","Epoch":{"toString":0}}]}',
      /lists no package/,
    ],
    [
      'two lists',
      `{"Content":[{"Name":"x"}],${applicationInventory(['glibc 1:2.41-1.br1']).slice(1)}`,
      /no name twice/,
    ],
    ['no list', '{"Content":{}}', /expected JSON with a list/],
    ['an end in the middle', applicationInventory(['glibc 1:2.41-1.br1']).slice(0, -9), /expected JSON/],
    ['depth', '['.repeat(1e6), /expected JSON/],
    ['an empty list', '{"Content":[]}', /lists no package/],
  ])('a list of packages with %s ends with 4', (_, inventory, message) => {
    const { code, err } = scan(inventory);
    expect(code).toBe(4);
    expect(err).toMatch(message);
  });
});

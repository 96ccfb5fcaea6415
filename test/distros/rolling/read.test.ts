import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { rollingSource } from '../../../src/distros/rolling/source.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import { dated, hurriedLimits, misbehaviours, send, webPage } from '../../support/misbehaviour.ts';
import { expectLastKept, readSource } from '../../support/read-source.ts';
import { type CollectingSink, collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { unreadCounts } from '../../support/unread.ts';
import { latestText, rollingSecdb, sourceOf, type VendorName, vendors, writeRollingMirror } from './world.ts';

async function readMirror(
  name: VendorName,
  world: Parameters<typeof writeRollingMirror>[1],
): Promise<CollectingSink & { dates: string[][] }> {
  const dates: string[][] = [];
  const sink = Object.assign(collectingSink(name), {
    dates,
    dated: (...each: string[]) => {
      dates.push(each);
    },
  });
  return readSource(sourceOf(name), writeRollingMirror(name, world), { sink });
}

const rows = ({ statements }: CollectingSink) =>
  statements.map(({ package: name, vulnerability, status, fixed }) =>
    [name, vulnerability, status, fixed ?? '-'].join(' '),
  );

describe('a security database without releases', () => {
  it('has fixes by source package, and what was never affected; each id is a flaw of its own', async () => {
    const sink = await readMirror('wolfi', {
      openssl: { '3.0.7-r0': ['CVE-2022-3602', 'GHSA-8rwr-x37p-mx23'], '0': ['CVE-2019-0190'] },
      'redis-7.4': { '7.4.6-r0': ['CGA-2222-3333-4444'] },
    });
    expect(rows(sink)).toEqual([
      'openssl CVE-2019-0190 not_affected -',
      'openssl CVE-2022-3602 fixed 3.0.7-r0',
      'openssl GHSA-8rwr-x37p-mx23 fixed 3.0.7-r0',
      'redis-7.4 CGA-2222-3333-4444 fixed 7.4.6-r0',
    ]);
    expect(sink.platforms).toMatchObject([
      {
        platform: { id: 'wolfi-rolling', aliases: ['wolfi'], packaging: 'apk', life: [] },
        data: { inputs: ['wolfi-secdb'], marks: ['fixes_only', 'no_package_list'] },
      },
    ]);
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([4, 4, {}]);
  });

  it('of a vendor that has stopped the end is known', async () => {
    const sink = await readMirror('minimos', { zlib: { '1.3.1-r0': ['CVE-2023-45853'] } });
    expect(sink.platforms).toMatchObject([
      { platform: { id: 'minimos-rolling', life: [{ phase: 'regular', until: '2026-10-22' }] } },
    ]);
  });

  it('a version that apk has no place for leaves its package unread', async () => {
    const sink = await readMirror('wolfi', {
      glibc: { '2.39-209': ['CVE-2025-5702'], '2.40-r1': ['CVE-2025-5745'] },
      zlib: { '1.3.1-r0': ['CVE-2023-45853'] },
    });
    expect(rows(sink)).toEqual(['glibc CVE-2025-5745 fixed 2.40-r1', 'zlib CVE-2023-45853 fixed 1.3.1-r0']);
    expect(findingCounts(sink.ledger)).toEqual({ '-absurd_version': 1 });
    expect(unreadCounts(sink.ledger, 'wolfi-rolling')).toEqual([['glibc', 1]]);
  });

  it('of an entry with many flaws and many other names, the names are not kept for each flaw', async () => {
    const sign = '23456789cfghjmpqrvwx';
    const names = [...sign].flatMap((a) => [...sign].map((b) => `GHSA-${a}${b}22-2222-2222`));
    const flaws = names.map((_, at) => `CVE-2023-${1000 + at}`);
    const sink = await readMirror('wolfi', { zlib: { '1.3-r0': [[...flaws, ...names].join(' ')] } });
    expect([sink.vulnerabilities.length, sink.vulnerabilities[0]]).toEqual([400, { id: 'CVE-2023-1000' }]);
  });

  it('a package that is listed twice is one; a version that is listed twice is refused', async () => {
    const entry = (name: string, versions: object) => ({ pkg: { name, secfixes: versions } });
    const document = (packages: object[]) =>
      JSON.stringify({ urlprefix: 'https://packages.wolfi.dev', packages });
    const sink = await readMirror(
      'wolfi',
      document([
        entry('zlib', { '1.2-r0': ['CVE-2023-45853'] }),
        entry('zlib', { '1.3-r0': ['CVE-2023-45853'], '0': ['CVE-2023-1000'] }),
      ]),
    );
    expect(rows(sink)).toEqual(['zlib CVE-2023-45853 fixed 1.3-r0', 'zlib CVE-2023-1000 not_affected -']);
    const twice = document([entry('zlib', { '1.2-r0': ['CVE-2023-45853'] })]).replace(
      '"1.2-r0"',
      '"1.2-r0":[],"1.2-r0"',
    );
    await expect(readMirror('wolfi', twice)).rejects.toMatchObject({
      ...{ code: 'SOURCE_MALFORMED', remedy: 'fetch it again; the last good snapshot is kept' },
    });
  });

  it.each<[string, Parameters<typeof writeRollingMirror>[1]]>([
    ['packages', {}],
    ['fixes', { zlib: {}, openssl: { '3.0.7-r0': [] } }],
  ])('without %s is refused: every image would look clean', async (_, world) => {
    await expect(readMirror('wolfi', world)).rejects.toMatchObject({
      ...{ code: 'SOURCE_MALFORMED', message: 'expected fixes of packages, found none' },
    });
  });

  it('thousands of names of one flaw are joined in linear time', async () => {
    const signs = [...'23456789cfghjmpqrvwx'];
    const names = Array.from(
      { length: 20_000 },
      (_, at) =>
        `CVE-2023-1000 GHSA-${[1, 20, 400, 8000].map((by) => signs[Math.floor(at / by) % 20]).join('')}-2222-2222`,
    );
    const sink = await readMirror('wolfi', { zlib: { '1.3-r0': names } });
    expect(sink.ledger.used).toBe(20_000);
  });

  it('is the one whose digest the vendor names, with its date', async () => {
    const sink = await readMirror('secureos', { 'redis-8.0': { '8.0.4': ['CVE-2025-49844'] } });
    expect(rows(sink)).toEqual(['redis-8.0 CVE-2025-49844 fixed 8.0.4']);
    expect(sink.dates).toEqual([['secureos-secdb', '2026-09-21T14:13:20.000Z']]);
    expect(sink.platforms).toMatchObject([{ data: { inputs: ['secureos-secdb', 'secureos-latest'] } }]);
  });

  const ofSecureOs =
    'vendors2/secureos/anchore+vunnel/tests/unit/providers/secureos/test-fixtures/input/secdb/secdb.json';

  it.skipIf(!hasData(ofSecureOs))('versions of SecureOS that are none for apk are counted', async () => {
    const sink = await readMirror('secureos', readFileSync(dataPath(ofSecureOs), 'utf8'));
    const { records, used } = sink.ledger;
    expect([records, used, findingCounts(sink.ledger)]).toEqual([
      34,
      26,
      { '-absurd_version': 8, fixed_twice: 4 },
    ]);
    expect(unreadCounts(sink.ledger, 'secureos-rolling')).toEqual([
      ['glibc', 5],
      ['glibc-2.41', 2],
      ['rqlite-9.3-client', 1],
    ]);
  });

  it.each([
    [
      'wolfi',
      'vendors2/wolfi/anchore+vunnel/tests/unit/providers/wolfi/test-fixtures/input/secdb/security.json',
      59,
    ],
    [
      'chainguard',
      'vendors2/chainguard/MaineK00n+vuls-data-update/pkg/fetch/chainguard/secdb/testdata/fixtures/happy/security.json',
      40,
    ],
    [
      'minimos',
      'vendors2/minimos/MaineK00n+vuls-data-update/pkg/fetch/minimos/secdb/testdata/fixtures/happy/security.json',
      20,
    ],
  ] as const)('%s: of its own document every record is used', async (name, path, records) => {
    if (!hasData(path)) return;
    const sink = await readMirror(name, readFileSync(dataPath(path), 'utf8'));
    expect([sink.ledger.records, sink.ledger.used, findingCounts(sink.ledger)]).toEqual([
      records,
      records,
      {},
    ]);
  });
});

describe('a database with a digest', () => {
  const good = gzipSync(rollingSecdb('secureos', { zlib: { '1.3.1': ['CVE-2023-45853'] } }));

  it.each([
    ['another digest', latestText('other'), 'SOURCE_DIGEST_WRONG'],
    ['no digest', '{"published_at":1}', 'SOURCE_MALFORMED'],
    ['a date that is none', latestText(good).replace('1790000000', '1e400'), 'SOURCE_MALFORMED'],
    ['no JSON', '<html>', 'SOURCE_NOT_JSON'],
  ])('%s: the last good one stays', async (_, latest, code) => {
    const behaviours: Record<string, Behaviour> = {
      '/latest.json': send(latestText(good)),
      '/secdb.json.gz': dated(good, '"1"'),
    };
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    const fetchNow = async () => {
      const http = createHttp({ env: {}, limits: hurriedLimits });
      try {
        const { vendor, definition } = vendors.secureos;
        const [at, told] = [`${server.origin}/secdb.json.gz`, `${server.origin}/latest.json`];
        const own = rollingSource(vendor, { ...definition, secdb: at, latest: told });
        return await own.fetch({ http, store, now: new Date(), progress: () => {} });
      } finally {
        await http.close();
      }
    };
    expect((await fetchNow()).map(({ id }) => id)).toEqual(['secureos-latest', 'secureos-secdb']);
    const secdb = async () => (await store.list('secureos')).find(({ id }) => id === 'secureos-secdb');
    const last = await secdb();
    behaviours['/latest.json'] = send(latest);
    await expect(fetchNow()).rejects.toMatchObject({ code });
    expect(await secdb()).toEqual(last);
  });
});

describe('a fetch that fails leaves the last good snapshot', () => {
  const good = rollingSecdb('wolfi', { zlib: { '1.3.1-r0': ['CVE-2023-45853'] } });

  it.each([
    ...misbehaviours,
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_NOT_JSON' },
    { name: 'another document', behaviour: send('{"a":1,"b":2}'), code: 'SOURCE_MALFORMED' },
    {
      name: 'packages in another form',
      behaviour: send(good.replace('"name"', '"nom"')),
      code: 'SOURCE_MALFORMED',
    },
    {
      name: "another vendor's database",
      behaviour: send(rollingSecdb('chainguard', { zlib: { '1.3.1-r0': ['CVE-2023-45853'] } })),
      code: 'SOURCE_MALFORMED',
    },
    { name: 'an end in the middle', behaviour: send(good.slice(0, -2)), code: 'SOURCE_NOT_JSON' },
  ])('$name', (bad) =>
    expectLastKept(
      (secdb) => rollingSource(vendors.wolfi.vendor, { ...vendors.wolfi.definition, secdb }),
      ['/security.json', good],
      bad,
    ),
  );
});

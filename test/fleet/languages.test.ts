import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEvidence } from '../../src/fleet/evidence/read-evidence.ts';
import { listNames } from '../../src/fleet/store/list.ts';
import type { Gap } from '../../src/model/verdict/index.ts';
import { affects, before, type OsvRecords, writeOsvMirror } from '../ecosystems/world.ts';
import { debianRelease, project, rootWith, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { addImages, fleetCommands, heldStore, night } from '../support/fleet.ts';
import { expectScans } from '../support/fleet-equals-scan.ts';
import { openPageServer } from '../support/page-server.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const metadata = (name: string, version: string) => `Name: ${name}\nVersion: ${version}\n\n`;
const left = '{"name":"left","version":"1.0.0"}';
const owned = 'usr/lib/python3/dist-packages/shop-1.0.dist-info/METADATA';

/** A flaw of the distribution, one of npm in two places, and a package of pypi once owned and once not. */
const both = `dir:${rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status':
    stanza('libssl3', '3.0.9-1', { Source: 'openssl' }) +
    stanza('python3-shop', '1.0-1', { Source: 'openssl' }),
  'var/lib/dpkg/info/python3-shop.list': `/${owned}\n`,
  [owned]: metadata('shop', '1.0'),
  'srv/venv/lib/python3.11/site-packages/shop-1.0.dist-info/METADATA': metadata('shop', '1.0'),
  'srv/node_modules/left/package.json': left,
  'opt/node_modules/left/package.json': left,
  'srv/vendor/composer/installed.json': '{"packages":[{"name":"a/b","version":"1.0.0"}]}',
})}`;
const alone = `dir:${rootWith({ 'srv/node_modules/left/package.json': left })}`;
const cut = `dir:${rootWith({
  'srv/node_modules/left/package.json': left,
  'srv/node_modules/cut/package.json': '{"name":"c',
})}`;
const images = [both, alone, cut];

async function build(npm: OsvRecords, components?: OsvRecords): Promise<string> {
  const mirror = writeOsvMirror({
    npm,
    ...(components && { Bitnami: components }),
    PyPI: {
      'GHSA-pppp-pppp-pppp': {
        aliases: ['CVE-2026-2000'],
        affected: [affects('PyPI', 'shop', before('2.0'))],
        database_specific: { severity: 'CRITICAL' },
      },
    },
  });
  cpSync(join(project, 'feeds/sample'), mirror, { recursive: true, force: false });
  const feed = join(temporaryFolder(), 'feed');
  const built = await runHere([
    ...['build', '--source', 'debian,osv', '--no-ratings', '--no-oval', '--unsigned-mirror'],
    ...['--mirror', mirror, '--out', feed],
  ]);
  expect(built.code, built.err).toBe(0);
  return feed;
}

const flaw = (cve: string) => ({
  aliases: [cve],
  affected: [affects('npm', 'left', before('1.0.1'))],
  database_specific: { severity: 'HIGH' },
});

const feeds: Record<'first' | 'second' | 'malicious', string> = { first: '', second: '', malicious: '' };

beforeAll(async () => {
  feeds.first = await build({ 'GHSA-aaaa-aaaa-aaaa': flaw('CVE-2026-1001') });
  feeds.second = await build({
    'GHSA-aaaa-aaaa-aaaa': flaw('CVE-2026-1001'),
    'GHSA-bbbb-bbbb-bbbb': flaw('CVE-2026-1002'),
  });
  feeds.malicious = await build({
    'GHSA-aaaa-aaaa-aaaa': { ...flaw('CVE-2026-1001'), aliases: ['CVE-2026-1001', 'MAL-2026-1'] },
    'MAL-2026-1': { affected: [affects('npm', 'left', [{ introduced: '0' }])] },
    'MAL-2026-2': { affected: [affects('npm', 'left', [{ introduced: '0' }])] },
  });
}, 900_000);

describe('packages of languages in a fleet', { timeout: 900_000 }, () => {
  it('are judged as a scan does, also without a distribution, and again when a record is new', async () => {
    await using store = await heldStore();
    await addImages(store, images);
    const { summary } = await night(store, feeds.first, [], async (fleet) => {
      await expectScans(fleet, images);
      const rows = await listNames(fleet.database, new Date());
      expect(
        rows.map(({ reference, installed, unjudged, state, counts }) => [
          reference,
          installed,
          unjudged,
          state,
          counts?.flaws,
        ]),
      ).toEqual(
        [
          // Two of dpkg, two of npm, one of pypi and one of composer, which the feed has no data about.
          [both, 6, 1, 'partly', expect.objectContaining({ high: 1, critical: 1 })],
          [alone, 1, 0, 'judged', expect.objectContaining({ high: 1 })],
          [cut, 1, 1, 'partly', expect.objectContaining({ high: 1 })],
        ].sort(([a], [b]) => (a! < b! ? -1 : 1)),
      );
    });
    expect(summary).toMatchObject({ read: 3, unread: 0, uncoveredSystems: 0 });

    const { news } = await night(store, feeds.second, [], (fleet) => expectScans(fleet, images));
    expect(news.map(({ kind, vulnerability, package: name }) => [kind, vulnerability, name])).toEqual([
      ['new', 'CVE-2026-1002', 'npm:left'],
    ]);
  });

  it('that are components are a gap until the feed has data about them, as in a scan', async () => {
    await using store = await heldStore();
    const components = `dir:${rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('libssl3', '3.0.9-1', { Source: 'openssl' }),
      'opt/bitnami/.bitnami_components.json': '{"redis":{"version":"7.4.1-0"},"lua":{}}',
    })}`;
    const listed = async (feed: string) => {
      let rows: Awaited<ReturnType<typeof listNames>> = [];
      await night(store, feed, [], async (fleet) => {
        await expectScans(fleet, [components]);
        rows = await listNames(fleet.database, new Date());
      });
      return rows.map(({ state, gaps, unjudged }) => [state, gaps?.map(({ code }) => code), unjudged]);
    };
    await addImages(store, [components]);
    // Without data about any ecosystem, and with it about others.
    const bare = writeSmallFeed([{ platform: bookworm, statements: [] }]);
    const gap = ['uncovered_components'];
    expect(await listed(bare)).toEqual([['partly', expect.arrayContaining(gap), 2]]);
    expect(await listed(feeds.first)).toEqual([['partly', expect.arrayContaining(gap), 2]]);
    const judged = await build(
      { 'GHSA-aaaa-aaaa-aaaa': flaw('CVE-2026-1001') },
      {
        'BIT-redis-2026-3000': {
          aliases: ['CVE-2026-3000'],
          affected: [affects('Bitnami', 'redis', before('7.4.2'))],
        },
      },
    );
    expect(await listed(judged)).toEqual([['partly', expect.arrayContaining(['unread_package_files']), 1]]);
  });

  it('have flaws that a waiver names by the id of a record, if it is about one', async () => {
    await using store = await heldStore();
    const fleet = fleetCommands(store);
    await addImages(store, [alone]);
    await fleet('run', '--feed', feeds.first, '--max-age', '0');
    const waive = (id: string) => fleet('waive', id, '--reason', 'not served', '--by', 'ann');
    expect((await waive('GHSA-aaaa-aaaa-aaaa')).out).toContain('CVE-2026-1001');
    expect((await fleet('waivers')).out).toContain('CVE-2026-1001');
    expect((await waive('GHSA-cccc-cccc-cccc')).out).toContain('GHSA-cccc-cccc-cccc');
    // Evidence of a time knows the ids of that time, whatever the record states later.
    await store.query('UPDATE fleet.verdicts SET to_run = 2');
    const { vulnerability, images } = await readEvidence(store, 'GHSA-aaaa-aaaa-aaaa');
    expect([vulnerability, images.map(({ open }) => open)]).toEqual(['CVE-2026-1001', [true]]);
  });

  it('that are malicious are to be removed, in pages and news; ids of their records lead to the flaw', async () => {
    await using store = await heldStore();
    await addImages(store, [alone]);
    await night(store, feeds.first, [], async () => undefined);
    const { news } = await night(store, feeds.malicious, [], (fleet) => expectScans(fleet, [alone]));
    const told = (kind: string, vulnerability: string) =>
      news.find((item) => item.kind === kind && item.vulnerability === vulnerability);
    expect(told('new', 'MAL-2026-2')).toMatchObject({
      after: 'affected, malicious package: remove it',
      severity: 'critical',
    });
    expect(told('severity', 'CVE-2026-1001')).toMatchObject({
      ...{ before: 'high', after: 'critical, malicious package' },
    });

    const now = new Date();
    const { app, close } = await openPageServer(store, () => now);
    const get = async (url: string, accept = 'text/html') => {
      const { statusCode, headers, body } = await app.inject({ url, headers: { accept } });
      return { statusCode, location: headers.location, body };
    };
    const image = JSON.parse((await get('/images', 'application/json')).body).rows[0].digest as string;
    const pages = [`/images/${image}`, '/packages/npm:left', '/vulnerabilities/MAL-2026-2', '/news'];
    for (const page of [...pages, '/vulnerabilities/CVE-2026-1001']) {
      const { statusCode, body } = await get(page);
      expect([page, statusCode]).toEqual([page, 200]);
      expect(body, page).toMatch(/malicious package/i);
      expect(body, page).not.toContain('no fix yet');
      // Their first tables are of news, and of installed builds.
      if (page === '/news' || page.startsWith('/packages/')) continue;
      for (const type of ['text/csv', 'application/json'])
        expect((await get(page, type)).body, `${page} ${type}`).toMatch(/MALICIOUS PACKAGE: remove it/);
    }
    for (const id of ['ghsa-AAAA-aaaa-aaaa', 'MAL-2026-1'])
      for (const page of [`/search?q=${id}`, `/vulnerabilities/${id}`])
        expect(await get(page)).toMatchObject({
          ...{ statusCode: 303, location: '/vulnerabilities/CVE-2026-1001' },
        });
    const found = JSON.parse((await get('/api/v1/vulnerabilities/GHSA-aaaa-aaaa-aaaa')).body);
    expect(found).toMatchObject({
      id: 'GHSA-aaaa-aaaa-aaaa',
      found: [{ vulnerability: 'CVE-2026-1001', marks: expect.arrayContaining(['malicious']) }],
    });
    await close();
  });

  it('of an ecosystem that the feed lacks are unknown in lists, pages, CSV and news', async () => {
    await using store = await heldStore();
    const fleet = fleetCommands(store);
    await addImages(store, [both]);
    const { news } = await night(store, feeds.first, [], async () => undefined);
    expect(news).toMatchObject([{ kind: 'added', detail: expect.stringContaining('uncovered languages') }]);
    for (const format of ['table', 'json', 'csv']) {
      const { out } = await fleet('list', '-o', format);
      expect(out, format).toMatch(/uncovered[ _]languages/);
    }
    const now = new Date();
    const { app, close } = await openPageServer(store, () => now);
    const get = async (url: string, accept: string) => (await app.inject({ url, headers: { accept } })).body;
    const image = JSON.parse(await get('/images', 'application/json')).rows[0].digest as string;
    for (const page of ['/images', `/images/${image}?view=gaps&table=gaps`])
      for (const accept of ['text/html', 'text/csv', 'application/json'])
        expect(await get(page, accept), `${page} ${accept}`).toContain(
          'of languages that this feed has no data about: composer 1',
        );
    expect(await get('/news', 'text/csv')).toContain('uncovered languages');
    await close();
  });

  it('that nobody judged are part of what evidence does not know, by the feed of its night', async () => {
    await using store = await heldStore();
    await addImages(store, images);
    const bare = writeSmallFeed([{ platform: bookworm, statements: [] }]);
    const evidence = async (asOf?: Date) => {
      const { unknown } = await readEvidence(store, 'CVE-2026-1001', asOf);
      return unknown.map(({ reference, state, detail }) => [reference, state, detail]);
    };
    await night(store, bare, [], async () => undefined);
    const early = await evidence();
    const [run] = await store.query<{ finished: Date }>('SELECT finished FROM fleet.runs');
    await night(store, feeds.first, [], async () => undefined);

    const [ofBoth] = early.filter(([reference]) => reference === both);
    expect(ofBoth).toEqual([
      both,
      'partly',
      'packages that the feed does not judge: composer 1, npm 2, pypi 1',
    ]);
    expect(early.map(([reference]) => reference)).toEqual([...images].sort());
    // A later feed with data about languages changes nothing in what was known then.
    expect(await evidence(run!.finished)).toEqual(early);
    expect(await evidence()).toEqual(
      [
        [both, 'partly', 'packages that the feed does not judge: composer 1; uncovered_languages'],
        [cut, 'partly', 'packages that the feed does not judge: npm 1; unread_package_files'],
      ].sort(([a], [b]) => (a! < b! ? -1 : 1)),
    );
  });

  it('end a run as a scan ends', async () => {
    for (const reference of images) {
      await using store = await heldStore();
      const fleet = fleetCommands(store);
      await addImages(store, [reference]);
      const judging = ['--feed', feeds.first, '--max-age', '0'];
      const scan = await runHere(['scan', reference, ...judging]);
      const run = await fleet('run', ...judging, '--fail-on-uncovered');
      expect(run.code, `${run.out}${run.err}`).toBe(scan.code);
      expect(scan.code).toBe(reference === alone ? 0 : 4);
      const { gaps } = JSON.parse((await runHere(['scan', reference, ...judging, '-o', 'json'])).out);
      const list = await fleet('list', '-o', 'json');
      expect(JSON.parse(list.out)[0].gaps.map(({ detail }: Gap) => detail)).toEqual(
        gaps.map(({ detail }: Gap) => detail),
      );
    }
  });

  it('are judged where the feed does not cover the distribution, as by a scan: owned ones too', async () => {
    const foreign = `dir:${rootWith({
      'etc/os-release': 'ID=solus\nNAME=Solus\nVERSION_ID="4.7"\n',
      'srv/node_modules/left/package.json': left,
    })}`;
    const later = `dir:${rootWith({
      'etc/os-release': debianRelease('99', 'later'),
      'var/lib/dpkg/status': stanza('python3-shop', '1.0-1', { Source: 'openssl' }),
      'var/lib/dpkg/info/python3-shop.list': `/${owned}\n`,
      [owned]: metadata('shop', '1.0'),
    })}`;
    const without = `dir:${rootWith({
      'etc/os-release': debianRelease('99', 'later'),
      'var/lib/dpkg/status': stanza('python3-other', '1.0-1', { Source: 'openssl' }),
    })}`;
    await using store = await heldStore();
    const fleet = fleetCommands(store);
    await addImages(store, [foreign, later, without]);
    const { summary, news } = await night(store, feeds.first, [], async (fleet) => {
      await expectScans(fleet, [foreign, later]);
      const rows = await listNames(fleet.database, new Date());
      expect(new Map(rows.map((row) => [row.reference, [row.state, row.platform, row.gaps]]))).toEqual(
        new Map([
          [foreign, ['partly', 'npm', [expect.objectContaining({ code: 'uncovered_system' })]]],
          [later, ['partly', 'pypi', [expect.objectContaining({ code: 'uncovered_system' })]]],
          // Its system has another image with packages of a language; nothing of this one is judged.
          [without, ['uncovered', 'pypi', [expect.objectContaining({ code: 'uncovered_system' })]]],
        ]),
      );
    });
    expect(summary).toMatchObject({ uncoveredSystems: 0, partly: 2, uncovered: 1, open: { always: 2 } });
    expect(news.filter(({ kind }) => kind === 'uncovered')).toHaveLength(2);
    const second = await night(store, feeds.second, [], (fleet) => expectScans(fleet, [foreign, later]));
    expect(second.news.map(({ kind, vulnerability }) => [kind, vulnerability])).toEqual([
      ['new', 'CVE-2026-1002'],
    ]);
    const judging = ['--feed', feeds.second, '--max-age', '0'];
    expect((await runHere(['scan', foreign, ...judging])).code).toBe(4);
    expect((await fleet('run', ...judging)).code).toBe(4);
  });

  it('are nothing that makes an image known of which no package is judged', async () => {
    const foreign = `dir:${rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('d', '1+deb10u1'),
      'srv/node_modules/left/package.json': left,
    })}`;
    await using store = await heldStore();
    await addImages(store, [foreign]);
    await night(store, writeSmallFeed([{ platform: bookworm, statements: [] }]), [], async (fleet) => {
      await expectScans(fleet, [foreign]);
      const [row] = await listNames(fleet.database, new Date());
      expect(row).toMatchObject({ state: 'uncovered', unjudged: 1, counts: { judged: 0, uncovered: 1 } });
    });
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Severity } from '../../../src/model/feed/index.ts';
import { debianRelease, rootWith, stanza } from '../../support/cli.ts';
import { addImages, fleetCommands, heldStore, night } from '../../support/fleet.ts';
import { openPageServer } from '../../support/page-server.ts';
import { bookworm, writeSmallFeed } from '../../support/small-feed.ts';

const about = (name: string, severity: Severity = 'high') => ({
  vulnerability: `CVE-2026-1-${name}`,
  package: name,
  status: 'affected' as const,
  fixState: 'none_yet' as const,
  severity,
});
const named = (name: string) => ({ vulnerability: `CVE-2026-1-${name}`, package: name });
const whole = writeSmallFeed([
  { platform: bookworm, statements: [about('curl', 'critical'), about('tar'), about('zlib')] },
]);
/** The statements about curl and tar are gone, those about curl because they cannot be read. */
const unread = writeSmallFeed([{ platform: bookworm, statements: [about('zlib')], unread: { curl: 1 } }]);
const someRecords = writeSmallFeed([
  { platform: bookworm, statements: [about('zlib')], data: { marks: ['unread_records'] } },
]);
const trixie = { ...bookworm, id: 'debian-13', aliases: [], os: { id: 'debian', version: '13' } };
const elsewhere = writeSmallFeed([{ platform: trixie, statements: [] }]);

const files = (status: string) => ({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': status,
});
const three = ['curl', 'tar', 'zlib'].map((name) => stanza(name, '1')).join('');

const kinds = ({ news }: { news: readonly { kind: string; vulnerability?: string; package?: string }[] }) =>
  news.map(({ kind, vulnerability, package: name }) => [kind, vulnerability ?? name]);

it('a flaw whose statement cannot be read any more is not fixed, and is new when it can', async () => {
  await using store = await heldStore();
  await addImages(store, [`dir:${rootWith(files(three))}`]);
  await night(store, whole);
  const lost = await night(store, unread);
  expect(kinds(lost)).toEqual([
    ['gone', 'CVE-2026-1-tar'],
    ['uncovered', 'CVE-2026-1-curl'],
    ['uncovered', 'curl'],
  ]);
  expect(lost.news[1]).toMatchObject({
    severity: 'critical',
    before: 'affected, no fix yet',
    after: 'not known any more',
  });
  expect(kinds(await night(store, whole))).toEqual([
    ['new', 'CVE-2026-1-curl'],
    ['new', 'CVE-2026-1-tar'],
  ]);
});

it('a flaw is fixed when the vendor says so, gone when its statement is, and not judged while the vendor looks into it', async () => {
  await using store = await heldStore();
  const fleet = fleetCommands(store);
  await addImages(store, [`dir:${rootWith(files(three + stanza('bash', '1') + stanza('xz', '1')))}`]);
  const names = ['bash', 'curl', 'tar', 'xz', 'zlib'];
  await night(store, writeSmallFeed([{ platform: bookworm, statements: names.map((name) => about(name)) }]));
  const { fixState: _, ...told } = about('bash');
  const statements = [
    { ...told, status: 'fixed' as const, fixed: '1' },
    { ...told, ...named('curl'), status: 'not_affected' as const },
    { ...told, ...named('xz'), status: 'under_investigation' as const },
    // Another package's statement about the flaw says nothing of this one.
    { ...about('zlib'), ...named('tar'), package: 'zlib' },
    about('zlib'),
  ];
  const { news } = await night(store, writeSmallFeed([{ platform: bookworm, statements }]));
  expect(
    news.map(({ kind, cause, vulnerability, before, after }) => [kind, cause, vulnerability, before, after]),
  ).toEqual([
    ['new', 'feed', 'CVE-2026-1-tar', undefined, 'affected, no fix yet'],
    ['gone', 'feed', 'CVE-2026-1-tar', 'affected, no fix yet', 'the feed has no statement about it any more'],
    ['fixed', 'feed', 'CVE-2026-1-bash', 'affected, no fix yet', 'no longer affected'],
    ['fixed', 'feed', 'CVE-2026-1-curl', 'affected, no fix yet', 'no longer affected'],
    ['uncovered', 'feed', 'CVE-2026-1-xz', 'affected, no fix yet', 'under investigation'],
  ]);
  const read = async (format: string) => (await fleet('news', '-o', format)).out;
  expect(await read('table')).toMatch(/^Gone +CVE-2026-1-tar tar debian-12 .*no statement about it/m);
  expect(await read('markdown')).toContain('**Gone** (1)');
});

it.each([
  ['records that name no package could not be read', someRecords, ['CVE-2026-1-curl', 'CVE-2026-1-tar']],
  ['no platform judges the system', elsewhere, []],
])('nothing is fixed where %s', async (_, feed, flaws) => {
  await using store = await heldStore();
  await addImages(store, [`dir:${rootWith(files(three))}`]);
  await night(store, whole);
  const found = kinds(await night(store, feed));
  expect(found.map(([kind]) => kind)).not.toContain('fixed');
  expect(found.filter(([, name]) => name?.startsWith('CVE'))).toEqual(
    flaws.map((flaw) => ['uncovered', flaw]),
  );
});

it('fewer flaws because statements cannot be read are not fewer: the overview, its table and the list say what is not judged', async () => {
  await using store = await heldStore();
  const fleet = fleetCommands(store);
  await addImages(store, [`dir:${rootWith(files(three))}`]);
  await night(store, whole);
  await night(store, unread);
  const list = await fleet('list');
  expect(list.out).toContain('1 image, 1 not judged in full: their flaws are not all counted\n');
  const now = new Date();
  const server = await openPageServer(store, () => now);
  const asked = async (url: string, accept: string) =>
    (await server.app.inject({ url, headers: { accept } })).body;
  try {
    const page = (await asked('/', 'text/html')).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    expect(page).toContain('without what is not known: 1 image not judged in full, 1 package not judged');
    expect(page).toContain(
      '2 fewer flaws, in the same number of images; 1 more image not judged in full; 1 more package not judged',
    );
    const [head, last, first] = (await asked('/?format=csv&table=trend', 'text/csv')).split('\r\n');
    const of = (line = '') => line.split(',').slice(-3);
    expect([head, last, first].map(of)).toEqual([
      ['images', 'not_in_full', 'unjudged'],
      ['1', '1', '1'],
      ['1', '0', '0'],
    ]);
  } finally {
    await server.close();
  }
});

it.each([
  ['unimportant' as const, 'rated unimportant'],
  ['negligible' as const, 'negligible without a fix'],
])(
  'a flaw that becomes %s is gone and not fixed, and new when it counts again',
  async (suppressed, words) => {
    await using store = await heldStore();
    const fleet = fleetCommands(store);
    await addImages(store, [`dir:${rootWith(files(three))}`]);
    await night(store, whole);
    const statements = [{ ...about('curl'), suppressed }, about('tar'), about('zlib')];
    await night(store, writeSmallFeed([{ platform: bookworm, statements }]));
    const hidden = `affected, no fix yet, not counted: ${words}`;
    const read = async (format: string) => (await fleet('news', '-o', format)).out;
    expect(JSON.parse(await read('json')).runs[0].items).toMatchObject([
      { kind: 'gone', vulnerability: 'CVE-2026-1-curl', before: 'affected, no fix yet', after: hidden },
    ]);
    for (const format of ['table', 'markdown', 'atom']) {
      const text = await read(format);
      expect(text).toContain(hidden);
      expect(text).toContain('Gone');
      expect(text).not.toContain('Fixed');
    }
    const { news } = await night(store, whole);
    expect(news).toMatchObject([
      { kind: 'new', vulnerability: 'CVE-2026-1-curl', before: hidden, after: 'affected, no fix yet' },
    ]);
  },
);

it('an image built again on a release where a flaw does not count has not repaired it', async () => {
  await using store = await heldStore();
  const root = rootWith(files(three));
  await addImages(store, [`dir:${root}`]);
  const { fixState: _, ...told } = about('tar');
  const both = writeSmallFeed([
    { platform: bookworm, statements: ['curl', 'tar', 'zlib'].map((name) => about(name)) },
    {
      platform: trixie,
      statements: [
        { ...about('curl'), suppressed: 'unimportant' as const },
        { ...told, status: 'under_investigation' as const },
        about('zlib'),
      ],
    },
  ]);
  await night(store, both);
  writeFileSync(join(root, 'etc/os-release'), debianRelease('13', 'trixie'));
  const { news } = await night(store, both);
  expect(news.map(({ kind, vulnerability, after }) => [kind, vulnerability, after])).toEqual([
    ['gone', 'CVE-2026-1-curl', 'affected, no fix yet, not counted: rated unimportant'],
    ['uncovered', 'CVE-2026-1-tar', 'under investigation'],
  ]);
});

it('a release past its end of life, or that a feed has lost, is told by the name of its platform, as its flaws are', async () => {
  await using store = await heldStore();
  await addImages(store, [`dir:${rootWith({ ...files(three), 'etc/debian_version': '12.5\n' })}`]);
  await night(store, whole);
  const life = [{ phase: 'lts', until: '2020-01-31' }];
  const statements = ['curl', 'tar', 'zlib'].map((name) => about(name));
  const { news } = await night(store, writeSmallFeed([{ platform: { ...bookworm, life }, statements }]));
  expect(news).toMatchObject([
    { kind: 'severity', platform: 'debian-12' },
    { kind: 'uncovered', platform: 'debian-12', detail: expect.stringContaining('end of life') },
  ]);
  expect((await night(store, elsewhere)).news).toMatchObject([{ kind: 'uncovered', platform: 'debian-12' }]);
});

it('an image built again with a package that cannot be judged has not lost its flaws', async () => {
  await using store = await heldStore();
  const root = rootWith(files(three));
  await addImages(store, [`dir:${root}`]);
  await night(store, whole);
  const foreign = stanza('curl', '1').replace('Version: 1', 'Version: 2+deb10u1');
  writeFileSync(join(root, 'var/lib/dpkg/status'), foreign + stanza('zlib', '1'));
  expect(kinds(await night(store, whole)).filter(([, name]) => name?.startsWith('CVE'))).toEqual([
    ['fixed', 'CVE-2026-1-tar'],
    ['uncovered', 'CVE-2026-1-curl'],
  ]);
});

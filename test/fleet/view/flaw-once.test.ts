import { expect, it } from 'vitest';
import { addWaiver } from '../../../src/fleet/store/waivers.ts';
import type { Statement } from '../../../src/model/feed/index.ts';
import { rootWith, scapfeed } from '../../support/cli.ts';
import { addImages, heldStore, night } from '../../support/fleet.ts';
import { openPageServer } from '../../support/page-server.ts';
import { rpmHeader } from '../../support/rpm-header.ts';
import { rpmSqlite } from '../../support/rpm-sqlite.ts';
import { writeSmallFeed } from '../../support/small-feed.ts';

/** Binaries of one source, which the vendor repairs in different versions, or not at all. */
const binaries = ['python3', 'python3-libs', 'python3-devel'];
const about = (vulnerability: string, at: number, rest: Partial<Statement>) => ({
  ...{ vulnerability, package: binaries[at]!, subject: 'binary' as const, severity: 'unknown' as const },
  ...(rest.status === 'affected' ? { fixState: 'none_yet' as const } : {}),
  ...{ status: 'fixed' as const, ...rest },
});
const feedOf = (statements: readonly ReturnType<typeof about>[]) =>
  writeSmallFeed([
    {
      platform: {
        ...{ id: 'almalinux-9', name: 'AlmaLinux 9', aliases: [], packaging: 'rpm', life: [] },
        os: { id: 'almalinux', version: '9' },
      },
      data: { roster: new Map([['python3.9', { version: '3.9', binaries: [] }]]) },
      statements,
    },
  ]);
const first = [
  about('CVE-2024-0001', 0, { fixed: '0:3.9-2.el9', severity: 'medium' }),
  about('CVE-2024-0001', 1, { fixed: '0:3.9-4.el9', severity: 'high' }),
  about('CVE-2024-0001', 2, { status: 'affected', severity: 'low' }),
];
const second = [
  about('CVE-2024-0002', 0, { status: 'affected', severity: 'high' }),
  about('CVE-2024-0002', 1, { fixed: '0:3.9-3.el9', severity: 'low' }),
];
const third = [
  about('CVE-2024-0003', 0, { fixed: '0:3.9-2.el9' }),
  about('CVE-2024-0003', 1, { fixed: '0:3.9-3.el9' }),
];
const feed = feedOf([...first, ...second, ...third]);
const image = `dir:${rootWith({
  'etc/os-release': 'ID=almalinux\nVERSION_ID=9\n',
  'var/lib/rpm/rpmdb.sqlite': rpmSqlite(
    binaries.map((name) =>
      rpmHeader({
        ...{ name, version: '3.9', release: '1.el9', arch: 'x86_64', vendor: 'AlmaLinux' },
        sourceRpm: 'python3.9-3.9-1.el9.src.rpm',
      }),
    ),
  ),
})}`;

const plain = (body: string) => body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

it('formats of a scan and its gate count a flaw once, whatever versions fix its binaries', () => {
  const scan = (...args: string[]) =>
    scapfeed(['scan', image, '--feed', feed, '--max-age', '0', '--allow-unrated', ...args]);
  const table = scan('--fail-on', 'high');
  expect(table.out).toContain('3 flaws of source packages');
  expect(table.out).toContain('by severity: 2 high, 1 unknown');
  expect(table.err).toContain('policy: 2 flaws at or above --fail-on\n');
  expect(table.err).toContain('policy: 1 flaw without a vendor rating not counted');
  expect(scan('--fail-on', 'unrated').err).toContain('policy: 1 flaw without');
  expect(scan('--by', 'package').out).toMatch(
    /^python3\.9 +3 .*and 3 flaws go\n0 flaws without a fix to install$/ms,
  );
  expect(scan('-o', 'junit', '--fail-on', 'high').out).toContain('tests="3" failures="2"');
  const { failing, unrated } = JSON.parse(scan('-o', 'json', '--fail-on', 'high').out).policy;
  expect({ failing, unrated }).toEqual({ failing: 2, unrated: 1 });
  const [run] = JSON.parse(scan('-o', 'sarif').out).runs;
  expect(run.results).toHaveLength(run.properties.counts.flaws);
  expect(run.results[0].message.text).toMatch(
    /Upgrade python3-libs to 0:3\.9-4\.el9\..*Upgrade python3 to 0:3\.9-2\.el9\./,
  );
  const page = scan('-o', 'html').out;
  expect(page.match(/<details class="flaw /g)).toHaveLength(3);
  expect(plain(page)).toContain('Upgrade 1 source package, and 3 flaws go');
  expect(scan('-o', 'markdown').out).toContain('and 3 flaws go');
  expect(scan('-o', 'github').out).toContain('3 flaws (2 high, 1 unknown) in 3 packages, 3 with a fix');
});

it('a fleet counts what a scan counts: in its list, news, pages and API, and of waivers', async () => {
  await using store = await heldStore();
  await addImages(store, [image]);
  const { news } = await night(store, feed, []);
  expect(news).toMatchObject([{ kind: 'added', after: '2 high, 1 unknown' }]);

  const now = new Date();
  const server = await openPageServer(store, () => now);
  const json = async (url: string) =>
    (await server.app.inject({ url, headers: { accept: 'application/json' } })).json();
  const page = async (url: string) =>
    plain((await server.app.inject({ url, headers: { accept: 'text/html' } })).body);
  try {
    const [listed] = (await json('/images')).rows;
    const counted = { critical: 0, high: 2, medium: 0, low: 0, unknown: 1, fixable: 3 };
    expect(listed).toMatchObject(counted);
    const overview = await page('/');
    expect(overview).toMatch(/Open flaws 3 in 1 image .* 3 with a fix to install/);
    // Each of its flaws has a severity: the worst.
    expect(overview).toContain(
      'Oldest fix not installed today since the first run that found the fix high CVE-2024-0001 python3.9 , today low CVE-2024-0002 python3.9 , today unknown CVE-2024-0003 python3.9 , today Coverage',
    );
    expect(overview).toMatch(/python3\.9 high 3 1 /);
    const own = await page(`/images/${listed.digest}`);
    expect(own).toMatch(/Open flaws 3 .* 3 with a fix to install, 0 without/);
    // A package that has a fix stands for one that has none.
    expect(own).toContain('3.9-1.el9 fixed in 0:3.9-3.el9');
    expect(own).not.toContain('no fix yet');
    const api = async () => (await json(`/api/v1/images/${listed.digest}`)).counts;
    expect(await api()).toMatchObject({
      flaws: { high: 2, unknown: 1, low: 0, medium: 0 },
      ...{ fixable: 3, waived: 0 },
    });

    await addWaiver(store, { vulnerability: 'CVE-2024-0002', reason: 'of no use here' }, 'ops', now);
    expect(await api()).toMatchObject({
      flaws: { high: 1, unknown: 1, low: 0, medium: 0 },
      ...{ fixable: 2, waived: 1 },
    });
  } finally {
    await server.close();
  }
});

it('news of a feed tell a flaw once, and not as new or gone where another binary has it', async () => {
  await using store = await heldStore();
  await addImages(store, [image]);
  await night(store, feedOf([second[0]!, ...third]));

  const more = await night(store, feed);
  expect(more.news).toMatchObject([
    {
      ...{ kind: 'new', vulnerability: 'CVE-2024-0001', severity: 'high' },
      after: 'affected, fixed in 0:3.9-4.el9',
    },
    // The other binary has a fix, of the flaw that was open before.
    { kind: 'fix_available', vulnerability: 'CVE-2024-0002', severity: 'high' },
  ]);

  const less = await night(store, feedOf([first[2]!, second[1]!]));
  expect(
    less.news.map(({ kind, vulnerability, before, after }) => [kind, vulnerability, before, after]),
  ).toEqual([
    ['severity', 'CVE-2024-0001', 'high', 'low'],
    ['severity', 'CVE-2024-0002', 'high', 'low'],
    [
      ...['gone', 'CVE-2024-0003', 'affected, fixed in 0:3.9-3.el9'],
      'the feed has no statement about it any more',
    ],
  ]);
});

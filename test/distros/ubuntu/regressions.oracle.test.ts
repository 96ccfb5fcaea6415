import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Collector } from '../../../src/feed/compile/index.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { claimsOf, platformIds, read, recorded, tar, words } from './support.ts';

// Real records that showed a trap of Ubuntu's data, by id; docs/ubuntu.md has the rules that follow.
describe.skipIf(!hasData('ubuntu'))('records that taught a rule', () => {
  let collector: Collector;

  beforeAll(async () => {
    collector = await read({ 'ubuntu-osv': recorded.osv(), 'ubuntu-vex': recorded.vex() });
  });

  const platform = (codename: string) =>
    ({ trusty: '14.04', xenial: '16.04', bionic: '18.04', focal: '20.04', jammy: '22.04', noble: '24.04' })[
      codename
    ];

  const said = (codename: string, cve: string, source: string) =>
    words(claimsOf(collector, `ubuntu-${platform(codename)}`).get(`${cve} ${source}`));

  const all = (cve: string) =>
    platformIds(collector).flatMap((id) =>
      [...claimsOf(collector, id)].filter(([name]) => name.startsWith(`${cve} `)),
    );

  it.each([
    // glibc's won't-fix in every release: OSV says "no fix", VEX says why.
    [
      'trusty',
      'CVE-2016-20013',
      'eglibc',
      ['affected will_not_fix', 'esm-infra-legacy: affected will_not_fix'],
    ],
    ['bionic', 'CVE-2016-20013', 'glibc', ['affected will_not_fix', 'esm-infra: affected will_not_fix']],
    ['jammy', 'CVE-2016-20013', 'glibc', ['affected will_not_fix']],
    ['noble', 'CVE-2016-20013', 'glibc', ['affected will_not_fix']],
    // Infra-only; `trusty/esm` and `esm-infra/…` are one channel.
    [
      'trusty',
      'CVE-2014-9913',
      'unzip',
      ['affected other_channel (esm-infra) at 6.0-9ubuntu1.6', 'esm-infra: fixed 6.0-9ubuntu1.6'],
    ],
    ['xenial', 'CVE-2014-9913', 'unzip', ['fixed 6.0-20ubuntu1.1']],
    // Pro-only: the base entry is left out, and the base is as vulnerable as before.
    [
      'trusty',
      'CVE-2014-0021',
      'chrony',
      ['affected other_channel (esm-infra) at 1.29-1ubuntu0.1+esm1', 'esm-infra: fixed 1.29-1ubuntu0.1+esm1'],
    ],
    // esm-apps and esm-infra have one ecosystem name; the purl tells them apart.
    [
      'jammy',
      'CVE-2022-24823',
      'netty',
      [
        'affected other_channel (esm-apps) at 1:4.1.48-4+deb11u2ubuntu0.1~esm1',
        'esm-apps: fixed 1:4.1.48-4+deb11u2ubuntu0.1~esm1',
      ],
    ],
    // Both ESM rows of one source: the fix in one of them is the fix to tell of.
    [
      'xenial',
      'CVE-2021-24032',
      'libzstd',
      [
        expect.stringMatching(/^affected other_channel \(esm-infra\) at /),
        expect.stringMatching(/^esm-apps: affected none_yet/),
        expect.stringMatching(/^esm-infra: fixed /),
      ],
    ],
    // Base, fips-preview and fips-updates kept apart; FIPS rows say nothing of the base.
    [
      'jammy',
      'CVE-2024-6119',
      'openssl',
      [
        'fips-preview: affected none_yet',
        'fips-updates: fixed 3.0.2-0ubuntu1.18+Fips1',
        'fixed 3.0.2-0ubuntu1.18',
      ],
    ],
    // Ecosystem `Ubuntu:Pro:FIPS:16.04:LTS` on both: only the purl tells fips from fips-updates.
    [
      'xenial',
      'CVE-2020-0305',
      'linux-fips',
      ['fips-updates: fixed 4.4.0-1029.34', 'fips: affected none_yet'],
    ],
    ['jammy', 'CVE-2025-71115', 'linux-realtime', ['affected none_yet', 'realtime: affected none_yet']],
    ['jammy', 'CVE-2025-71115', 'linux-bluefield', ['bluefield: affected none_yet']],
    // A base without entry in a release that is out of standard support.
    [
      'bionic',
      'CVE-2025-71115',
      'linux-raspi-5.4',
      ['affected end_of_life (release)', 'esm-infra: affected none_yet'],
    ],
  ])('%s %s %s', (codename, cve, source, expected) => {
    expect(said(codename, cve, source)).toEqual(expected);
  });

  it('CVE-2023-38545: the versions of purls and binaries are of the day, never a fix', () => {
    const fixes = all('CVE-2023-38545').flatMap(([, claims]) => claims.map(({ fixed }) => fixed));
    expect(fixes).not.toContain('7.81.0-1ubuntu1.24');
    for (const cve of ['CVE-2016-20013', 'CVE-2025-71115']) {
      expect(all(cve).flatMap(([, claims]) => claims.filter(({ status }) => status === 'fixed'))).toEqual([]);
    }
  });

  it.each(['CVE-2013-2208', 'CVE-2014-2901', 'CVE-2020-36325', 'CVE-2025-1179'])(
    'withdrawn %s says nothing',
    (cve) => {
      expect(all(cve)).toEqual([]);
      const withdrawn = collector.ledger.findings().find(({ reason }) => reason === 'withdrawn');
      expect(withdrawn?.examples.map(({ where }) => where).join('\n')).toMatch(/UBUNTU-CVE-20/);
    },
  );

  it('CVE-2026-38969 was rejected and is live: it says nothing', () => {
    expect(all('CVE-2026-38969')).toEqual([]);
    expect(collector.ledger.findings().map(({ reason }) => reason)).toContain('rejected');
  });

  it('CVE-2025-71115 with its 234 entries is 234 rows and their base rows, no more', () => {
    const claims = all('CVE-2025-71115').flatMap(([, rows]) => rows);
    const told = claims.filter(({ marks = [] }) => !marks.includes('inferred'));
    expect(told.length).toBeLessThanOrEqual(234);
    expect(claims.length - told.length).toBeGreaterThan(40);
    expect(new Set(claims.map((claim) => JSON.stringify(claim))).size).toBeLessThan(40);
  });

  it('USN-5391-1: its id and day stand on the rows that it fixed, found by release, source and version', () => {
    const [claim] = claimsOf(collector, 'ubuntu-18.04').get('CVE-2021-36084 libsepol') ?? [];
    expect(claim).toMatchObject({ status: 'fixed', advisories: ['USN-5391-1'] });
    expect(collector.advisories.get('USN-5391-1')).toMatchObject({
      date: '2022-04-27',
      title: 'libsepol vulnerabilities',
    });
    const [later] = claimsOf(collector, 'ubuntu-22.04').get('CVE-2021-36084 libsepol') ?? [];
    expect(later).toMatchObject({ status: 'fixed', fixed: '3.3-1' });
    expect(later?.advisories).toBeUndefined();
  });

  it('USN-5614-1 and the notices of the archive are advisories; LSN-0108-1 is of live patches, not packages', async () => {
    expect(collector.advisories.has('USN-5614-1')).toBe(true);
    const { ledger, advisories } = await read({
      'ubuntu-osv': dataPath(
        'ubuntu/MaineK00n+vuls-data-update/pkg/fetch/ubuntu/osv/testdata/fixtures/happy/osv-all.tar.xz',
      ),
    });
    expect([...advisories.keys()]).toEqual(['USN-7095-1']);
    expect(ledger.findings()).toContainEqual(
      expect.objectContaining({ reason: 'livepatch', examples: [{ where: 'osv/lsn/LSN-0108-1.json' }] }),
    );
  });

  it('CVE-2019-1010305: while it is withdrawn its fixes say nothing; live, they do', async () => {
    const path = 'cve/2019/UBUNTU-CVE-2019-1010305.json';
    const says = async (...folder: string[]) => {
      const text = readFileSync(dataPath('ubuntu', ...folder, path));
      const alone = await read({ 'ubuntu-osv': tar({ [`osv/${path}`]: text.toString('utf8') }) });
      const claims = ['16.04', '25.04'].map((version) =>
        words(claimsOf(alone, `ubuntu-${version}`).get('CVE-2019-1010305 libmspack')),
      );
      return [claims, alone.ledger.findings().map(({ reason }) => reason)];
    };
    const husk = ['anchore+vunnel@retyped', 'tests/unit/providers/ubuntu/test-fixtures/osv-husk'];
    expect(await says(...husk)).toEqual([
      [[], []],
      ['input_absent', 'withdrawn'],
    ]);
    expect(await says('more', 'osv')).toMatchObject([
      [['fixed 0.5-1ubuntu0.16.04.4'], []],
      expect.anything(),
    ]);
  });

  it('CVE-2018-12824: OSV lacks it, the tracker has its rows', async () => {
    const tracker = await read({ 'ubuntu-tracker': recorded.tracker() });
    expect(words(claimsOf(tracker, 'ubuntu-18.04').get('CVE-2018-12824 flashplugin-nonfree'))).toEqual([
      'fixed 1:20180814.1-0ubuntu0.18.04.2',
    ]);
  });

  it('CVE-2014-9390: OSV lacks git on bionic, the tracker has its rows', async () => {
    const tracker = await read({ 'ubuntu-tracker': recorded.tracker() });
    expect(words(claimsOf(tracker, 'ubuntu-18.04').get('CVE-2014-9390 git'))).toEqual(['fixed 1:2.1.4-2']);
    expect(words(claimsOf(tracker, 'ubuntu-18.04').get('CVE-2014-9390 jgit'))).toEqual([
      'not_affected (vulnerable_code_not_present)',
    ]);
  });
});

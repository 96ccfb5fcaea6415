import { describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../../../../src/model/inventory/index.ts';
import { type Feed, matchInventory, ruleOf } from '../../../../src/runtime/index.ts';
import { expectRules } from '../../../support/expect-rule.ts';
import { bookworm, deb, smallFeed, trixie } from '../../../support/small-feed.ts';

const roster = new Map(
  ['openssl', 'util-linux', 'mesa', 'exim4', 'samba', 'libreoffice'].map((name) => [
    name,
    { version: '1', binaries: [] },
  ]),
);

function judge(feed: Feed, platform: string, ...packages: InstalledPackage[]) {
  const shard = feed.shard(platform)!;
  const matched = matchInventory(feed, shard, { packages }, { all: true });
  expectRules(matched, ruleOf(feed, shard, { packages }, {}));
  return matched;
}

describe('a fixed version judges the installed source version', () => {
  const feed = smallFeed({
    platform: bookworm,
    data: { roster },
    statements: [
      {
        vulnerability: 'CVE-2023-0286',
        package: 'openssl',
        status: 'fixed',
        fixed: '3.0.8-1',
        advisories: ['DSA-5343-1'],
      },
      { vulnerability: 'CVE-2024-28085', package: 'util-linux', status: 'fixed', fixed: '2.38.1-5+deb12u1' },
      { vulnerability: 'CVE-2020-25717', package: 'samba', status: 'fixed', fixed: '2:4.13.13+dfsg-1' },
      { vulnerability: 'CVE-2018-10583', package: 'libreoffice', status: 'fixed', fixed: '1:6.0.3-1' },
    ],
  });

  it.each([
    ['one below', deb('libssl3', '3.0.7-1', 'openssl'), 'affected'],
    ['a tilde below', deb('libssl3', '3.0.8-1~rc1', 'openssl'), 'affected'],
    ['equal', deb('libssl3', '3.0.8-1', 'openssl'), 'fixed'],
    ['one above', deb('libssl3', '3.0.8-1+deb12u1', 'openssl'), 'fixed'],
    ['another epoch', deb('libssl3', '1:0.9-1', 'openssl'), 'fixed'],
    [
      "bsdutils of util-linux: epoch of the binary is not the source's",
      deb('bsdutils', '1:2.38.1-5+b1', 'util-linux', '2.38.1-5+b1'),
      'affected',
    ],
    [
      'uno-libs3 of libreoffice (sec-cvescan#78): the binary has no epoch, its source has one',
      deb('uno-libs3', '6.1.5-3', 'libreoffice', '1:6.1.5-3'),
      'fixed',
    ],
    [
      'login of util-linux (synapse-ce#1023, vuls#1646): the binary version would say fixed',
      deb('login', '1:4.16.0-2+really2.38.1-5', 'util-linux', '2.38.1-5'),
      'affected',
    ],
    [
      'libldb2 of samba (wazuh#24306): the binary version would say affected',
      deb('libldb2', '2:2.6.2+samba4.17.12', 'samba', '2:4.17.12+dfsg-0+deb12u1'),
      'fixed',
    ],
  ])('%s', (_, pkg, status) => {
    expect(judge(feed, 'debian-12', pkg).verdicts).toMatchObject([{ status, package: pkg }]);
  });

  it("names the version to install, the advisory and the place of the vendor's word", () => {
    const [verdict] = judge(feed, 'debian-12', deb('libssl3', '3.0.7-1', 'openssl')).verdicts;

    expect(verdict).toMatchObject({
      fixState: 'available',
      fixedVersion: '3.0.8-1',
      advisories: ['DSA-5343-1'],
      evidence: 'test-input#/openssl/CVE-2023-0286',
    });
  });
});

describe('a build of another suite is judged by that suite', () => {
  const feed = smallFeed(
    {
      platform: bookworm,
      data: {
        roster: new Map([...roster, ['exim4', { version: '4.96-15+deb13u1', binaries: [] }]]),
        ownDespiteSuffix: ['exim4'],
      },
      statements: [
        { vulnerability: 'CVE-2023-45913', package: 'mesa', status: 'affected', fixState: 'none_yet' },
        { vulnerability: 'CVE-2023-42117', package: 'exim4', status: 'fixed', fixed: '4.96-15+deb12u3' },
      ],
    },
    {
      platform: trixie,
      data: { roster },
      statements: [{ vulnerability: 'CVE-2023-45913', package: 'mesa', status: 'fixed', fixed: '25.0.7-2' }],
    },
  );

  it("a backport is judged by the next release's rows once its suffix is cut (wazuh#36985, #38474)", () => {
    const { verdicts } = judge(feed, 'debian-12', deb('libgl1', '25.0.7-2~bpo12+1', 'mesa'));

    expect(verdicts).toMatchObject([
      { status: 'fixed', platform: 'debian-13', marks: ['judged_by_other_release'] },
    ]);
  });

  it("mesa 22.3.6-1+deb12u2 on trixie is judged by bookworm's rows", () => {
    const { verdicts } = judge(feed, 'debian-13', deb('libgl1', '22.3.6-1+deb12u2', 'mesa'));

    expect(verdicts).toMatchObject([{ status: 'affected', platform: 'debian-12' }]);
  });

  it('a build for a release that the feed lacks is of other origin, not clean', () => {
    const { verdicts, uncovered } = judge(feed, 'debian-13', deb('libgl1', '25.2-1~bpo13+1', 'mesa'));

    expect(verdicts).toEqual([]);
    expect(uncovered).toMatchObject([
      { reason: 'other_origin', detail: 'built for Debian 14, which the feed has no data for' },
    ]);
  });

  it("a source that this suite itself ships with another suite's suffix stays judged here", () => {
    const { verdicts } = judge(feed, 'debian-12', deb('exim4', '4.96-15+deb13u1'));

    expect(verdicts).toMatchObject([{ status: 'fixed', platform: 'debian-12' }]);
  });
});

describe('silence is told from absence', () => {
  const feed = smallFeed(
    {
      platform: bookworm,
      data: { roster },
      statements: [
        {
          vulnerability: 'CVE-2023-44487',
          package: 'nodejs',
          status: 'fixed',
          fixed: '18.19.0+dfsg-6~deb12u1',
        },
      ],
    },
    { platform: trixie, statements: [] },
  );

  it.each([
    [
      'a source of the suite without statements',
      'debian-12',
      deb('samba-libs', '2:4.17', 'samba'),
      undefined,
    ],
    [
      'docker-ce, which Debian never shipped',
      'debian-12',
      deb('docker-ce', '5:24.0.7-1~debian.12~bookworm'),
      'other_origin',
    ],
    [
      'docker-ce as until 2023',
      'debian-12',
      deb('docker-ce', '5:20.10.1~3-0~debian-bookworm'),
      'other_origin',
    ],
    ['docker-ce as until 2018', 'debian-12', deb('docker-ce', '18.06.1~ce~3-0~debian'), 'other_origin'],
    ['docker-ce for Ubuntu', 'debian-12', deb('docker-ce', '5:24.0.7-1~ubuntu.22.04~jammy'), 'other_origin'],
    [
      'docker-ce for Ubuntu as until 2023',
      'debian-12',
      deb('docker-ce', '5:19.03.9~3-0~ubuntu-bionic'),
      'other_origin',
    ],
    [
      'containerd.io, whose version has no mark',
      'debian-12',
      deb('containerd.io', '1.6.24-1'),
      'other_origin',
    ],
    [
      'containerd.io where the suite has no roster',
      'debian-13',
      deb('containerd.io', '1.6.24-1'),
      'other_origin',
    ],
    ['a source that no index of the suite names', 'debian-12', deb('corp-agent', '1.0'), 'not_covered'],
    ["nodesource's nodejs", 'debian-12', deb('nodejs', '20.9.0-1nodesource1'), 'other_origin'],
    ["postgresql.org's builds", 'debian-12', deb('postgresql-15', '15.4-2.pgdg120+1'), 'other_origin'],
    ['a build of Raspberry Pi OS', 'debian-12', deb('nodejs', '18.13.0+dfsg1-1+rpt1'), 'other_origin'],
    ["Raspbian's own build", 'debian-12', deb('nodejs', '18.13.0+dfsg1-1+rpi1+deb12u9'), 'other_origin'],
    ['a build of Kali', 'debian-12', deb('nodejs', '20.1-0kali1'), 'other_origin'],
    ['a build of Linux Mint', 'debian-12', deb('nodejs', '20.1+linuxmint1+faye'), 'other_origin'],
    [
      'a build of Root.io (trivy#9118)',
      'debian-12',
      deb('nodejs', '18.19.0+dfsg-6.root.io.1'),
      'other_origin',
    ],
    [
      "Root.io's build of a source as Debian has it",
      'debian-12',
      deb('nodejs', '18.19.0+b1.root.io.1', 'nodejs', '18.19.0'),
      'other_origin',
    ],
    [
      'a source that Root.io renamed',
      'debian-13',
      deb('libnode108', '18.19.0', 'rootio-nodejs'),
      'other_origin',
    ],
    ['a package that Seal renamed', 'debian-12', deb('seal-nodejs', '18.19.0', 'nodejs'), 'other_origin'],
    ['a name with seal in it', 'debian-13', deb('sealed-seal-box', '1.0'), undefined],
    ['a suite without a roster cannot tell', 'debian-13', deb('corp-agent', '1.0'), undefined],
  ])('%s', (_, platform, pkg, reason) => {
    const { uncovered, judged } = judge(feed, platform, pkg);

    expect(uncovered.map((item) => item.reason)).toEqual(reason ? [reason] : []);
    expect(judged).toBe(reason ? 0 : 1);
  });

  it('a version that cannot be parsed is its own answer', () => {
    const { uncovered } = judge(feed, 'debian-12', deb('nodejs', 'not a version'));

    expect(uncovered).toMatchObject([{ reason: 'unparsable_version' }]);
  });
});

describe('builds of other archives sort above the fixes of Debian, which they may lack', () => {
  // Debian's fix of each source, which each version below is above.
  const fixes = {
    nginx: '1.22.1-9+deb12u1',
    mariadb: '1:10.11.6-0+deb12u1',
    tor: '0.4.7.16-1',
    redis: '5:7.0.15-1~deb12u1',
    'puppet-agent': '7.23.0-2',
    openvpn: '2.6.3-1+deb12u2',
    zabbix: '1:6.0.14+dfsg-1',
    git: '1:2.39.5-0+deb12u1',
    nodejs: '18.19.0+dfsg-6~deb12u2',
    logcheck: '1.1.1-13.2',
  };
  const feed = smallFeed({
    platform: bookworm,
    data: { roster: new Map(Object.keys(fixes).map((name) => [name, { version: '1', binaries: [] }])) },
    statements: Object.entries(fixes).map(([name, fixed]) => ({
      vulnerability: 'CVE-2024-1000',
      package: name,
      status: 'fixed',
      fixed,
    })),
  });

  it.each([
    [
      'nginx.org, which the official image of nginx has (trivy#9917)',
      'nginx',
      '1.25.2-1~bookworm',
      'bookworm',
    ],
    ['nginx.org, of a former release', 'nginx', '1.25.2-1~bullseye', 'bullseye'],
    ['mariadb.org', 'mariadb', '1:11.1.2+maria~deb12', '+maria~'],
    ['deb.torproject.org', 'tor', '0.4.8.9-1~d12.bookworm+1', 'bookworm'],
    ['packages.redis.io', 'redis', '6:7.2.3-1rl1~bookworm1', 'bookworm'],
    ['apt.puppet.com', 'puppet-agent', '7.26.0-1bookworm', 'bookworm'],
    ['build.openvpn.net', 'openvpn', '2.6.7-bookworm0', 'bookworm'],
    ['repo.zabbix.com', 'zabbix', '1:6.4.8-1+debian12', '+debian12'],
    ['a PPA', 'git', '1:2.40.0-0ppa1', 'ppa1'],
  ])('%s', (_, name, version, mark) => {
    const { verdicts, uncovered } = judge(feed, 'debian-12', deb(name, version));

    expect(verdicts).toEqual([]);
    expect(uncovered).toMatchObject([{ reason: 'other_origin', detail: `version carries ${mark}` }]);
  });

  it("Node.js of distroless has Debian's name and no revision (distroless#1373, CVE-2023-30581)", () => {
    const { verdicts, uncovered } = judge(feed, 'debian-12', deb('nodejs', '20.9.0'));

    expect(verdicts).toEqual([]);
    expect(uncovered).toMatchObject([
      {
        reason: 'other_origin',
        detail: '20.9.0 has no revision, as 18.19.0+dfsg-6~deb12u2 of debian-12 has',
      },
    ]);
  });

  it.each([
    ['a source that lost its revision since an old fix', 'logcheck', '1.4.2', 'fixed'],
    ['a build of Debian, below the fix', 'nodejs', '18.13.0+dfsg1-1', 'affected'],
    ['an update of Debian', 'nginx', '1.22.1-9+deb12u1', 'fixed'],
  ])('%s is judged', (_, name, version, status) => {
    expect(judge(feed, 'debian-12', deb(name, version)).verdicts).toMatchObject([{ status }]);
  });
});

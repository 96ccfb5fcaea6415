import { describe, expect, it } from 'vitest';
import { foreignBuild } from '../../../src/distros/shared/foreign-build.ts';
import { proServices } from '../../../src/distros/ubuntu/rule-channels.ts';
import { ubuntuBuild, ubuntuForeign } from '../../../src/distros/ubuntu/rule-threshold.ts';
import type { Platform, Statement } from '../../../src/model/feed/index.ts';
import type { Inventory } from '../../../src/model/inventory/index.ts';
import { matchInventory, ruleOf } from '../../../src/runtime/index.ts';
import { expectRules } from '../../support/expect-rule.ts';
import { deb, smallFeed } from '../../support/small-feed.ts';

const jammy: Platform = {
  id: 'ubuntu-22.04',
  name: 'Ubuntu 22.04 LTS (jammy)',
  aliases: ['jammy'],
  os: { id: 'ubuntu', version: '22.04', codename: 'jammy' },
  packaging: 'deb',
  life: [{ phase: 'standard', until: '2027-06-01' }],
};

type Row = Omit<Statement, 'platform' | 'severity' | 'evidence'>;

const base = (fixed: string): Partial<Row> => ({ status: 'fixed', fixed });
const fix = (channel: string, fixed: string): Partial<Row> => ({ status: 'fixed', fixed, channel });
const open = (channel?: string): Partial<Row> => ({
  status: 'affected',
  fixState: 'none_yet',
  ...(channel && { channel }),
});
const proOnly = (reason: string, channelFix: string): Partial<Row> => ({
  status: 'affected',
  fixState: 'other_channel',
  reason,
  channelFix,
});

/** The verdict on one installed version of `demo` whose vulnerability has these rows. */
function verdict(
  rows: readonly Partial<Row>[],
  version: string,
  inventory: Partial<Inventory> = {},
  stream?: string,
): string {
  // A second vulnerability with a base row, so that demo is not a source of special channels alone.
  const other = { vulnerability: 'CVE-2024-0002', package: 'demo', ...base('0.1') };
  const statements = [
    ...rows.map((row) => ({ vulnerability: 'CVE-2024-0001', package: 'demo', ...row })),
    other,
  ];
  const feed = smallFeed({ platform: jammy, statements: statements as Row[] });
  const shard = feed.shard(jammy.id)!;
  const asked = { packages: [deb('libdemo', version, 'demo')], ...inventory };
  const options = { all: true, ...(stream === undefined ? {} : { stream }) };
  const matched = matchInventory(feed, shard, asked, options);
  expectRules(matched, ruleOf(feed, shard, asked, options));
  const found = matched.verdicts.filter(({ vulnerability }) => vulnerability === 'CVE-2024-0001');
  expect(found.length).toBeLessThanOrEqual(1);
  const { status, fixState, fixedVersion, channel } = found[0] ?? { status: 'no verdict' };
  return [fixState ?? status, channel, fixedVersion].filter(Boolean).join(' ');
}

// The four definitions of oval-recipes/5, on both sides of each fix.
describe('a build is judged by the row of its channel, else by the base row', () => {
  const baseAndEsm = [base('1.0-1ubuntu0.2'), fix('esm-infra', '1.0-1ubuntu0.1~esm3')];
  const esmOnly = [proOnly('esm-infra', '1.0-1ubuntu0.1~esm3'), fix('esm-infra', '1.0-1ubuntu0.1~esm3')];
  const fips = [base('1.0-1ubuntu0.2'), fix('fips', '1.0-1ubuntu0.2+Fips2')];

  it.each([
    ['base build below the base fix', baseAndEsm, '1.0-1ubuntu0.1', 'available 1.0-1ubuntu0.2'],
    ['base build at the base fix', baseAndEsm, '1.0-1ubuntu0.2', 'fixed 1.0-1ubuntu0.2'],
    [
      'esm build at the esm fix, below the base fix',
      baseAndEsm,
      '1.0-1ubuntu0.1~esm3',
      'fixed esm-infra 1.0-1ubuntu0.1~esm3',
    ],
    [
      'esm build below the esm fix',
      baseAndEsm,
      '1.0-1ubuntu0.1~esm2',
      'available esm-infra 1.0-1ubuntu0.1~esm3',
    ],
    [
      'esm build, base row only: it is judged by it',
      [base('1.0-1ubuntu0.2')],
      '0.1~esm3',
      'available 1.0-1ubuntu0.2',
    ],
    ['base build, fixed for Pro only', esmOnly, '1.0-1', 'other_channel esm-infra 1.0-1ubuntu0.1~esm3'],
    ['esm build, fixed for Pro only', esmOnly, '1.0-1ubuntu0.1~esm3', 'fixed esm-infra 1.0-1ubuntu0.1~esm3'],
    [
      'unmarked ESM build of 14.04 at the fix',
      [proOnly('esm-infra', '6.0-9ubuntu1.6')],
      '6.0-9ubuntu1.6',
      'fixed esm-infra 6.0-9ubuntu1.6',
    ],
    [
      'FIPS build below its fix, above the base fix',
      fips,
      '1.0-1ubuntu0.2+Fips1',
      'available fips 1.0-1ubuntu0.2+Fips2',
    ],
    ['FIPS build at its fix', fips, '1.0-1ubuntu0.2+Fips2', 'fixed fips 1.0-1ubuntu0.2+Fips2'],
    [
      'FIPS build, base row only',
      [base('1.0-1ubuntu0.3')],
      '1.0-1ubuntu0.2+Fips2',
      'available 1.0-1ubuntu0.3',
    ],
    ['base build, FIPS row only: it says nothing of it', [fix('fips', '1.0+Fips2')], '1.0', 'no verdict'],
    ['base build, realtime row only', [open('realtime')], '1.0', 'no verdict'],
    [
      'esm build, open in ESM, fixed in the base',
      [base('2.0'), open('esm-apps')],
      '1.0+esm1',
      'none_yet esm-apps',
    ],
    [
      'esm build, fixed in one of two ESM rows',
      [open('esm-apps'), fix('esm-infra', '1.0+esm2')],
      '1.0+esm2',
      'fixed esm-infra 1.0+esm2',
    ],
    [
      'esm build, fixed by the Legacy add-on',
      [open('esm-infra'), fix('esm-infra-legacy', '1.0+esm9')],
      '1.0+esm2',
      'other_channel esm-infra-legacy 1.0+esm9',
    ],
  ])('%s', (_, rows, version, expected) => {
    expect(verdict(rows, version)).toBe(expected);
  });

  // UBUNTU-CVE-2020-0305, linux-fips of xenial: fixed in fips-updates, never in fips; versions cannot tell them apart.
  it.each([
    [
      'at the fips-updates fix',
      '1.0+fips2',
      [open('fips'), fix('fips-updates', '1.0+fips2')],
      'fixed fips-updates 1.0+fips2',
    ],
    [
      'below it',
      '1.0+fips1',
      [open('fips'), fix('fips-updates', '1.0+fips2')],
      'other_channel fips-updates 1.0+fips2',
    ],
    [
      'below both fixes',
      '1.0+fips1',
      [fix('fips', '1.0+fips3'), fix('fips-updates', '1.0+fips2')],
      'available fips 1.0+fips3',
    ],
  ])('FIPS build %s', (_, version, rows, expected) => {
    expect(verdict(rows, version)).toBe(expected);
  });
});

it('a kernel that only special channels have carries no mark, nor needs one', () => {
  const rows = [
    { vulnerability: 'CVE-2020-0305', package: 'linux-fips', ...open('fips') },
    { vulnerability: 'CVE-2020-0305', package: 'linux-fips', ...fix('fips-updates', '4.4.0-1029.34') },
  ];
  const feed = smallFeed({ platform: jammy, statements: rows as Row[] });
  const judge = (version: string) =>
    matchInventory(
      feed,
      feed.shard(jammy.id)!,
      { packages: [deb('linux-image-fips', version, 'linux-fips')] },
      { all: true },
    ).verdicts.map(({ status, fixState }) => fixState ?? status);
  expect(judge('4.4.0-1029.34')).toEqual(['fixed']);
  expect(judge('4.4.0-1002.2')).toEqual(['other_channel']);
});

describe('Ubuntu Pro makes its fixes available', () => {
  const rows = [proOnly('esm-apps', '1.0-1ubuntu0.1~esm1'), fix('esm-apps', '1.0-1ubuntu0.1~esm1')];
  const attached = { context: { ubuntu: { attached: true, services: ['esm-apps'] } } };

  it.each([
    ['no word', {}, undefined, 'other_channel'],
    ['--stream pro', {}, 'pro', 'available'],
    ['--stream main', {}, 'main', 'other_channel'],
    ['a stream of another distribution', {}, 'eus', 'other_channel'],
    ['an attached image', attached, undefined, 'available'],
    ['an attached image with --stream main', attached, 'main', 'other_channel'],
    ['an attached image with a stream of another distribution', attached, 'eus', 'available'],
    [
      'an image attached to infra only',
      { context: { ubuntu: { attached: true, services: ['esm-infra'] } } },
      undefined,
      'other_channel',
    ],
    [
      'an image that was attached once',
      { context: { ubuntu: { attached: false, services: ['esm-apps'] } } },
      undefined,
      'other_channel',
    ],
    ['apt suites of ESM apps', { aptSuites: ['jammy', 'jammy-apps-security'] }, undefined, 'available'],
    ['apt suites of the base', { aptSuites: ['jammy', 'jammy-security'] }, undefined, 'other_channel'],
  ])('%s', (_, inventory, stream, expected) => {
    expect(verdict(rows, '1.0-1', inventory, stream)).toBe(`${expected} esm-apps 1.0-1ubuntu0.1~esm1`);
  });

  it('for FIPS updates only where they are enabled', () => {
    const fips = [open('fips'), fix('fips-updates', '1.0+fips2')];
    const enabled = { aptSuites: ['https://esm.ubuntu.com/fips-updates/ubuntu'] };
    expect(verdict(fips, '1.0+fips1', {}, 'pro')).toBe('other_channel fips-updates 1.0+fips2');
    expect(verdict(fips, '1.0+fips1', enabled)).toBe('available fips-updates 1.0+fips2');
    expect([...proServices(undefined, enabled, undefined)]).toEqual(['fips-updates']);
  });
});

describe('the version tells who built it', () => {
  it.each([
    ['1.1.1f-1ubuntu2.fips.16', 'fips'],
    ['3.0.2-0ubuntu1.18+Fips1', 'fips'],
    ['2.2.4-1ubuntu1.6+esm2', 'esm'],
    ['0.1~esm3', 'esm'],
    ['1.0-1ubuntu0.1', 'base'],
    ['1.0-1besm', 'base'],
  ])('%s: %s', (version, build) => {
    expect(ubuntuBuild(version)).toBe(build);
  });

  it.each([
    ['8.2.1-1+ubuntu22.04.1+deb.sury.org+1', '+deb.sury.org'],
    ['2.42.0-0ppa1~ubuntu22.04.1', 'ppa1'],
    ['1:7.2-1~ppa2', 'ppa2'],
    ['14.9-1.pgdg22.04+1', '.pgdg'],
    ['20.9.0-1nodesource1', 'nodesource'],
    ['1:11.4.2+maria~ubu2404', '+maria~'],
    ['121.0+linuxmint1+virginia', 'linuxmint1'],
    ['1:4.8.1-2ubuntu2.2.root.io.2', '.root.io.2'],
  ])('%s is of another archive: %s', (version, mark) => {
    expect(foreignBuild(deb('bash', version), ubuntuForeign)).toBe(`version carries ${mark}`);
  });

  describe('a codename is the mark of others, but not of a source in whose fixes Ubuntu has it', () => {
    const xenial = {
      ...jammy,
      id: 'ubuntu-16.04',
      os: { id: 'ubuntu', version: '16.04', codename: 'xenial' },
    };
    const feed = smallFeed({
      platform: xenial,
      statements: [
        { vulnerability: 'CVE-2019-9854', package: 'libreoffice', fixed: '1:5.1.6~rc2-0ubuntu1~xenial10' },
        { vulnerability: 'CVE-2019-9511', package: 'nginx', fixed: '1.10.3-0ubuntu0.16.04.4' },
        { vulnerability: 'CVE-2017-7520', package: 'openvpn', fixed: '2.3.10-1ubuntu2.1' },
      ].map((row) => ({ status: 'fixed', ...row }) as Row),
    });
    it.each([
      ['libreoffice', '1:5.1.6~rc2-0ubuntu1~xenial9', 'affected'],
      ['libreoffice', '1:5.1.6~rc2-0ubuntu1~xenial10', 'fixed'],
      ['libreoffice', '1:7.0.4-0ubuntu0.16.04.1~ppa1', 'version carries ppa1'],
      ['nginx', '1.17.2-1~xenial', 'version carries xenial'],
      ['openvpn', '2.4.7-xenial0', 'version carries xenial'],
    ])('%s %s: %s', (name, version, expected) => {
      const packages = [deb(name, version)];
      const { verdicts, uncovered } = matchInventory(
        feed,
        feed.shard(xenial.id)!,
        { packages },
        { all: true },
      );
      const said = [...verdicts.map(({ status }) => status), ...uncovered.map(({ detail }) => detail)];
      expect(said).toEqual([expected]);
    });
  });

  it.each([
    '1.6.3ubuntu0.1',
    '2.4.1-0ubuntu0.18.04.2',
    '2.5.3-2ubuntu3~22.04.1',
    '4.15.0-101.102',
    '0.40~22.04.1',
    '1.0-1+deb9u2build0.16.04.1',
  ])("%s is Ubuntu's own", (version) => {
    expect(foreignBuild(deb('bash', version), ubuntuForeign)).toBeUndefined();
  });

  it("Root.io's build sorts above a fix that it may lack: it is not judged, and said", () => {
    const fixed = '1.3.0-1ubuntu0.1';
    const statements = [{ vulnerability: 'CVE-2024-0001', package: 'jq', status: 'fixed', fixed } as Row];
    const feed = smallFeed({ platform: jammy, statements });
    const shard = feed.shard(jammy.id)!;
    const own = deb('jq', '1.3.0-1');
    const theirs = deb('libjq1', '1.3.0-1ubuntu0.1.root.io.1', 'jq');
    const packages = [own, theirs];
    const { verdicts, uncovered } = matchInventory(feed, shard, { packages }, { all: true });
    expect(verdicts).toMatchObject([{ status: 'affected', package: own }]);
    expect(uncovered).toMatchObject([
      { package: theirs, reason: 'other_origin', detail: 'version carries .root.io.1' },
    ]);
  });

  it('a build of another archive is not judged, and said', () => {
    const statements = [
      { vulnerability: 'CVE-2024-0001', package: 'php8.2', status: 'fixed', fixed: '8.2.10-2' } as Row,
    ];
    const feed = smallFeed({ platform: jammy, statements });
    const version = '8.2.1-1+ubuntu22.04.1+deb.sury.org+1';
    const { verdicts, uncovered } = matchInventory(feed, feed.shard(jammy.id)!, {
      packages: [deb('php8.2', version)],
    });
    expect(verdicts).toEqual([]);
    expect(uncovered).toMatchObject([{ reason: 'other_origin', detail: 'version carries +deb.sury.org' }]);
  });

  it("Docker's containerd.io is not judged in a suite without a list of its packages either", () => {
    const feed = smallFeed({ platform: jammy, statements: [] });
    const { uncovered } = matchInventory(feed, feed.shard(jammy.id)!, {
      packages: [deb('containerd.io', '1.6.24-1')],
    });
    expect(uncovered).toMatchObject([
      { reason: 'other_origin', detail: "containerd.io is Docker's package" },
    ]);
  });
});

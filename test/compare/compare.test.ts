import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compareResults } from '../../src/compare/compare.ts';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

let work: string;
let image: string;
let feed: string;

beforeAll(() => {
  work = temporaryFolder();
  image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': [stanza('a', '1'), stanza('b', '1'), stanza('c', '1-1ubuntu2')].join('\n'),
  });
  const of = (
    id: number,
    status: 'affected' | 'not_affected' | 'under_investigation',
    more: object = {},
  ) => ({
    vulnerability: `CVE-2024-${id}`,
    package: 'a',
    status,
    ...more,
  });
  feed = writeSmallFeed([
    {
      platform: bookworm,
      data: { roster: new Map(['a', 'b', 'c'].map((name) => [name, { version: '1', binaries: [] }])) },
      statements: [
        { vulnerability: 'CVE-2024-1', package: 'a', status: 'fixed', fixed: '2' },
        { vulnerability: 'CVE-2024-2', package: 'a', status: 'fixed', fixed: '1', advisories: ['DSA-1-1'] },
        of(3, 'not_affected', { reason: 'vulnerable_code_not_present' }),
        of(4, 'under_investigation'),
        of(5, 'affected', { fixState: 'will_not_fix' }),
        { vulnerability: 'CVE-2024-6', package: 'a', status: 'fixed', fixed: '3' },
        { vulnerability: 'CVE-2024-7', package: 'b', status: 'affected', fixState: 'none_yet' },
      ],
    },
  ]);
});

function compared(tool: 'trivy' | 'grype', result: unknown) {
  const file = join(work, `${tool}.json`);
  writeFileSync(file, typeof result === 'string' ? result : JSON.stringify(result));
  // One of the packages was built elsewhere.
  const asked = ['--feed', feed, '--max-age', '0', '--allow-uncovered', '-o', 'json'];
  return scapfeed(['compare', image, `--${tool}`, file, ...asked]);
}

function causes(out: string): string[] {
  const { differences } = JSON.parse(out) as {
    differences: { side: string; cause: string; vulnerability: string }[];
  };
  return differences.map(({ side, cause, vulnerability }) => `${vulnerability} ${side} ${cause}`);
}

const found = (VulnerabilityID: string, PkgName: string, FixedVersion = '', more: object = {}) => ({
  VulnerabilityID,
  PkgName,
  InstalledVersion: '1',
  FixedVersion,
  Severity: 'HIGH',
  ...more,
});

const trivyResult = {
  SchemaVersion: 2,
  Metadata: { OS: { Family: 'debian', Name: '12.5' } },
  Results: [
    {
      Class: 'os-pkgs',
      Type: 'debian',
      Vulnerabilities: [
        found('CVE-2024-1', 'a', '2'),
        found('CVE-2024-2', 'a', '2'),
        found('CVE-2024-3', 'a'),
        found('CVE-2024-6', 'a', '4'),
        found('CVE-2024-90', 'a', '', { DataSource: { ID: 'debian' } }),
        found('CVE-2024-91', 'c', '', { InstalledVersion: '1-1ubuntu2' }),
        found('CVE-2024-92', 'nowhere'),
        found('CVE-2024-93', 'a', '', { InstalledVersion: '0.9' }),
      ],
    },
    { Class: 'lang-pkgs', Type: 'node-pkg', Vulnerabilities: [found('CVE-2024-1', 'a')] },
  ],
};

test('each difference from a result of Trivy has its cause', () => {
  const { code, out, err } = compared('trivy', trivyResult);

  expect(`${code} ${err}`).toBe(
    '0 policy: 1 package without data in this feed (accepted by --allow-uncovered)\n',
  );
  expect(causes(out)).toEqual([
    'CVE-2024-6 both other_fix',
    'CVE-2024-7 ours package_without_findings',
    'CVE-2024-4 ours under_investigation',
    'CVE-2024-5 ours will_not_fix',
    'CVE-2024-2 theirs fixed_here',
    'CVE-2024-90 theirs no_statement',
    'CVE-2024-3 theirs not_affected',
    'CVE-2024-91 theirs other_origin',
    'CVE-2024-93 theirs other_version_installed',
    'CVE-2024-92 theirs package_not_installed',
  ]);
  const { same, otherEcosystems, differences } = JSON.parse(out);
  expect({ same, otherEcosystems }).toEqual({ same: 1, otherEcosystems: { 'node-pkg': 1 } });
  expect(differences.find(({ cause }: { cause: string }) => cause === 'not_affected')).toMatchObject({
    why: 'the vendor says not affected: vulnerable_code_not_present',
    evidence: 'test-input#/a/CVE-2024-3',
  });
});

test('a result of Grype: the CVE behind an advisory, and the range of NVD', () => {
  const match = (id: string, namespace: string, related: string[] = [], versions: string[] = []) => ({
    vulnerability: { id, namespace, severity: 'High', fix: { versions, state: '' } },
    relatedVulnerabilities: related.map((one) => ({ id: one })),
    artifact: { name: 'a', version: '1', type: 'deb' },
  });
  const { code, out } = compared('grype', {
    distro: { name: 'debian', version: '12' },
    matches: [match('GHSA-x', 'github:language', ['CVE-2024-1'], ['2']), match('CVE-2024-95', 'nvd:cpe')],
  });

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ tool: 'grype', system: 'debian 12', same: 1 });
  expect(causes(out)).toContain('CVE-2024-95 theirs range_of_nvd');
});

describe('bad input', () => {
  test.each([
    ['no JSON', 'x'],
    ['another document', '{"runs":[]}'],
    ['a list', '[]'],
    ['matches of no kind', '{"Results":7,"SchemaVersion":2}'],
  ])('%s', (_, text) => {
    const { code, err } = compared('trivy', text);

    expect(code).toBe(2);
    expect(err).toContain('[USAGE]');
  });

  test('records that name no vulnerability or package are counted, in JSON and in the table', () => {
    const result = {
      SchemaVersion: 2,
      Results: [null, 7, { Vulnerabilities: [null, { VulnerabilityID: 7 }, 'x'] }, { Vulnerabilities: 'x' }],
    };
    const { code, out } = compared('trivy', result);

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ same: 0, notRead: 6 });
    const file = join(work, 'trivy.json');
    const table = scapfeed(['compare', image, '--trivy', file, '--feed', feed, '--max-age', '0']);
    expect(table.out).toContain('not compared: 6 records of trivy without a vulnerability and a package');
    expect(JSON.parse(compared('grype', { matches: [null, { vulnerability: {} }] }).out).notRead).toBe(2);
  });

  test('ecosystems are counted whatever their names', () => {
    const Results = ['__proto__', 'constructor', '__proto__'].map((Type, at) => ({
      Class: 'lang-pkgs',
      Type,
      Vulnerabilities: [found(`CVE-2024-${at}`, 'a')],
    }));
    const { otherEcosystems } = JSON.parse(compared('trivy', { SchemaVersion: 2, Results }).out);

    expect(Object.entries(otherEcosystems)).toEqual([
      ['__proto__', 2],
      ['constructor', 1],
    ]);
  });

  test('a finding of a version that is not installed is not the same, whatever its fix', () => {
    const Vulnerabilities = [found('CVE-2024-1', 'a', '2', { InstalledVersion: '0.5' })];
    const { out } = compared('trivy', { SchemaVersion: 2, Results: [{ Class: 'os-pkgs', Vulnerabilities }] });

    expect(JSON.parse(out).same).toBe(0);
    expect(causes(out)).toContain('CVE-2024-1 theirs other_version_installed');
    expect(causes(out)).toContain('CVE-2024-1 ours not_in_their_data');
  });

  test('both results, or none', () => {
    expect(scapfeed(['compare', image, '--feed', feed]).code).toBe(2);
    expect(scapfeed(['compare', image, '--trivy', 'a', '--grype', 'b', '--feed', feed]).code).toBe(2);
  });
});

test('the time grows with the number of findings, not with the product of those of both', () => {
  const count = 60_000;
  const own = Array.from({ length: count }, (_, at) => {
    const pkg = { name: `ours${at}`, version: '1', source: { name: `ours${at}`, version: '1' } };
    const decided = { status: 'affected', fixState: 'none_yet', severity: 'high', advisories: [] };
    return { vulnerability: `CVE-2024-${at}`, package: pkg, platform: 'x', evidence: 'x', ...decided };
  }) as unknown as ViewedVerdict[];
  const packages = own.map((verdict) => verdict.package);
  const findings = Array.from({ length: count }, (_, at) => ({
    ...{ vulnerability: `CVE-2024-${at}`, aliases: [], package: `theirs${at}`, version: '1', fixed: '' },
    ...{ severity: 'high', kind: 'os' },
  }));
  const compared = compareResults(
    { verdicts: own, uncovered: [], packages, platform: 'x', ecosystems: new Set() },
    { tool: 'trivy', findings, notRead: 0 },
  );

  expect(compared.differences.length).toBe(2 * count);
});

test('a finding whose test reads a file, and names no package, is shown in the package that has its version', () => {
  const own = deb('linux-image-5.10', '5.10.120-1', 'linux');
  const verdict = {
    vulnerability: 'CVE-2010-5313',
    platform: 'debian-11',
    status: 'fixed',
    fixedVersion: '2.6.38-1',
    severity: 'low',
    advisories: [],
    marks: [],
    evidence: 'debian-tracker#/linux/CVE-2010-5313/releases/bullseye',
    package: own,
  } as ViewedVerdict;
  const finding = {
    vulnerability: 'CVE-2010-5313',
    aliases: [],
    severity: 'low',
    kind: 'os',
    source: 'oval:x:def:1',
  };
  const { differences } = compareResults(
    { verdicts: [verdict], uncovered: [], packages: [own], platform: 'debian-11', ecosystems: new Set() },
    {
      tool: 'oval',
      findings: [{ ...finding, package: '', version: '5.10.120-1', fixed: '5.10.221-1' }],
      notRead: 0,
      whyNot: () => ({ cause: '', why: '' }),
    },
  );

  expect(differences).toMatchObject([
    { package: 'linux-image-5.10', installed: '5.10.120-1', side: 'theirs', cause: 'fixed_here' },
  ]);
});

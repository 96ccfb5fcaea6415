import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { affects, before, writeOsvMirror } from '../ecosystems/world.ts';
import { scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const work = temporaryFolder();
const feed = join(work, 'feed');
const modified = '2026-11-20T00:00:00Z';

beforeAll(() => {
  const mirror = writeOsvMirror({
    npm: {
      'GHSA-aaaa-0000-0001': {
        modified,
        aliases: ['CVE-2026-1'],
        affected: [affects('npm', 'left', before('2.0.0'))],
      },
      'GHSA-aaaa-0000-0002': { modified, affected: [affects('npm', 'left', before('1.0.1'))] },
      'GHSA-aaaa-0000-0003': {
        modified,
        aliases: ['CVE-2026-3'],
        affected: [affects('npm', 'left', before('1.0.0'))],
      },
      'GHSA-aaaa-0000-0004': { modified, affected: [affects('npm', 'right', before('9.0.0'))] },
    },
    PyPI: {
      'PYSEC-2026-1': {
        modified,
        aliases: ['CVE-2026-5'],
        affected: [affects('PyPI', 'zope.interface', before('5'))],
      },
    },
    Maven: {
      'GHSA-aaaa-0000-0006': { modified, affected: [affects('Maven', 'org.example:core', before('2'))] },
    },
    Go: { 'GO-2026-1': { modified, affected: [affects('Go', 'github.com/Some/mod', before('1.5.0'))] } },
  });
  const from = ['--mirror', mirror, '--unsigned-mirror', '--snapshots', join(work, 'snapshots')];
  scapfeed(['build', '--source', 'osv', '--no-ratings', '--no-oval', ...from, '--out', feed]);
});

const purls = [
  ...['pkg:npm/left@1.0.0', 'pkg:npm/right@1.0.0', 'pkg:pypi/zope.interface@4.0', 'pkg:gem/rack@1.0'],
  ...['pkg:maven/org.example/core@1.0', 'pkg:golang/github.com/Some/mod@v1.4.0'],
];

function bomOf(name: string, components: readonly string[]): string {
  const path = join(work, name);
  const parts = components.map((purl) => ({ type: 'library', name: purl, purl }));
  writeFileSync(
    path,
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: parts }),
  );
  return path;
}

const found = (VulnerabilityID: string, PkgName: string, InstalledVersion: string, FixedVersion: string) => ({
  ...{ VulnerabilityID, PkgName, InstalledVersion, FixedVersion },
  Severity: 'HIGH',
});

const trivy = {
  SchemaVersion: 2,
  Results: [
    {
      ...{ Class: 'lang-pkgs', Type: 'node-pkg' },
      Vulnerabilities: [
        found('CVE-2026-1', 'left', '1.0.0', '2.0.0, 3.1.0'),
        found('GHSA-aaaa-0000-0002', 'left', '1.0.0', '1.0.9'),
        found('CVE-2026-3', 'left', '1.0.0', '1.0.2'),
        found('CVE-2026-9', 'left', '1.0.0', ''),
        found('CVE-2026-1', 'nowhere', '1.0.0', ''),
      ],
    },
    {
      Class: 'lang-pkgs',
      Type: 'python-pkg',
      Vulnerabilities: [found('CVE-2026-5', 'zope.interface', '4.0', '5')],
    },
    {
      Class: 'lang-pkgs',
      Type: 'gobinary',
      Vulnerabilities: [found('GO-2026-1', 'github.com/Some/mod', 'v1.4.0', '1.5.0')],
    },
    { Class: 'lang-pkgs', Type: 'gemspec', Vulnerabilities: [found('CVE-2026-7', 'rack', '1.0', '2.0')] },
  ],
};

const grype = {
  matches: [
    {
      vulnerability: {
        id: 'GHSA-aaaa-0000-0006',
        namespace: 'github:language:java',
        severity: 'High',
        fix: { versions: ['2'] },
      },
      artifact: {
        name: 'core',
        version: '1.0',
        type: 'java-archive',
        purl: 'pkg:maven/org.example/core@1.0',
      },
    },
    {
      vulnerability: { id: 'GHSA-aaaa-0000-0001', severity: 'High', fix: { versions: ['2.0.0'] } },
      artifact: { name: 'left', version: '1.0.0', type: 'npm', purl: 'pkg:npm/left@1.0.0' },
    },
  ],
};

describe('findings in packages of languages are compared', () => {
  function compared(tool: string, result: object) {
    const file = join(work, `${tool}.json`);
    writeFileSync(file, JSON.stringify(result));
    const bom = bomOf('bom.json', purls);
    const run = scapfeed([
      'compare',
      `sbom:${bom}`,
      `--${tool}`,
      file,
      '--feed',
      feed,
      '--max-age',
      '0',
      '-o',
      'json',
    ]);
    expect(run.err).not.toContain('scapfeed:');
    const { same, differences, otherEcosystems } = JSON.parse(run.out);
    const causes = differences.map((each: Record<string, string>) =>
      [each['side'], each['cause'], each['package'], each['vulnerability']].join(' '),
    );
    return { same, causes, otherEcosystems };
  }

  it('with Trivy, by any fix that it names, any spelling of a name and the id of a record', () => {
    expect(compared('trivy', trivy)).toEqual({
      same: 3,
      causes: [
        'both other_fix left GHSA-aaaa-0000-0002',
        'ours package_without_findings org.example:core GHSA-aaaa-0000-0006',
        'ours package_without_findings right GHSA-aaaa-0000-0004',
        'theirs no_statement left CVE-2026-9',
        'theirs other_range left CVE-2026-3',
        'theirs package_not_installed nowhere CVE-2026-1',
      ],
      otherEcosystems: { gemspec: 1 },
    });
  });

  it('with Grype, which names records and the artifact of Maven alone', () => {
    const { same, causes } = compared('grype', grype);
    expect(same).toBe(2);
    expect(causes.filter((each: string) => each.startsWith('theirs'))).toEqual([]);
  });
});

it('two documents that have packages of languages only are told apart by diff', () => {
  const [one, other] = [
    bomOf('one.json', ['pkg:npm/left@1.0.0']),
    bomOf('other.json', ['pkg:npm/left@1.5.0', 'pkg:npm/right@1.0.0']),
  ];
  const run = scapfeed([
    'diff',
    `sbom:${one}`,
    `sbom:${other}`,
    '--feed',
    feed,
    '--max-age',
    '0',
    '-o',
    'json',
  ]);
  expect(run.err).not.toContain('scapfeed:');
  const { packages, flaws } = JSON.parse(run.out);
  expect(packages).toMatchObject([
    { change: 'upgraded', name: 'left', before: ['1.0.0'], after: ['1.5.0'] },
    { change: 'added', name: 'right', after: ['1.0.0'] },
  ]);
  expect(flaws).toMatchObject([
    { change: 'new', vulnerability: 'GHSA-aaaa-0000-0004', source: 'right' },
    { change: 'gone', vulnerability: 'GHSA-aaaa-0000-0002', source: 'left' },
  ]);
});

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { ecosystems } from '../../src/ecosystems/ecosystems.ts';
import { affects, before, type OsvRecords } from '../ecosystems/world.ts';
import { readRecords } from '../prove-labels/languages.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle, npmCommand } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { blobFaults, sqliteRows } from './grype.ts';
import {
  compareFindings,
  grypeFindingsOf,
  type LanguageFinding,
  languageFeed,
  purlsAround,
  scanFindings,
  trivyFindingsOf,
  writeBom,
} from './languages.ts';
import { zipRecords } from './osv.ts';

const trivy = npmCommand('trivy');

/** Each feature of a record, in the language where it occurs. */
const features: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  Bitnami: {
    'BIT-redis-2026-1': {
      aliases: ['CVE-2026-0011'],
      database_specific: { severity: 'High' },
      affected: [affects('Bitnami', 'redis', [{ introduced: '7.4.0' }, { fixed: '7.4.2' }])],
    },
    'BIT-argo-cd-2026-2': {
      aliases: ['CVE-2026-0012'],
      affected: [affects('Bitnami', 'argo-cd', [{ introduced: '2.6.0' }, { last_affected: '2.6.0' }])],
    },
    'BIT-mariadb-2026-3': {
      aliases: ['CVE-2026-0013'],
      affected: [affects('Bitnami', 'mariadb', [{ introduced: '12.3.1-0' }, { fixed: '12.3.2-0' }])],
    },
  },
  npm: {
    'GHSA-aaaa-0000-0001': {
      aliases: ['CVE-2026-1'],
      database_specific: { severity: 'HIGH' },
      affected: [
        affects('npm', 'left', [{ introduced: '1.0.0' }, { fixed: '1.2.0' }]),
        affects('npm', 'left', [{ introduced: '2.0.0' }, { last_affected: '2.3.4' }]),
      ],
    },
    'GHSA-aaaa-0000-0002': { affected: [affects('npm', '@scope/all', [{ introduced: '0' }])] },
    'GHSA-aaaa-0000-0003': { affected: [affects('npm', 'Upper', before('2.0.0'))] },
    'GHSA-aaaa-0000-0004': {
      affected: [{ package: { ecosystem: 'npm', name: 'one' }, versions: ['1.0.1'] }],
    },
    'MAL-2026-1': { affected: [affects('npm', 'left-evil', [{ introduced: '0' }])] },
  },
  PyPI: {
    'GHSA-aaaa-0000-0005': {
      aliases: ['CVE-2026-2'],
      database_specific: { severity: 'LOW' },
      affected: [affects('PyPI', 'zope-interface', before('5.0'))],
    },
    'PYSEC-2026-1': {
      aliases: ['CVE-2026-2'],
      affected: [affects('PyPI', 'zope-interface', before('5.1'))],
    },
    'PYSEC-2026-2': {
      affected: [{ package: { ecosystem: 'PyPI', name: 'single' }, versions: ['1.0', '1.0.1'] }],
    },
  },
  RubyGems: { 'GHSA-aaaa-0000-0006': { affected: [affects('RubyGems', 'Rack', before('2.0.1'))] } },
  Maven: {
    'GHSA-aaaa-0000-0007': { affected: [affects('Maven', 'org.example:Core', before('1.2.3.Final'))] },
  },
  'crates.io': {
    'RUSTSEC-2026-0001': { affected: [affects('crates.io', 'a_b-c', before('0.2.0'))] },
    'RUSTSEC-2026-0002': {
      affected: [
        affects('crates.io', 'a_b-c', before('9.0.0'), { database_specific: { informational: 'unsound' } }),
      ],
    },
  },
  Go: { 'GO-2026-0001': { affected: [affects('Go', 'github.com/Example/mod/v2', before('2.1.0'))] } },
  NuGet: { 'GHSA-aaaa-0000-0008': { affected: [affects('NuGet', 'Some.Thing', before('1.2.3.4'))] } },
  Packagist: { 'GHSA-aaaa-0000-0009': { affected: [affects('Packagist', 'Vendor/Name', before('3.1'))] } },
};

const made: Readonly<Record<string, OsvRecords>> = Object.fromEntries(
  Object.entries(features).map(([name, records]) => [
    name,
    Object.fromEntries(
      Object.entries(records).map(([id, record]) => [id, { modified: '2026-11-20T00:00:00Z', ...record }]),
    ),
  ]),
);

/** Spellings of the same packages that are none of the feed. */
const spelled = [
  ...['pkg:pypi/zope.interface@5.0', 'pkg:pypi/Zope_Interface@4.9', 'pkg:cargo/a-b_c@0.1.0'],
  ...['pkg:cargo/a_b_c@0.1.0', 'pkg:nuget/Some.Thing@1.2.3', 'pkg:composer/vendor/name@v3.0.9'],
];

describe.skipIf(trivy === undefined)('real Trivy with our export finds what scan finds', () => {
  it('in packages of languages, around every bound, by every spelling of their names', () => {
    const work = temporaryFolder();
    const { feed, exports } = languageFeed(made, work, 'trivy');
    const bom = writeBom(join(work, 'bom.json'), [...purlsAround(feed), ...spelled]);
    const { differences, equal } = compareFindings(
      scanFindings(feed, `sbom:${bom}`),
      trivyFindingsOf(exports, ['sbom', bom], work),
    );
    expect(differences).toEqual({
      fix: ['12.3.1-0', '12.3.1-0-rc.1', '12.3.1-0.rc1', '12.3.1-0rc1', '12.3.1-1'].map(
        (version) => `CVE-2026-0013 pkg:bitnami/mariadb@${version}`,
      ),
      version_order: [
        'scan CVE-2026-0011 pkg:bitnami/redis@7.4.2-rc.1',
        'trivy CVE-2026-0011 pkg:bitnami/redis@7.4.0-rc.1',
      ],
      several_intervals: ['2.0.0', '2.0.1', '2.3.3', '2.3.4', '2.3.4-rc.1'].map(
        (version) => `CVE-2026-1 pkg:npm/left@${version}`,
      ),
      unreadable_version: ['scan GHSA-aaaa-0000-0009 pkg:composer/vendor/name@3.1.rc1'],
    });
    expect(equal).toBeGreaterThan(40);
  });

  it('in a root file system', () => {
    const work = temporaryFolder();
    const { feed, exports } = languageFeed(made, work, 'trivy');
    const root = join(work, 'root');
    const files: Readonly<Record<string, string | Buffer>> = {
      'srv/node_modules/left/package.json': '{"name":"left","version":"1.1.0"}',
      'srv/node_modules/left/node_modules/Upper/package.json': '{"name":"Upper","version":"1.0.0"}',
      'srv/node_modules/@scope/all/package.json': '{"name":"@scope/all","version":"9.9.9-rc.1"}',
      'opt/lib/python3.11/site-packages/zope.interface-5.0.dist-info/METADATA':
        'Metadata-Version: 2.1\nName: zope.interface\nVersion: 5.0\n\n',
      'opt/gems/specifications/Rack-2.0.0.gemspec':
        'Gem::Specification.new do |s|\n  s.name = "Rack".freeze\n  s.version = "2.0.0"\nend\n',
      'opt/vendor/composer/installed.json': '{"packages":[{"name":"vendor/name","version":"v3.0.9"}]}',
    };
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), content);
    }
    chmodSync(root, 0o755);
    const { differences, equal } = compareFindings(
      scanFindings(feed, `dir:${root}`),
      trivyFindingsOf(exports, ['rootfs', root], work),
    );
    expect(differences).toEqual({});
    expect(equal).toBe(6);
  });

  it.skipIf(!hasData('interchange2', 'osv'))('in the packages of real records', () => {
    const work = temporaryFolder();
    const { feed, exports } = languageFeed(readRecords(dataPath('interchange2', 'osv')), work, 'trivy');
    const bom = writeBom(join(work, 'bom.json'), purlsAround(feed));
    const { differences, equal } = compareFindings(
      scanFindings(feed, `sbom:${bom}`),
      trivyFindingsOf(exports, ['sbom', bom], work),
    );
    expect(Object.keys(differences).sort()).toEqual([
      ...['several_intervals', 'unreadable_version', 'version_order'],
    ]);
    expect(differences['version_order']).toEqual([
      'scan CVE-2006-1711 pkg:pypi/plone@2.5-beta1',
      'scan CVE-2022-0985 pkg:composer/moodle/moodle@3.9-rc.1',
      'scan CVE-2024-35241 pkg:composer/composer/composer@2.0-rc.1',
      'scan CVE-2024-35241 pkg:composer/composer/composer@2.0rc1',
      'scan CVE-2024-35241 pkg:composer/composer/composer@2.3-rc.1',
      'scan CVE-2024-35241 pkg:composer/composer/composer@2.3rc1',
      'trivy CVE-2016-10707 pkg:maven/org.webjars.npm/jquery@3.0.0.rc1',
    ]);
    expect(equal).toBeGreaterThan(11_000);
  });
});

describe.skipIf(!hasOracle('sqlite3'))(
  "Grype's database, read as Grype looks up, has what scan finds",
  () => {
    it('in packages of languages, around every bound, by every spelling of their names', () => {
      const work = temporaryFolder();
      const { feed, exports } = languageFeed(made, work, 'grype');
      const purls = [...purlsAround(feed), ...spelled];
      const scanned = scanFindings(feed, `sbom:${writeBom(join(work, 'bom.json'), purls)}`);
      const { differences, equal } = compareFindings(scanned, grypeFindingsOf(exports, purls));
      expect(Object.keys(differences)).toEqual(['several_intervals']);
      expect(equal).toBeGreaterThan(40);
      if (hasData('schemas/anchore+grype'))
        expect(blobFaults(join(exports, 'grype/vulnerability.db')).faults).toEqual([]);
      const aliases = sqliteRows(
        join(exports, 'grype/vulnerability.db'),
        "select * from vulnerability_aliases where name = 'CVE-2026-2' order by alias",
      );
      expect(aliases).toEqual([
        { name: 'CVE-2026-2', alias: 'GHSA-aaaa-0000-0005' },
        { name: 'CVE-2026-2', alias: 'PYSEC-2026-1' },
      ]);
    });

    it.skipIf(!hasData('interchange2', 'osv'))('in the packages of real records', () => {
      const work = temporaryFolder();
      const { feed, exports } = languageFeed(readRecords(dataPath('interchange2', 'osv')), work, 'grype');
      const purls = purlsAround(feed);
      const scanned = scanFindings(feed, `sbom:${writeBom(join(work, 'bom.json'), purls)}`);
      const { differences, equal } = compareFindings(scanned, grypeFindingsOf(exports, purls));
      expect(Object.keys(differences)).toEqual(['several_intervals']);
      expect(equal).toBeGreaterThan(11_000);
    });
  },
);

describe('records of the export for osv-scanner', () => {
  const cases = [['made records', () => made] as const];
  const osv = ['interchange2', 'osv'] as const;
  const real = ['real records', () => readRecords(dataPath(...osv))] as const;

  it.each(hasData(...osv) ? [...cases, real] : cases)(
    'make a feed with the same verdicts: %s',
    (_, records) => {
      const [one, other] = [temporaryFolder(), temporaryFolder()];
      const { feed, exports } = languageFeed(records(), one, 'osv');
      const archives = Object.fromEntries(
        ecosystems.flatMap(({ name }) => {
          if (!existsSync(join(exports, 'osv/osv-scalibr', name))) return [];
          const read = zipRecords(join(exports, 'osv/osv-scalibr', name, 'all.zip'));
          return [[name, Object.fromEntries(read.map((record) => [record.id, record]))]];
        }),
      );
      const again = languageFeed(archives, other, 'osv');
      const bom = `sbom:${writeBom(join(one, 'bom.json'), purlsAround(feed))}`;
      const sorted = ({ findings }: { findings: LanguageFinding[] }) =>
        findings.map((each) => JSON.stringify(each)).sort();
      const found = sorted(scanFindings(feed, bom));
      expect(sorted(scanFindings(again.feed, bom))).toEqual(found);
      expect(found.length).toBeGreaterThan(30);
    },
  );

  it.skipIf(!hasData(...osv))('are valid by the schema', () => {
    const { exports } = languageFeed(made, temporaryFolder(), 'osv');
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(dataPath(...osv, 'schema/schema.json'), 'utf8')));
    for (const { name } of ecosystems)
      for (const record of zipRecords(join(exports, 'osv/osv-scalibr', name, 'all.zip')))
        expect(validate(record), JSON.stringify(validate.errors)).toBe(true);
  });
});

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import definition from '../../feeds/osv.json' with { type: 'json' };
import changesSchema from '../../schemas/changes.schema.json' with { type: 'json' };
import schema from '../../schemas/osv-definition.schema.json' with { type: 'json' };
import { ecosystems } from '../../src/ecosystems/ecosystems.ts';
import { FlawNames } from '../../src/ecosystems/osv/aliases.ts';
import { createSource } from '../../src/ecosystems/osv/source.ts';
import type { Manifest } from '../../src/model/feed/index.ts';
import { isOfComponents } from '../../src/model/inventory/index.ts';
import { type AffectedRange, parseRange, placeIn, rangeText } from '../../src/packaging/range.ts';
import { affectedRange } from '../../src/sources/osv/affected.ts';
import { parseAdvisory } from '../../src/sources/osv/record.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { readSource } from '../support/read-source.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { affects, before, type OsvRecords, writeOsvMirror } from './world.ts';

const npm = ecosystems.find(({ id }) => id === 'npm')!;
const golang = ecosystems.find(({ id }) => id === 'golang')!;

it('feeds/osv.json keeps its schema', () => {
  const validate = new Ajv2020({ strict: true }).compile(schema);
  expect(validate(definition), JSON.stringify(validate.errors)).toBe(true);
});

describe('the affected versions of a record', () => {
  const range = (events: Record<string, string>[], versions: string[] = []) => {
    const affected = [
      { package: { ecosystem: 'npm', name: 'a' }, ranges: [{ type: 'SEMVER', events }], versions },
    ];
    return affectedRange(parseAdvisory(JSON.stringify({ id: 'X-1', affected })).affected[0]!, npm.versions);
  };
  const holds = (read: ReturnType<typeof range>, version: string) =>
    placeIn(read as AffectedRange, version, npm.versions.read(version), npm.versions) !== undefined;

  it("are those of all intervals, in the order of versions and not of events, and by no rule of npm's ranges for prereleases", () => {
    const read = range([
      { fixed: '2.1.0' },
      { introduced: '2.0.0' },
      { fixed: '1.4.0' },
      { introduced: '0' },
    ]);
    expect(rangeText(read as AffectedRange)).toBe('<1.4.0|>=2.0.0|<2.1.0');
    expect(
      ['0.0.1-0', '1.3.9', '1.4.0', '1.9.0', '2.0.0', '2.1.0-rc.1', '2.1.0'].map((version) =>
        holds(read, version),
      ),
    ).toEqual([true, true, false, false, true, true, false]);
  });

  it('are those up to the last affected one, and all from an interval on that nothing ends', () => {
    const read = range([{ introduced: '1.0.0' }, { last_affected: '1.5.0' }, { introduced: '3.0.0' }]);
    expect(
      ['1.0.0-rc', '1.5.0', '1.5.1', '2.9.9', '3.0.0', '99.0.0'].map((version) => holds(read, version)),
    ).toEqual([false, true, false, false, true, true]);
  });

  it('are enumerated ones too, in ranges or not', () => {
    const read = range([{ introduced: '2.0.0' }, { fixed: '2.1.0' }], ['2.0.5', '0.9.0', 'not a version']);
    expect(read).toMatchObject({ versions: ['0.9.0', 'not a version'] });
    expect(['0.9.0', '0.9.1', '2.0.5'].map((version) => holds(read, version))).toEqual([true, false, true]);
    expect(parseRange(rangeText(read as AffectedRange))).toEqual(read);
  });

  it('are unknown where a bound is no version: the record is not read as less', () => {
    expect(range([{ introduced: '0' }, { fixed: 'next' }])).toEqual({
      fault: 'absurd_version',
      detail: 'next',
    });
  });

  it('are unknown where one range states a fix and a later version as affected', () => {
    expect(range([{ introduced: '0' }, { fixed: '1.0.0' }, { last_affected: '5.0.0' }])).toEqual({
      fault: 'contradicting',
      detail: 'fixed in 1.0.0, affected in 5.0.0',
    });
    const two = [
      { introduced: '0' },
      { fixed: '1.0.0' },
      { introduced: '2.0.0' },
      { last_affected: '5.0.0' },
    ];
    expect(rangeText(range(two) as AffectedRange)).toBe('<1.0.0|>=2.0.0|<=5.0.0');
  });

  it("of Go are those of the custom ranges, where a module's releases do not fit Go's order", () => {
    const affected = [
      {
        ...affects('Go', 'example.org/app', [{ introduced: '0' }]),
        ecosystem_specific: {
          custom_ranges: [{ type: 'ECOSYSTEM', events: before('2.71.18') }],
          imports: [{ path: 'example.org/app/internal/login', symbols: ['Login'] }],
        },
      },
    ];
    const [read] = parseAdvisory(JSON.stringify({ id: 'GO-1', affected })).affected;
    expect(read!.imports).toEqual(['example.org/app/internal/login']);
    expect(affectedRange(read!, golang.versions)).toEqual({
      intervals: [{ fixed: '2.71.18' }],
      versions: [],
    });
  });

  it('a range of commits hides no range behind it, and is none', () => {
    const affected = [
      {
        package: { ecosystem: 'npm', name: 'a' },
        ranges: [
          { type: 'GIT', events: [{ introduced: '0' }, { fixed: 'deadbeef' }] },
          { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.0.0' }] },
        ],
      },
      { package: { ecosystem: 'npm', name: 'b' }, ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] },
    ];
    const read = parseAdvisory(JSON.stringify({ id: 'X-1', affected })).affected;
    expect(affectedRange(read[0]!, npm.versions)).toEqual({ intervals: [{ fixed: '1.0.0' }], versions: [] });
    expect(affectedRange(read[1]!, npm.versions)).toMatchObject({ fault: 'commits_only' });
  });
});

it.each([
  ['aliases', { aliases: Array.from({ length: 501 }, (_, n) => `CVE-2026-${10_000 + n}`) }],
  ['vectors', { severity: Array.from({ length: 101 }, () => ({ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N' })) }],
  ['entries', { affected: Array.from({ length: 20_001 }, () => ({})) }],
  ['versions', { affected: [{ versions: Array.from({ length: 20_001 }, (_, n) => String(n)) }] }],
  [
    'events',
    {
      affected: [
        { ranges: [{ type: 'SEMVER', events: Array.from({ length: 2_001 }, () => ({ introduced: '1' })) }] },
      ],
    },
  ],
  [
    'versions and events together',
    {
      affected: [
        {
          versions: Array.from({ length: 1_001 }, (_, n) => String(n)),
          ranges: [{ type: 'SEMVER', events: Array.from({ length: 1_000 }, () => ({ introduced: '1' })) }],
        },
      ],
    },
  ],
])('a record of more %s than any has is refused: its work has no end', (_, record) => {
  expect(() => parseAdvisory(JSON.stringify({ id: 'X-1', ...record }))).toThrow(/at most/);
});

it('of a record, what is only shown is cut where no record has more', () => {
  const address = (length: number) => ({ url: 'https://example.org/'.padEnd(length, 'a') });
  const references = [address(2_001), ...Array.from({ length: 600 }, () => address(2_000))];
  const read = parseAdvisory(JSON.stringify({ id: 'X-1', summary: 's'.repeat(1_000_000), references }));
  expect(read.summary).toBe(`${'s'.repeat(1_000)} …`);
  expect(read.references).toHaveLength(499);
});

it('the flaws of a record share its addresses', async () => {
  const cves = Array.from({ length: 100 }, (_, at) => `CVE-2026-${1000 + at}`);
  const references = cves.map((cve) => ({ url: `https://example.org/${cve}` }));
  const record = { aliases: cves, references, affected: [affects('npm', 'a', before('2.0.0'))] };
  const { vulnerabilities } = await readSource(
    createSource(definition),
    writeOsvMirror({ npm: { 'X-1': record } }),
  );
  expect(vulnerabilities.map((each) => each.references?.length)).toEqual(cves.map(() => 5));
});

it.each([
  ['at its last change', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z', true],
  ['after its last change', '2026-01-02T00:00:00Z', '2099-01-01T00:00:00Z', false],
  ['with no change stated, as Go writes it', '0001-01-01T00:00:00Z', '2026-01-02T00:00:00Z', true],
  ['at a time that is none', '2026-01-02T00:00:00Z', 'yes', false],
  ['by an empty text', '2026-01-02T00:00:00Z', '', false],
  ['by false', '2026-01-02T00:00:00Z', false, false],
])('a record that is withdrawn %s', (_, modified, withdrawn, expected) => {
  expect(parseAdvisory(JSON.stringify({ id: 'X-1', modified, withdrawn })).withdrawn).toBe(expected);
});

it('records that join more CVEs than one thing has are about their own', () => {
  const names = new FlawNames();
  const cves = Array.from({ length: 101 }, (_, n) => `CVE-2026-${10_000 + n}`);
  for (const [n, cve] of cves.entries()) names.join(`GHSA-${n}`, ['GHSA-0', cve]);
  names.join('GHSA-none', ['GHSA-0']);
  expect(names.namesOf('GHSA-7', ['GHSA-0', cves[7]!])).toEqual([cves[7]]);
  expect(names.namesOf('GHSA-none', ['GHSA-0'])).toEqual(['GHSA-none']);
  expect(names.namesOf(cves[7]!)).toEqual([cves[7]]);
});

it('ids that are aliases of each other over several records are about the CVEs that any of them names', () => {
  const names = new FlawNames();
  names.join('GHSA-b', ['PYSEC-1']);
  names.join('PYSEC-1', ['CVE-2024-10000']);
  names.join('GHSA-c', ['PYSEC-1', 'no id\n']);
  names.join('GHSA-d', ['CVE-2024-10000', 'CVE-2024-9999']);
  names.join('PYSEC-2', ['GHSA-e']);
  names.join('MAL-1', []);
  for (const id of ['GHSA-b', 'GHSA-c', 'PYSEC-1', 'CVE-2024-10000'])
    expect(names.namesOf(id)).toEqual(['CVE-2024-10000']);
  // Clearing one of two CVEs does not clear the other.
  expect(names.namesOf('GHSA-d')).toEqual(['CVE-2024-9999', 'CVE-2024-10000']);
  expect(['PYSEC-2', 'GHSA-e', 'MAL-1'].map((id) => names.namesOf(id))).toEqual([
    ['GHSA-e'],
    ['GHSA-e'],
    ['MAL-1'],
  ]);
});

const folders = ecosystems.flatMap(({ id, name }) =>
  !isOfComponents(id) && hasData('interchange2', 'osv', name) ? [[id, name]] : [],
);

describe.each(folders)('the records of %s', (id, name) => {
  const ecosystem = ecosystems.find((each) => each.id === id)!;
  const entries = readdirSync(dataPath('interchange2', 'osv', name!))
    .filter((file) => file.endsWith('.json'))
    .map((file) => parseAdvisory(readFileSync(dataPath('interchange2', 'osv', name!, file), 'utf8')))
    .flatMap(({ id: record, affected }) => affected.map((entry) => ({ record, entry })))
    .filter(({ entry }) => entry.ecosystem === name);

  it('affect every version that they enumerate, and no version that ends an interval', () => {
    const { versions: order } = ecosystem;
    const wrong: string[] = [];
    let judged = 0;
    for (const { record, entry } of entries) {
      const range = affectedRange(entry, order);
      if ('fault' in range) {
        wrong.push(`${record} ${entry.name}: ${range.fault} ${range.detail}`);
        continue;
      }
      const written = parseRange(rangeText(range));
      const isAffected = (text: string) => placeIn(written, text, order.read(text), order) !== undefined;
      for (const version of entry.versions) {
        judged += 1;
        if (!isAffected(version)) wrong.push(`${record} ${entry.name} ${version}: enumerated`);
      }
      for (const { fixed } of range.intervals) {
        if (fixed === undefined || entry.versions.includes(fixed)) continue;
        judged += 1;
        const opens = range.intervals.some(({ from }) => from === fixed);
        if (isAffected(fixed) && !opens) wrong.push(`${record} ${entry.name} ${fixed}: its fix`);
      }
    }
    expect(wrong).toEqual([]);
    expect(judged).toBeGreaterThan(entries.length / 2);
  });
});

it('entries of one record are about versions of their own, and do not contradict each other', () => {
  const mirror = writeOsvMirror({
    npm: {
      'GHSA-aaaa': {
        affected: [
          affects('npm', 'left', before('1.2.0')),
          affects('npm', 'left', [{ introduced: '2.0.0' }, { fixed: '2.1.0' }]),
        ],
      },
    },
  });
  const folder = temporaryFolder();
  const [feed, bom] = [join(folder, 'feed'), join(folder, 'bom.json')];
  scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
  const components = [{ type: 'library', name: 'left', version: '1.0.0', purl: 'pkg:npm/left@1.0.0' }];
  writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }));
  const { out } = scapfeed(['scan', `sbom:${bom}`, '--feed', feed, '--max-age', '0', '-o', 'json']);
  expect(JSON.parse(out).verdicts).toMatchObject([{ fixedVersion: '1.2.0', marks: [] }]);
});

describe('a build of archives', () => {
  const folder = temporaryFolder();
  const archives: Record<string, OsvRecords> = {};

  it('uses each entry or counts it, joins records of one flaw, and judges an SBOM', () => {
    archives['npm'] = {
      'GHSA-aaaa': {
        aliases: ['CVE-2026-1000'],
        modified: '2026-11-20T00:00:00Z',
        affected: [affects('npm', '@scope/shop', before('2.0.0'))],
        database_specific: { severity: 'MODERATE' },
      },
      'GHSA-cccc': { withdrawn: '2026-01-01T00:00:00Z', affected: [affects('npm', 'gone', before('1.0.0'))] },
      'GHSA-dddd': { affected: [affects('PyPI', 'elsewhere', before('1.0.0'))] },
      'GHSA-eeee': { affected: [affects('npm', 'unread', before('newest'))] },
      'GHSA-ffff': '{ "id": 1 }',
      'GHSA-hhhh': {
        affected: [
          {
            package: { ecosystem: 'npm', name: 'commits' },
            ranges: [{ type: 'GIT', repo: 'https://example.org/commits', events: [{ introduced: '0' }] }],
          },
        ],
      },
    };
    archives['PyPI'] = {
      'GHSA-bbbb': {
        aliases: ['CVE-2026-2000', 'PYSEC-2026-1'],
        modified: '2026-11-21T00:00:00Z',
        affected: [affects('PyPI', 'zope.interface', before('1.5'))],
        database_specific: { severity: 'HIGH' },
      },
      'PYSEC-2026-1': { affected: [affects('PyPI', 'zope-interface', before('1.4'))] },
    };
    archives['crates.io'] = {
      'RUSTSEC-2026-0001': {
        modified: '2026-11-21T00:00:00Z',
        affected: [
          affects('crates.io', 'old', before('9.0.0'), {
            database_specific: { informational: 'unmaintained' },
          }),
        ],
      },
    };
    archives['Maven'] = {
      'GHSA-gggg': { affected: [affects('Maven:https://repo.example', 'a:b', before('1'))] },
    };
    const mirror = writeOsvMirror(archives);
    const feed = join(folder, 'feed');
    const at = ['--feed', feed, '--max-age', '0'];

    const built = scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    expect(built.out).not.toContain('OVAL in ');
    expect(built.code, built.err).toBe(0);
    const {
      platforms,
      sources: [osv],
    } = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
    expect(platforms.map(({ id, statements, updated }) => [id, statements, updated.slice(0, 10)])).toEqual([
      ['cargo', 1, '2026-11-21'],
      ['maven', 0, expect.any(String)],
      ['npm', 1, '2026-11-20'],
      ['pypi', 2, '2026-11-21'],
    ]);
    expect([osv!.records, osv!.used, osv!.dropped]).toEqual([10, 4, 6]);
    expect(Object.fromEntries(osv!.findings.map(({ reason, count }) => [reason, count]))).toEqual({
      absurd_version: 1,
      archive_absent: 5,
      commits_only: 1,
      malformed_record: 1,
      no_affected_entry: 1,
      other_registry: 1,
      withdrawn: 1,
    });

    const bom = join(folder, 'bom.json');
    const components = [
      'pkg:npm/%40scope/shop@1.9.9',
      'pkg:npm/%40scope/shop@2.0.0',
      'pkg:npm/unread@1.0.0',
      'pkg:npm/commits@1.0.0',
      'pkg:pypi/Zope_Interface@1.3',
      'pkg:pypi/zope.interface@1.4.1',
      'pkg:gem/rails@7.0.0',
    ].map((purl) => ({ type: 'library', name: purl, purl }));
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const scan = scapfeed(['scan', bom, ...at, '-o', 'json']);
    const result = JSON.parse(scan.out);
    expect(
      result.verdicts.map((verdict: Record<string, unknown>) => [
        verdict['vulnerability'],
        verdict['severity'],
        (verdict['package'] as Record<string, string>)['name'],
        (verdict['package'] as Record<string, string>)['version'],
        verdict['fixedVersion'],
        verdict['marks'],
      ]),
    ).toEqual([
      ['CVE-2026-2000', 'high', 'zope-interface', '1.3', '1.5', []],
      ['CVE-2026-2000', 'high', 'zope-interface', '1.4.1', '1.5', ['sources_differ']],
      ['CVE-2026-1000', 'medium', '@scope/shop', '1.9.9', '2.0.0', []],
    ]);
    // Statements about two could not be read, one as it is about commits alone, and no archive of gems was there.
    expect([
      scan.code,
      result.unjudged.map(({ ecosystem, packages }: Record<string, unknown>) => [ecosystem, packages]),
    ]).toEqual([4, [['gem', 1]]]);
    expect(result.uncovered.map(({ name, reason }: Record<string, string>) => [name, reason])).toEqual([
      ['commits', 'undecidable'],
      ['unread', 'undecidable'],
    ]);
    expect(result.counts.packages).toMatchObject({ installed: 7, judged: 4, uncovered: 2 });
    expect(
      scapfeed(['scan', bom, ...at, '--allow-uncovered', '--fail-on', 'high', '--fail-on', 'unjudged']).code,
    ).toBe(1);
    expect(scapfeed(['scan', bom, '--feed', feed]).code).toBe(3);

    const explained = scapfeed(['explain', bom, 'PYSEC-2026-1', 'zope-interface', ...at, '--mirror', mirror]);
    expect(explained.out).toContain('compared   1.4.1 is older than 1.5 (pypi order)');
    expect(explained.out).toMatch(/record +\[\{"package":\{"ecosystem":"PyPI","name":"zope.interface"\}/);
  });

  it('an archive without records is refused, and clears nothing', () => {
    const mirror = writeOsvMirror({ npm: {} });
    const feed = join(temporaryFolder(), 'feed');
    const built = scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    expect(`${built.code} ${built.err}`).toMatch(
      /^3 .*expected records about packages of npm, found none.*SOURCE_MALFORMED/s,
    );
    expect(existsSync(feed)).toBe(false);
  });

  it('a folder of records, packed as its publisher keeps it, is an archive for each ecosystem', () => {
    const record = {
      id: 'GHSA-aaaa',
      aliases: ['CVE-2026-1000'],
      affected: [affects('npm', 'shop', before('2.0.0')), affects('PyPI', 'shop', before('3.0'))],
    };
    const records = {
      'advisories/2026/01/GHSA-aaaa/GHSA-aaaa': record,
      'advisories/2026/01/GHSA-bbbb/GHSA-bbbb': {
        ...{ id: 'GHSA-bbbb', affected: [affects('npm', 'cart', before('2.0.0'))] },
      },
    };
    const mirror = writeOsvMirror({ npm: records, PyPI: records });
    const [feed, bom] = ['folder', 'folder.json'].map((name) => join(folder, name)) as [string, string];
    const built = scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    expect(built.code, built.err).toBe(0);
    expect(built.out + built.err).toMatch(/1 not used: no affected entry/);
    const components = ['pkg:npm/shop@1.0.0', 'pkg:pypi/shop@2.5', 'pkg:npm/cart@1.0.0'].map((purl) => ({
      ...{ type: 'library', name: purl, purl },
    }));
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const at = ['--feed', feed, '--max-age', '0'];
    const { verdicts } = JSON.parse(scapfeed(['scan', bom, ...at, '-o', 'json']).out);
    expect(
      verdicts.map(({ vulnerability, platform }: Record<string, string>) => [vulnerability, platform]).sort(),
    ).toEqual([
      ['CVE-2026-1000', 'npm'],
      ['CVE-2026-1000', 'pypi'],
      ['GHSA-bbbb', 'npm'],
    ]);
    const explained = scapfeed(['explain', bom, 'GHSA-bbbb', 'cart', ...at, '--mirror', mirror]);
    expect(explained.out).toMatch(/file advisories\/2026\/01\/GHSA-bbbb\/GHSA-bbbb\.json/);
  });

  it('a record of more flaws and entries than any has leaves no clean result for its packages', () => {
    const mirror = writeOsvMirror({
      npm: {
        'GHSA-aaaa': {
          aliases: Array.from({ length: 251 }, (_, n) => `CVE-2026-${10_000 + n}`),
          affected: Array.from({ length: 200 }, (_, n) => affects('npm', `p${n}`, before('1.0.0'))),
        },
      },
    });
    const feed = join(folder, 'many');
    const built = scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    expect(built.out).toContain('200 not used: too many flaws, as at osv-npm#GHSA-aaaa.json/affected/0');
    const bom = join(folder, 'many.json');
    const purl = 'pkg:npm/p199@0.9.0';
    const components = [{ type: 'library', name: 'p199', purl }];
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    expect(scapfeed(['scan', bom, '--feed', feed, '--max-age', '0']).code).toBe(4);
  });

  it('a name without its group, vendor or scope is not covered, and a whole one without a record is clean', () => {
    const known = { 'GHSA-aaaa': { affected: [affects('npm', '@scope/a', before('2'))] } };
    const mirror = writeOsvMirror({
      npm: known,
      Packagist: { 'GHSA-bbbb': { affected: [affects('Packagist', 'symfony/symfony', before('3'))] } },
      Maven: { 'GHSA-cccc': { affected: [affects('Maven', 'log4j:log4j', before('2'))] } },
      Go: { 'GO-2026-0001': { affected: [affects('Go', 'stdlib', before('1.22.6'))] } },
    });
    const feed = join(folder, 'names');
    scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const bom = join(folder, 'names.json');
    type Scanned = { judged: number; verdicts: object[]; uncovered: { purl: string; reason: string }[] };
    const scanned = (...purls: string[]) => {
      const components = purls.map((purl) => ({ type: 'library', purl }));
      writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
      const { code, out } = scapfeed(['scan', bom, '--feed', feed, '--max-age', '0', '-o', 'json']);
      return { code, ...(JSON.parse(out) as Scanned) };
    };
    const parts = [
      ...['pkg:maven/log4j@1.2.17', 'pkg:composer/symfony@2.7.10'],
      ...['pkg:npm/scope/a@1.0.0', 'pkg:npm/%40scope@1.0.0'],
      ...['pkg:golang/command-line-arguments@v1.0.0', 'pkg:golang/shop/cart@v1.0.0'],
    ];
    const { code, judged, verdicts, uncovered } = scanned(...parts);
    expect({ code, judged, verdicts }).toEqual({ code: 4, judged: 0, verdicts: [] });
    expect(uncovered.map(({ purl, reason }) => `${purl} ${reason}`).sort()).toEqual(
      parts.map((purl) => `${purl} not_covered`).sort(),
    );
    const whole = ['pkg:maven/org.example/a@1', 'pkg:composer/x/y@1', 'pkg:npm/%40x/y@1', 'pkg:npm/y@1'];
    expect(scanned(...whole)).toMatchObject({ code: 0, judged: 4, uncovered: [] });
    // osv-scalibr's name for the standard library.
    const go = scanned('pkg:golang/go@1.22.5', 'pkg:golang/stdlib@1.22.5', 'pkg:golang/example.org/a@v1.0.0');
    // A package that is listed twice is one, wherever packages are counted.
    expect(go).toMatchObject({ code: 0, judged: 2, uncovered: [], inventory: { languages: 2 } });
    expect(go.verdicts).toMatchObject([{ vulnerability: 'GO-2026-0001', package: { name: 'stdlib' } }]);
  });

  it('records that could not be read are one gap, of however many ecosystems', () => {
    const mirror = writeOsvMirror({ npm: { 'GHSA-aaaa': '{' }, PyPI: { 'GHSA-bbbb': '{' } });
    const feed = join(folder, 'unreadable');
    scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const bom = join(folder, 'unreadable.json');
    const components = ['npm', 'pypi'].map((type) => ({ type: 'library', purl: `pkg:${type}/a@1` }));
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const scanned = scapfeed(['scan', bom, '--feed', feed, '--max-age', '0', '-o', 'json']);
    expect(scanned.code).toBe(4);
    expect(JSON.parse(scanned.out).gaps.map(({ code }: { code: string }) => code)).toEqual([
      'unread_records',
    ]);
  });

  it("RustSec's unmaintained and unsound crates are notices and no flaws", () => {
    const about = (informational: string, name: string) => ({
      affected: [
        affects('crates.io', name, [{ introduced: '0.0.0-0' }], { database_specific: { informational } }),
      ],
    });
    const mirror = writeOsvMirror({
      'crates.io': {
        'RUSTSEC-2026-0001': about('unmaintained', 'old_one'),
        'RUSTSEC-2026-0002': about('unsound', 'shaky'),
        'RUSTSEC-2026-0003': { affected: [affects('crates.io', 'shaky', before('2.0.0'))] },
        'RUSTSEC-2026-0004': about('later word', 'old_one'),
      },
    });
    const feed = join(folder, 'notices');
    scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const bom = join(folder, 'notices.json');
    const at = ['--feed', feed, '--max-age', '0'];
    const scan = (...purls: string[]) => {
      const components = purls.map((purl) => ({ type: 'library', purl }));
      writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
      const { code, out } = scapfeed(['scan', bom, ...at, '-o', 'json', '--fail-on', 'any']);
      const { verdicts, inventory } = JSON.parse(out);
      const { notes } = inventory;
      return { code, ids: verdicts.map((each: Record<string, string>) => each['vulnerability']), notes };
    };
    const { code, ids, notes } = scan('pkg:cargo/old-one@1.0.0', 'pkg:cargo/shaky@2.0.0');
    expect({ code, ids }).toEqual({ code: 0, ids: [] });
    expect(notes.slice(1)).toEqual([
      { code: 'packages_with_notices', where: 'cargo', detail: 'old-one 1.0.0 (RUSTSEC-2026-0004)' },
      { code: 'unmaintained_packages', where: 'cargo', detail: 'old-one 1.0.0 (RUSTSEC-2026-0001)' },
      { code: 'unsound_packages', where: 'cargo', detail: 'shaky 2.0.0 (RUSTSEC-2026-0002)' },
      expect.objectContaining({ code: 'judged_language' }),
    ]);
    expect(scan('pkg:cargo/shaky@1.9.0')).toMatchObject({ code: 1, ids: ['RUSTSEC-2026-0003'] });
    // Of a crate that is only noticed, a version that cannot be compared hides no flaw.
    expect(scan('pkg:cargo/old-one@main')).toMatchObject({ code: 0, ids: [] });
    expect(scapfeed(['scan', bom, ...at]).out).not.toContain('RUSTSEC-2026-0001');
  });

  it('grype#3573: a flaw in a package of a Go module names it, whatever a program links', () => {
    const path = 'golang.org/x/crypto/openpgp';
    const mirror = writeOsvMirror({
      Go: {
        'GO-2026-0001': {
          affected: [
            affects('Go', 'golang.org/x/crypto', [{ introduced: '0' }], {
              ecosystem_specific: {
                imports: [{ path: `${path}/packet` }, { path, symbols: ['ReadEntity'] }],
              },
            }),
          ],
        },
        'GO-2026-0002': {
          affected: [
            affects('Go', 'golang.org/x/crypto', before('0.2.0'), {
              ecosystem_specific: { imports: [{ path: 'golang.org/x/crypto' }] },
            }),
          ],
        },
      },
    });
    const feed = join(folder, 'imports');
    scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const bom = join(folder, 'imports.json');
    const components = [{ type: 'library', purl: 'pkg:golang/golang.org/x/crypto@v0.1.0' }];
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const at = ['--feed', feed, '--max-age', '0'];
    const { verdicts } = JSON.parse(scapfeed(['scan', bom, ...at, '-o', 'json']).out);
    expect(verdicts.map((each: Record<string, unknown>) => [each['vulnerability'], each['marks']])).toEqual([
      ['GO-2026-0001', ['part_of_module']],
      ['GO-2026-0002', []],
    ]);
    const explained = (id: string, ...options: string[]) =>
      scapfeed(['explain', bom, id, 'golang.org/x/crypto', ...at, ...options]).out;
    expect(explained('GO-2026-0001')).toContain(
      `GO-2026-0001: *; includes v0.1.0; in ${path}, ${path}/packet`,
    );
    expect(JSON.parse(explained('GO-2026-0001', '-o', 'json')).verdicts[0].rule.ranges).toMatchObject([
      { imports: [path, `${path}/packet`] },
    ]);
    expect(explained('GO-2026-0002')).toMatch(/GO-2026-0002: <0.2.0; includes v0.1.0$/m);
  });

  it.each([
    ['grype#431', 'io.netty:netty', 'com.typesafe.netty/netty-reactive-streams@2.0.5'],
    ['grype#431', 'org.apache.maven:maven-core', 'org.apache.maven.resolver/maven-resolver-api@1.4.1'],
    ['grype#1019', 'org.apache.maven:maven-core', 'org.apache.karaf.maven/org.apache.karaf.maven.core@3.0.0'],
    ['grype#1071', 'org.apache.geronimo:geronimo', 'org.apache.geronimo.specs/geronimo-jms_1.1_spec@1.1.1'],
    [
      'grype#1301',
      'org.apache.hadoop:hadoop-common',
      'org.apache.hadoop.thirdparty/hadoop-shaded-guava@1.1.1',
    ],
    ['syft#2596', 'org.slf4j:slf4j-api', 'com.example.agent/slf4j-api@1.0.0'],
  ])('%s: a flaw of %s is none of %s: only group and artifact are a name', (_, stated, installed) => {
    const name = stated.replace(/\W/g, '-');
    const feed = join(folder, `named-${name}`);
    const mirror = writeOsvMirror({
      Maven: { 'GHSA-aaaa': { affected: [affects('Maven', stated, [{ introduced: '0' }])] } },
    });
    if (!existsSync(feed))
      scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const bom = join(folder, 'named.json');
    const own = `pkg:maven/${stated.replace(':', '/')}@1.0.0`;
    const components = [own, `pkg:maven/${installed}`].map((purl) => ({ type: 'library', purl }));
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const { out } = scapfeed(['scan', bom, '--feed', feed, '--max-age', '0', '-o', 'json']);
    const { verdicts } = JSON.parse(out) as { verdicts: { package: { purl: string } }[] };
    expect(verdicts.map(({ package: { purl } }) => purl)).toEqual([own]);
  });

  it('osv-scanner#1128: a malicious version is reported though the registry has it no more', () => {
    const mirror = writeOsvMirror({
      npm: {
        'MAL-2026-1': { affected: [{ package: { ecosystem: 'npm', name: 'gone' }, versions: ['6.6.6'] }] },
      },
    });
    const feed = join(folder, 'gone');
    scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const bom = join(folder, 'gone.json');
    const components = ['6.6.6', '6.6.7'].map((version) => ({
      type: 'library',
      purl: `pkg:npm/gone@${version}`,
    }));
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const { code, out } = scapfeed([
      'scan',
      bom,
      '--feed',
      feed,
      '--max-age',
      '0',
      '--fail-on',
      'critical',
      '-o',
      'json',
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(out).verdicts).toMatchObject([
      { vulnerability: 'MAL-2026-1', package: { version: '6.6.6' } },
    ]);
  });

  it('a malicious package fails every gate, whatever it measures and without a fix', () => {
    const mirror = writeOsvMirror({
      npm: {
        'MAL-2026-1': { affected: [affects('npm', 'crossenv', [{ introduced: '0' }])] },
        'GHSA-aaaa': { affected: [affects('npm', 'shop', before('2.0.0'))] },
      },
    });
    const feed = join(folder, 'malicious');
    scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const bom = join(folder, 'malicious.json');
    const scan = (purl: string, ...options: string[]) => {
      const component = { type: 'library', name: purl, purl };
      writeFileSync(
        bom,
        JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [component] }),
      );
      return scapfeed(['scan', bom, '--feed', feed, '--max-age', '0', ...options]);
    };
    for (const gate of ['low', 'critical', 'unrated'])
      expect(scan('pkg:npm/crossenv@6.1.1', '--fail-on', gate, '--only-fixed')).toMatchObject({
        code: 1,
        err: expect.stringContaining('1 flaw of malicious packages (--fail-on)'),
      });
    expect(scan('pkg:npm/crossenv@6.1.1').out).toMatch(
      /MAL-2026-1 +critical +crossenv 6.1.1\n +MALICIOUS PACKAGE: remove it \(MAL-2026-1\)/,
    );
    for (const format of ['csv', 'sarif', 'github', 'junit', 'html', 'markdown']) {
      const { out } = scan('pkg:npm/crossenv@6.1.1', '-o', format);
      expect(out, format).not.toMatch(/no fix yet|There is no fix/i);
      expect(out, format).toMatch(/remove it|Remove crossenv: it was published to do harm/);
    }
    const rated = scan('pkg:npm/crossenv@6.1.1', '--severity-from', 'nvd', '-o', 'json');
    expect(JSON.parse(rated.out)).toMatchObject({ verdicts: [{ severity: 'critical' }], unrated: 0 });
    expect(scan('pkg:npm/shop@1.0.0', '--fail-on', 'critical', '--allow-unrated').code).toBe(0);
  });

  it('a record without a word is rated by its score, and one that excludes the version clears nothing', () => {
    const worst = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
    const mirror = writeOsvMirror({
      PyPI: {
        'PYSEC-2026-1': {
          aliases: ['CVE-2026-1000'],
          severity: [worst],
          affected: [affects('PyPI', 'shop', before('2.0'))],
        },
        'GHSA-aaaa': { aliases: ['CVE-2026-1000'], affected: [affects('PyPI', 'shop', before('1.0'))] },
        'GHSA-bbbb': {
          severity: [worst],
          affected: [affects('PyPI', 'shop', before('2.0'))],
          database_specific: { severity: 'LOW' },
        },
        'GHSA-cccc': {
          aliases: ['CVE-2026-2000', 'PYSEC-2026-2'],
          affected: [affects('PyPI', 'shop', before('2.0'))],
          database_specific: { severity: 'MODERATE' },
        },
        'PYSEC-2026-2': {
          severity: [
            { type: 'CVSS_V2', score: 'AV:N/AC:L/Au:N/C:N/I:N/A:P' },
            { type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N' },
          ],
          affected: [affects('PyPI', 'shop', before('2.0'))],
        },
      },
    });
    const [feed, bom, policy] = ['rated', 'rated.json', 'rated.yaml'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const components = [{ type: 'library', name: 'shop', purl: 'pkg:pypi/shop@1.5' }];
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const scan = (...options: string[]) =>
      scapfeed(['scan', bom, '--feed', feed, '--max-age', '0', '--fail-on', 'critical', ...options]);
    const ratings = (...options: string[]) =>
      JSON.parse(scan('-o', 'json', ...options).out).verdicts.map((verdict: Record<string, unknown>) =>
        ['vulnerability', 'severity', 'severitySource', 'vendorSeverity'].map((key) => verdict[key] ?? ''),
      );
    expect(ratings()).toEqual([
      ['CVE-2026-1000', 'critical', 'vendor', ''],
      ['CVE-2026-2000', 'high', 'vendor', ''],
      ['GHSA-bbbb', 'low', 'ghsa', ''],
    ]);
    expect(ratings('--severity-from', 'ghsa,vendor').slice(1)).toEqual([
      ['CVE-2026-2000', 'medium', 'ghsa', 'high'],
      ['GHSA-bbbb', 'low', 'ghsa', ''],
    ]);
    expect(ratings('--severity-from', 'vendor').at(-1)).toEqual(['GHSA-bbbb', 'unknown', '', '']);
    const { out } = scapfeed([
      'explain',
      bom,
      'CVE-2026-2000',
      'shop',
      '--feed',
      feed,
      '--max-age',
      '0',
      '-o',
      'json',
    ]);
    expect(JSON.parse(out).verdicts.map(({ ratings }: { ratings: unknown }) => ratings)).toEqual([
      [
        { source: 'vendor', severity: 'high', decides: true },
        { source: 'ghsa', severity: 'medium' },
      ],
    ]);
    const codes = ['GHSA-aaaa', 'PYSEC-2026-1', 'CVE-2026-1000'].map((id) => {
      writeFileSync(policy, `ignore:\n  - reason: x\n    vulnerability: ${id}\n`);
      return scan('--policy', policy).code;
    });
    expect(codes).toEqual([1, 0, 0]);
  });

  it('a malicious package is put aside by its own id, and by no wider entry and no baseline', () => {
    const mirror = writeOsvMirror({
      npm: {
        'GHSA-aaaa': {
          aliases: ['MAL-2026-1'],
          affected: [affects('npm', 'crossenv', before('9.0.0'))],
        },
        'MAL-2026-1': { affected: [affects('npm', 'crossenv', [{ introduced: '0' }])] },
      },
    });
    const feed = join(folder, 'accepted');
    scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    const [bom, policy, former] = ['accepted.json', 'accepted.yaml', 'former.json'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    const components = [{ type: 'library', name: 'crossenv', purl: 'pkg:npm/crossenv@6.1.1' }];
    writeFileSync(bom, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components }));
    const scan = (...options: string[]) =>
      scapfeed(['scan', bom, '--feed', feed, '--max-age', '0', '--fail-on', 'high', ...options]).code;
    const accepted = (entry: string) => {
      writeFileSync(policy, `ignore:\n  - reason: x\n    ${entry}\n`);
      return scan('--policy', policy);
    };
    expect(['state: available', 'package: crossenv', 'package: "cross*"'].map(accepted)).toEqual([1, 1, 1]);
    expect(['MAL-2026-1', 'GHSA-aaaa'].map((id) => accepted(`vulnerability: ${id}`))).toEqual([0, 0]);
    expect([scan('-o', `json=${former}`), scan('--baseline', former)]).toEqual([1, 1]);
  });

  it('two feeds differ in the affected versions of a flaw, by all of its records, and in what is malicious', () => {
    const cve = { aliases: ['CVE-2026-1000'], database_specific: { severity: 'HIGH' } };
    const build = (name: string, records: OsvRecords) => {
      const feed = join(folder, name);
      const mirror = writeOsvMirror({ npm: records });
      scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
      return feed;
    };
    const malicious = { affected: [affects('npm', 'right', [{ introduced: '0' }])] };
    const [first, second] = [
      build('first-night', {
        'GHSA-aaaa': { ...cve, affected: [affects('npm', 'left', before('2.0.0'))] },
        'GHSA-bbbb': { ...cve, affected: [affects('npm', 'left', before('1.0.0'))] },
        'GHSA-dddd': { ...malicious, aliases: ['CVE-2026-1001'], database_specific: { severity: 'HIGH' } },
      }),
      build('second-night', {
        'GHSA-aaaa': { ...cve, affected: [affects('npm', 'left', before('3.0.0'))] },
        'GHSA-bbbb': { ...cve, affected: [affects('npm', 'left', before('1.0.0'))] },
        'MAL-2026-1': { ...malicious, aliases: ['CVE-2026-1001'] },
      }),
    ];
    const { out } = scapfeed(['diff', first!, second!]);
    expect(out).toMatch(
      /npm +fix version changed +CVE-2026-1000 +left +affected in <1.0.0 or <2.0.0 +affected in <1.0.0 or <3.0.0/,
    );
    expect(out).toMatch(/npm +\S+ changed +CVE-2026-1001 +right .* malicious package, affected in \*/);
    const changes = JSON.parse(scapfeed(['diff', first!, second!, '-o', 'json']).out);
    const validate = new Ajv2020({ strict: true, validateFormats: false }).compile(changesSchema);
    expect(validate(changes), JSON.stringify(validate.errors)).toBe(true);
    expect(changes.platforms[0].changes[1]).toMatchObject({ after: { malicious: true, affected: '*' } });
  });

  it('MAL-2024-4469: a name in letters that look like others is a name, and of no other package', () => {
    const names = ['DiscordРich', 'Discord', 'ﬁle', '𝒳pkg', '中文', 'z-last', '~first', 'with blank'];
    const record = (name: string) => ({ affected: [affects('npm', name, [{ introduced: '0' }])] });
    const mirror = writeOsvMirror({
      npm: Object.fromEntries(names.map((name, at) => [`MAL-2026-${at + 1}`, record(name)])),
    });
    const feed = join(folder, 'look-alike');
    const built = scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
    expect(built, built.err).toMatchObject({ code: 0 });
    expect(built.out).not.toContain('no package name');
    const bom = join(folder, 'look-alike.json');
    const found = (name: string) => {
      const component = { type: 'library', name, purl: `pkg:npm/${encodeURIComponent(name)}@1.0.0` };
      writeFileSync(
        bom,
        JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [component] }),
      );
      const { out } = scapfeed(['scan', bom, '--feed', feed, '--max-age', '0', '-o', 'json']);
      const { verdicts } = JSON.parse(out) as { verdicts: { vulnerability: string }[] };
      return verdicts.map(({ vulnerability }) => vulnerability);
    };
    for (const [at, name] of names.entries()) expect(found(name), name).toEqual([`MAL-2026-${at + 1}`]);
    expect(['DiscordPich', 'file', '中', 'withblank'].map(found)).toEqual([[], [], [], []]);
  });
});

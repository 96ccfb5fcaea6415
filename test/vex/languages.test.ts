import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { goProgram } from '../ecosystems/installed/programs.ts';
import { affects, before, writeOsvMirror } from '../ecosystems/world.ts';
import { debianRelease, project, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const feed = join(folder, 'feed');
const at = ['--feed', feed, '--max-age', '0'];

function write(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

const purls = [
  'pkg:pypi/django@4.1.0',
  'pkg:golang/github.com/BurntSushi/toml@v1.2.0',
  'pkg:maven/org.example/shop@1.0',
  'pkg:cargo/time@0.1.0',
];
const bom = write('bom.json', {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components: purls.map((purl) => ({ type: 'library', name: purl, purl })),
});

interface Found {
  vulnerability: string;
  aliases: string[];
  package: { name: string };
  ignored?: object;
}

function scan(...options: string[]): Found[] {
  const { out, err } = scapfeed(['scan', bom, ...at, ...options, '-o', 'json']);
  expect(out, err).not.toBe('');
  return JSON.parse(out).verdicts;
}

function putAside(...options: string[]): string[] {
  return scan(...options)
    .filter(({ ignored }) => ignored)
    .map(({ vulnerability, package: { name } }) => `${vulnerability} ${name}`)
    .sort();
}

const statement = (id: string, product: string, status = 'not_affected') =>
  write('vex.json', {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    author: 'a team',
    statements: [
      {
        vulnerability: { name: id },
        products: [{ '@id': product }],
        status,
        justification: 'component_not_present',
      },
    ],
  });

const clears = (id: string, product: string) => putAside('--vex', statement(id, product));

beforeAll(() => {
  const mirror = writeOsvMirror({
    PyPI: {
      'GHSA-aaaa-aaaa-aaaa': {
        aliases: ['CVE-2026-1000', 'PYSEC-2026-1'],
        affected: [affects('PyPI', 'django', before('4.2'))],
      },
      'GHSA-bbbb-bbbb-bbbb': {
        aliases: ['CVE-2026-2000', 'PYSEC-2026-1'],
        affected: [affects('PyPI', 'django', before('4.2'))],
      },
      'PYSEC-2026-1': {
        aliases: ['CVE-2026-1000', 'CVE-2026-2000'],
        affected: [affects('PyPI', 'Django', before('4.2'))],
      },
    },
    Go: {
      'GO-2026-0001': {
        aliases: ['CVE-2026-3000', 'GHSA-cccc-cccc-cccc'],
        affected: [affects('Go', 'github.com/BurntSushi/toml', before('1.3.0'))],
      },
    },
    Maven: {
      'GHSA-dddd-dddd-dddd': {
        aliases: ['CVE-2026-4000'],
        affected: [affects('Maven', 'org.example:shop', before('2.0'))],
      },
    },
    'crates.io': {
      'RUSTSEC-2026-0005': {
        aliases: ['GHSA-eeee-eeee-eeee'],
        affected: [affects('crates.io', 'time', before('0.2.0'))],
      },
      'GHSA-eeee-eeee-eeee': { affected: [affects('crates.io', 'time', before('0.2.0'))] },
    },
  });
  const built = scapfeed(['build', '--source', 'osv', '--mirror', mirror, '--out', feed, '--no-ratings']);
  expect(built.code, built.err).toBe(0);
}, 120_000);

describe('a flaw of a package of a language', { timeout: 120_000 }, () => {
  it('has the ids of the records about it as aliases, but not those that name another one', () => {
    expect(scan().map(({ vulnerability, aliases }) => [vulnerability, ...aliases.sort()])).toEqual(
      expect.arrayContaining([
        ['CVE-2026-1000', 'GHSA-aaaa-aaaa-aaaa', 'PYSEC-2026-1'],
        ['CVE-2026-2000', 'GHSA-bbbb-bbbb-bbbb', 'PYSEC-2026-1'],
        ['CVE-2026-3000', 'GO-2026-0001'],
        ['GHSA-eeee-eeee-eeee', 'RUSTSEC-2026-0005'],
      ]),
    );
  });

  it.each([
    ['CVE-2026-1000', ['CVE-2026-1000 django']],
    ['GHSA-aaaa-aaaa-aaaa', ['CVE-2026-1000 django']],
    ['PYSEC-2026-1', ['CVE-2026-1000 django', 'CVE-2026-2000 django']],
    ['GHSA-ffff-ffff-ffff', []],
  ])('is cleared by a statement about %s, and no other flaw is', (id, cleared) => {
    expect(clears(id, 'pkg:pypi/django')).toEqual(cleared);
  });

  it('is cleared by ids of Go and RustSec', () => {
    expect(clears('GO-2026-0001', 'pkg:golang/github.com/BurntSushi/toml')).toHaveLength(1);
    expect(clears('RUSTSEC-2026-0005', 'pkg:cargo/time@0.1.0')).toEqual(['GHSA-eeee-eeee-eeee time']);
  });

  it('is cleared in the program that a statement of a hub names, and in no other one', () => {
    const mirror = writeOsvMirror({
      Go: { 'GO-2026-0001': { affected: [affects('Go', 'github.com/BurntSushi/toml', before('1.3.0'))] } },
    });
    cpSync(join(project, 'feeds/sample'), mirror, { recursive: true, force: false });
    const ofSystem = join(folder, 'of-system');
    const from = ['--source', 'osv', '--source', 'debian', '--mirror', mirror, '--unsigned-mirror'];
    const built = scapfeed(['build', ...from, '--out', ofSystem, '--no-ratings', '--no-oval']);
    expect(built.code, built.err).toBe(0);
    const lines = (main: string) => [`mod ${main} v1.0.0`, 'dep github.com/BurntSushi/toml v1.2.0'];
    // Of the least size of a program of Go.
    const text = Buffer.alloc(1 << 18, 'code');
    const root = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('own', '1-1'),
      'opt/app': goProgram('go1.26.1', lines('example.org/app'), { text }),
      'opt/other': goProgram('go1.26.1', lines('example.org/other'), { text }),
    });
    for (const name of ['app', 'other']) chmodSync(join(root, 'opt', name), 0o755);
    const document = write('hub.json', {
      '@context': 'https://openvex.dev/ns/v0.2.0',
      author: 'a hub',
      statements: [
        {
          vulnerability: { name: 'GO-2026-0001' },
          products: [
            {
              '@id': 'pkg:golang/example.org/app',
              subcomponents: [{ '@id': 'pkg:golang/github.com/BurntSushi/toml@v1.2.0' }],
            },
          ],
          status: 'not_affected',
          justification: 'vulnerable_code_not_in_execute_path',
        },
      ],
    });
    const { out, err } = scapfeed([
      'scan',
      `dir:${root}`,
      '--feed',
      ofSystem,
      '--max-age',
      '0',
      '--vex',
      document,
      '--show-ignored',
      '-o',
      'json',
    ]);
    expect(out, err).not.toBe('');
    const result = JSON.parse(out);
    expect(schemaErrors('scan-result', result)).toEqual([]);
    const found = result.verdicts.map(
      ({ package: { database }, ignored }: { package: { database: string }; ignored?: object }) => [
        database,
        ignored !== undefined,
      ],
    );
    expect(found).toEqual([
      ['/opt/app', true],
      ['/opt/other', false],
    ]);
    // So it is by an SBOM of ours, which names the program; SPDX has no member for its place, and copies are one package.
    for (const format of ['cyclonedx', 'spdx']) {
      const bom = write(
        `${format}.json`,
        JSON.parse(scapfeed(['inventory', `dir:${root}`, '-o', format]).out),
      );
      const by = ['--feed', ofSystem, '--max-age', '0', '--vex', document, '--show-ignored', '-o', 'json'];
      const { verdicts } = JSON.parse(scapfeed(['scan', `sbom:${bom}`, ...by]).out);
      const programs = verdicts.map(
        ({
          package: { program },
          ignored,
        }: {
          package: { program?: { name: string } };
          ignored?: object;
        }) => [program?.name, ignored !== undefined],
      );
      const told = [
        ['example.org/app', true],
        ['example.org/other', false],
      ];
      expect(programs.sort()).toEqual(format === 'spdx' ? [[undefined, false]] : told);
    }
  });

  it.each([
    ['GHSA-dddd-dddd-dddd', 'pkg:maven/org.example/shop', 1],
    ['GHSA-dddd-dddd-dddd', 'pkg:maven/org.example/shop@1.0?type=jar', 1],
    ['GHSA-dddd-dddd-dddd', 'pkg:maven/org.example/shop@1.0.0', 1],
    ['GHSA-dddd-dddd-dddd', 'pkg:maven/org.example/shop@1.0?classifier=tests', 0],
    ['GHSA-dddd-dddd-dddd', 'pkg:maven/org.other/shop@1.0', 0],
    ['GHSA-dddd-dddd-dddd', 'pkg:maven/shop@1.0', 0],
    ['GHSA-dddd-dddd-dddd', 'pkg:maven/org.example/shop@1.0#lib', 0],
    ['GHSA-aaaa-aaaa-aaaa', 'pkg:pypi/Django@4.1', 1],
    ['GHSA-aaaa-aaaa-aaaa', 'pkg:pypi/django@4.1.0+local', 0],
    ['GHSA-aaaa-aaaa-aaaa', 'pkg:npm/django@4.1.0', 0],
    ['GO-2026-0001', 'pkg:golang/github.com/BurntSushi/toml@1.2.0', 1],
    ['GO-2026-0001', 'pkg:golang/github.com/burntsushi/toml@1.2.0', 0],
    ['GO-2026-0001', 'pkg:golang/github.com/BurntSushi/toml@1.2.0+build', 0],
    ['GO-2026-0001', 'pkg:golang/github.com/BurntSushi/toml@v1.2.0#cmd/tomlv', 0],
  ])('is cleared by %s and %s %i times', (id, product, times) => {
    expect(clears(id, product)).toHaveLength(times);
  });

  it('stays where a statement that it is affected may be about it', () => {
    const cleared = statement('CVE-2026-1000', 'pkg:pypi/django');
    const open = write('affected.json', {
      '@context': 'https://openvex.dev/ns/v0.2.0',
      author: 'a team',
      statements: [
        {
          vulnerability: { name: 'GHSA-bbbb-bbbb-bbbb' },
          products: [{ '@id': 'pkg:pypi/Django' }],
          status: 'affected',
          timestamp: '2026-11-30T00:00:00Z',
        },
      ],
    });
    expect(putAside('--vex', cleared, '--vex', open)).toEqual([]);
  });

  it('is accepted by a policy that names one of its ids', () => {
    const policy = write('policy.yaml', 'ignore:\n  - vulnerability: GO-2026-0001\n    reason: not linked\n');
    expect(putAside('--policy', policy)).toEqual(['CVE-2026-3000 github.com/BurntSushi/toml']);
  });

  it('is known to a baseline in which it had another id, and two of one record are two', () => {
    const { out } = scapfeed(['scan', bom, ...at, '-o', 'json']);
    const result = JSON.parse(out);
    const was = (verdict: Found) => {
      if (verdict.vulnerability === 'CVE-2026-4000')
        return { ...verdict, vulnerability: 'GHSA-dddd-dddd-dddd', aliases: [] };
      return verdict.vulnerability === 'CVE-2026-2000' ? [] : verdict;
    };
    const baseline = write('base.json', { ...result, verdicts: result.verdicts.flatMap(was) });
    expect(putAside('--baseline', baseline)).toEqual([
      'CVE-2026-1000 django',
      'CVE-2026-3000 github.com/BurntSushi/toml',
      'CVE-2026-4000 org.example:shop',
      'GHSA-eeee-eeee-eeee time',
    ]);
    const after = JSON.parse(scapfeed(['scan', bom, ...at, '--baseline', baseline, '-o', 'json']).out);
    expect(after.exceptions.baseline).toMatchObject({ known: 4, gone: 0 });
  });

  it('is explained by each of its ids', () => {
    const explained = scapfeed(['explain', bom, 'GHSA-dddd-dddd-dddd', 'org.example:shop', ...at]);
    expect(explained.out).toContain('CVE-2026-4000');
    expect(scapfeed(['explain', bom, 'GO-2026-0001', ...at]).out).toContain('BurntSushi/toml');
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { scapfeed } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { gentooRoot, writeGentooMirror } from './world.ts';

let feed: string;

beforeAll(() => {
  feed = join(temporaryFolder('feed'), 'out');
  const mirror = writeGentooMirror({
    '202401-01': {
      cves: ['CVE-2024-1000'],
      packages: ['sys-libs/zlib: lt 1.3.1, not ge 1.3.1'],
      impact: 'low',
    },
    // The first fix was not enough.
    '202402-01': {
      cves: ['CVE-2024-1000'],
      packages: ['sys-libs/zlib: lt 1.3.2, not ge 1.3.2'],
      impact: 'high',
    },
    '202403-01': {
      cves: ['CVE-2024-2000', 'CVE-2024-2001'],
      packages: [
        'dev-lang/python: lt 3.12.4 slot 3.12, lt 3.11.9 slot 3.11, not ge 3.12.4 slot 3.12, not ge 3.11.9 slot 3.11',
      ],
    },
    // Carried back to a revision.
    '202404-01': { cves: ['CVE-2024-3000'], packages: ['app-misc/tool: lt 2.0, not ge 2.0, not rge 1.2-r3'] },
    '202405-01': { cves: ['CVE-2024-4000'], packages: ['app-misc/gone: le 5'] },
    '202406-01': { cves: ['CVE-2024-5000'], packages: ['[ppc sparc] app-misc/odd: lt 2, not ge 2'] },
    '202407-01': { cves: ['CVE-2024-6000'], packages: ['app-misc/git: lt 2, not ge 2'] },
  });
  const built = scapfeed([
    ...['build', '--source', 'gentoo', '--mirror', mirror],
    ...['--snapshots', join(feed, '../snapshots'), '--out', feed],
  ]);
  expect(built, built.err).toMatchObject({ code: 0 });
});

const scan = (root: string, ...more: string[]) =>
  scapfeed(['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', ...more]);

interface Result {
  verdicts: {
    vulnerability: string;
    status: string;
    fixState?: string;
    fixedVersion?: string;
    severity: string;
    advisories: (string | { id: string })[];
    package: number | object;
  }[];
  uncovered: { name: string; reason: string; detail?: string }[];
  gaps: { code: string }[];
}

const result = (out: string) => JSON.parse(out) as Result;
const told = ({ verdicts }: Result) =>
  verdicts
    .map(({ vulnerability, status, fixedVersion = '-', severity }) =>
      [vulnerability, status, fixedVersion, severity].join(' '),
    )
    .sort();

describe('an image of Gentoo', () => {
  it.each([
    ['a fix of a later advisory decides', 'sys-libs/zlib-1.3.1', ['CVE-2024-1000 affected 1.3.2 high']],
    ['below both fixes', 'sys-libs/zlib-1.2', ['CVE-2024-1000 affected 1.3.2 high']],
    ['the last fix', 'sys-libs/zlib-1.3.2', []],
    [
      'the fix of its own slot',
      'dev-lang/python-3.11.8 SLOT=3.11',
      ['CVE-2024-2000 affected 3.11.9 medium', 'CVE-2024-2001 affected 3.11.9 medium'],
    ],
    ['a fixed one in its slot', 'dev-lang/python-3.11.9-r1 SLOT=3.11/3.11m', []],
    ['another slot', 'dev-lang/python-3.10.1 SLOT=3.10', []],
    ['below the revision', 'app-misc/tool-1.2-r2', ['CVE-2024-3000 affected 1.2-r3 medium']],
    ['the revision', 'app-misc/tool-1.2-r3', []],
    ['a later version without the revision', 'app-misc/tool-1.2.1', ['CVE-2024-3000 affected 2.0 medium']],
    ['no fix at all', 'app-misc/gone-4', ['CVE-2024-4000 affected - medium']],
    ['of another architecture', 'app-misc/odd-1', []],
    ['of that architecture', 'app-misc/odd-1 USE=sparc', ['CVE-2024-5000 affected 2 medium']],
  ])('%s', (_, pkg, verdicts) => {
    const { code, out, err } = scan(gentooRoot([pkg, 'sys-apps/sed-4.9']), '-o', 'json');
    expect(code, err).toBe(0);
    expect(told(result(out))).toEqual(verdicts);
    expect(result(out).gaps).toEqual([]);
  });

  it('of several slots each is judged by its own', () => {
    const root = gentooRoot(['dev-lang/python-3.11.8 SLOT=3.11', 'dev-lang/python-3.12.4 SLOT=3.12']);
    expect(told(result(scan(root, '-o', 'json').out))).toEqual([
      'CVE-2024-2000 affected 3.11.9 medium',
      'CVE-2024-2001 affected 3.11.9 medium',
    ]);
  });

  it.each([
    ['an overlay', 'app-misc/tool-3 repository=guru', 'other_origin', 'from the repository guru'],
    ['a live ebuild', 'app-misc/git-9999', 'undecidable', 'a live ebuild'],
    [
      'one of an unknown architecture',
      'app-misc/odd-1 USE= CHOST=',
      'undecidable',
      'its architecture is not stated, which decides whether it has CVE-2024-5000',
    ],
    ['a live ebuild of a branch', 'app-misc/git-1.9999-r1', 'undecidable', 'a live ebuild'],
  ])('%s is not covered: exit code 4', (_, pkg, reason, detail) => {
    const { code, out } = scan(gentooRoot([pkg, 'sys-apps/sed-4.9']), '-o', 'json');
    expect(code).toBe(4);
    expect(result(out).verdicts).toEqual([]);
    expect(result(out).uncovered).toMatchObject([{ reason, detail: expect.stringContaining(detail) }]);
  });

  it('a damaged package ends with 4, and the others are judged', () => {
    const { code, err, out } = scan(gentooRoot(['app-misc/gone-4', 'app-misc/a-1 PF=a-2']));
    expect(code).toBe(4);
    expect(err).toContain('PACKAGE_DATABASE_INCOMPLETE');
    expect(out).toContain('CVE-2024-4000');
  });

  it.each(['flatcar', 'chromeos', 'funtoo', 'calculate'])('ID_LIKE lends %s no rows', (id) => {
    const { code, err } = scan(gentooRoot(['app-misc/gone-4'], `ID=${id}\nID_LIKE="gentoo"\n`));
    expect(code).toBe(4);
    expect(err).toContain(`(${id})`);
  });

  it('an SBOM of it has the verdicts of the image; a Python package of portage is not judged twice', () => {
    const packages = [
      'dev-lang/python-3.11.8 SLOT=3.11',
      'app-misc/tool-3 repository=guru',
      'app-misc/odd-1',
    ];
    const root = gentooRoot([...packages, 'dev-python/requests-2.32.3', 'sys-libs/zlib-1.3.1']);
    const folder = join(root, 'usr/lib/python3.12/site-packages/requests-2.32.3.dist-info');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'METADATA'), 'Metadata-Version: 2.1\nName: requests\nVersion: 2.32.3\n\n');
    writeFileSync(
      join(root, 'var/db/pkg/dev-python/requests-2.32.3/CONTENTS'),
      `obj ${folder.slice(root.length)}/METADATA ${'0'.repeat(32)} 1\n`,
    );
    const own = result(scan(root, '-o', 'json').out);
    expect(told(own)).toHaveLength(3);
    const documents = join(temporaryFolder(), 'sbom');
    for (const format of ['cyclonedx', 'spdx', 'json', 'manifest']) {
      const file = `${documents}.${format}`;
      expect(scapfeed(['inventory', `dir:${root}`, '-o', `${format}=${file}`]).code).toBe(0);
      const { out } = scapfeed(['scan', `sbom:${file}`, '--feed', feed, '--max-age', '0', '-o', 'json']);
      expect(told(result(out)), format).toEqual(told(own));
      expect(
        result(out).uncovered.map(({ reason }) => reason),
        format,
      ).toEqual(['other_origin']);
    }
  });

  it("an SBOM of syft's has no slots: what depends on them is unknown", () => {
    const file = join(temporaryFolder(), 'syft.json');
    const component = (purl: string, name: string, version: string) => ({
      type: 'library',
      name,
      version,
      purl,
    });
    writeFileSync(
      file,
      JSON.stringify({
        ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
        components: [
          { type: 'operating-system', name: 'gentoo', version: '2.17' },
          component('pkg:ebuild/dev-lang/python@3.11.8', 'dev-lang/python', '3.11.8'),
          component('pkg:ebuild/app-misc%2Ftool@1.2-r1', 'app-misc/tool', '1.2-r1'),
        ],
      }),
    );
    const asked = [`sbom:${file}`, '--feed', feed, '--max-age', '0'];
    const { code, out } = scapfeed(['scan', ...asked, '-o', 'json']);
    expect(code).toBe(4);
    expect(told(result(out))).toEqual(['CVE-2024-3000 affected 1.2-r3 medium']);
    const detail = 'its slot is not stated, which decides whether it has CVE-2024-2000 and 1 more';
    expect(result(out).uncovered).toMatchObject([{ reason: 'undecidable', detail }]);
    expect(scapfeed(['scan', ...asked]).err).not.toContain('not yet looked into');
    const explained = scapfeed(['explain', asked[0]!, 'CVE-2024-2000', 'dev-lang/python', ...asked.slice(1)]);
    expect(explained.out + explained.err).toContain('slot is not stated');
  });

  it('explain names the advisories, and what each says', () => {
    const root = gentooRoot(['sys-libs/zlib-1.3.1']);
    const { out } = scapfeed([
      ...['explain', `dir:${root}`, 'CVE-2024-1000', 'sys-libs/zlib', '--feed', feed, '--max-age', '0'],
    ]);
    expect(out).toContain('1.3.1 is older than 1.3.2 (portage order)');
    expect(out).toContain('GLSA-202402-01: <1.3.2, but not >=1.3.2; includes 1.3.1');
    expect(out).toContain('GLSA-202401-01: <1.3.1, but not >=1.3.1; excludes 1.3.1');
  });

  it('OVAL and exports leave it out, and say why', () => {
    const out = join(temporaryFolder(), 'oval');
    const built = scapfeed(['export', '--to', 'trivy', '--feed', feed, '--out', out]);
    expect(built.code).not.toBe(0);
    expect(built.err).toMatch(/gentoo/i);
  });
});

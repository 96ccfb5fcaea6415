import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLanguages } from '../../src/inventory/index.ts';
import type { Platform } from '../../src/model/feed/index.ts';
import type { EcosystemId } from '../../src/model/inventory/index.ts';
import type { ScanResult } from '../../src/model/verdict/index.ts';
import { goProgram } from '../ecosystems/installed/programs.ts';
import { dockerArchive, imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file, hardlink, type TarInput } from '../image/support/make-tar.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { memoryView } from '../support/memory-view.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { zipOf } from '../support/zip.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const release = { 'etc/os-release': debianRelease('12', 'bookworm') };
const installed = (...stanzas: string[]): Files => ({
  ...release,
  'var/lib/dpkg/status': [stanza('bash', '5.2.15-2'), ...stanzas].join('\n'),
});
const base = installed();
const module = (name: string, version: string) => JSON.stringify({ name, version });
const distribution = (name: string, version: string) =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\n`;
const sites = 'usr/lib/python3/dist-packages';
const own: Files = {
  'app/package.json': module('app', '1.0.0'),
  'app/node_modules/left/package.json': module('left', '1.0.0'),
  'app/node_modules/@scope/right/package.json': module('@scope/right', '3.0.0'),
  'app/node_modules/left/node_modules/left/package.json': module('left', '1.0.1'),
  'app/node_modules/broken/package.json': '{}',
  'usr/local/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA': distribution(
    'Requests',
    '2.31.0',
  ),
};

const ecosystem = (id: EcosystemId, name: string): Platform => ({
  ...{ id, name, aliases: [], os: { id }, packaging: id, life: [] },
});
const flaw = (vulnerability: string, name: string, range: string) => ({
  ...{ vulnerability, package: name, status: 'affected' as const, fixState: 'none_yet' as const, range },
});

/** A feed that knows a flaw of left, requests and a module of Go, and these packages of Debian. */
function feedOf(...tracked: string[]): string {
  const roster = new Map(['bash', ...tracked].map((name) => [name, { version: '1', binaries: [] }]));
  return writeSmallFeed([
    { platform: bookworm, data: { roster }, statements: [] },
    {
      platform: ecosystem('golang', 'Go'),
      statements: [flaw('CVE-2026-1003', 'example.org/left', '<1.2.0')],
    },
    { platform: ecosystem('npm', 'npm'), statements: [flaw('CVE-2026-1001', 'left', '<1.0.1')] },
    { platform: ecosystem('pypi', 'PyPI'), statements: [flaw('CVE-2026-1002', 'requests', '<2.32.0')] },
  ]);
}

const feed = feedOf('python3-requests', 'tool');
const scan = (reference: string, ...args: string[]) =>
  scapfeed(['scan', reference, '--feed', feed, '--max-age', '0', ...args]);
const result = (reference: string, ...args: string[]) =>
  JSON.parse(scan(reference, '-o', 'json', ...args).out) as ScanResult;
const found = ({ verdicts }: ScanResult) =>
  verdicts.map(
    ({ vulnerability, package: pkg }) => `${vulnerability} ${pkg.name} ${pkg.version} ${pkg.database}`,
  );
const entries = (files: Files): TarInput[] =>
  Object.entries(files).map(([path, content]) => file(path, content));
const layout = (...layers: TarInput[][]) => `oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}`;

const program = Buffer.concat([
  goProgram('go1.22.1', ['mod example.org/app (devel)', 'dep example.org/left v1.1.0 h1:x=']),
  Buffer.alloc(200_000),
]);

const flawsOfOwn = [
  'CVE-2026-1001 left 1.0.0 /app/node_modules/left/package.json',
  'CVE-2026-1002 requests 2.31.0 /usr/local/lib/python3.11/site-packages/requests-2.31.0.dist-info/METADATA',
];

describe('packages of languages in an image', () => {
  it.each([
    ['a root file system', () => `dir:${rootWith({ ...base, ...own })}`],
    ['layers', () => layout(entries(base), entries(own))],
    ['an archive', () => `docker-archive:${join(temporaryFolder(), 'x.tar')}`],
  ])('are judged with those of its distribution: %s', (form, make) => {
    const reference = make();
    if (form === 'an archive')
      writeFiles(reference.slice('docker-archive:'.length, -'/x.tar'.length), {
        'x.tar': dockerArchive({ layers: [entries(base), entries(own)] }, 'docker 25'),
      });
    const scanned = result(reference);

    expect(found(scanned)).toEqual(flawsOfOwn);
    expect(scanned).toMatchObject({
      inventory: { packages: 1, languages: 4 },
      judged: 5,
      unjudged: [{ ecosystem: 'npm', packages: 1 }],
    });
    expect(scan(reference, '--fail-on', 'any').code).toBe(1);
    expect(scan(reference).out).toContain('1 package in /var/lib/dpkg/status, 4 of languages');
    // A name without a version is no package that could be judged, and is not lost.
    expect(scan(reference, '--fail-on', 'unjudged')).toMatchObject({ code: 1 });
    expect(scan(reference).out).toMatch(
      /note: package file unread at \/app\/node_modules\/broken\/package.json/,
    );
  });

  it('of a name that is chosen are judged, and the number of the others is stated', () => {
    const root = `dir:${rootWith({ ...base, ...own })}`;

    expect(found(result(root, '--languages', 'npm,cargo'))).toEqual(flawsOfOwn.slice(0, 1));
    expect(result(root, '--languages', 'npm').inventory.notes).toContainEqual({
      code: 'languages_left_out',
      where: 'pypi',
      detail: '1 packages of languages that were not asked for',
    });
    const none = result(root, '--no-languages');
    expect(none).toMatchObject({ verdicts: [], judged: 1, unjudged: [] });
    expect(scan(root, '--no-languages').out).toContain('languages left out at npm, pypi: 5 packages');
  });

  it('are those of its visible files: not of what a whiteout hides, and of a hard link', () => {
    const image = layout(
      entries(base),
      entries({
        'app/node_modules/left/package.json': module('left', '1.0.0'),
        'store/f1': module('left', '0.9.0'),
      }),
      [file('app/node_modules/.wh.left', ''), hardlink('srv/node_modules/left/package.json', 'store/f1')],
    );

    expect(found(result(image))).toEqual(['CVE-2026-1001 left 0.9.0 /srv/node_modules/left/package.json']);
    expect(result(image).verdicts[0]!.package.layer).toMatchObject({ index: 2 });
  });

  it('alone are judged where an image has nothing else, and not where its own database is lost', () => {
    const scratch = layout([{ ...file('server', program), mode: 0o755 }]);
    const lost = layout(entries({ ...release, ...own }));
    const emptied = layout(entries({ 'var/lib/dpkg/status': '', ...own }));

    expect(found(result(scratch))).toEqual(['CVE-2026-1003 example.org/left v1.1.0 /server']);
    expect(scan(scratch).out).toContain('of languages, and none of a distribution');
    // A slimmed image: its lists are gone, its shell or C library is not.
    const slimmed = layout(entries({ ...base, ...own }), [
      file('etc/.wh.os-release', ''),
      file('var/lib/dpkg/.wh.status', ''),
    ]);
    const copied = layout(entries({ 'usr/lib/x86_64-linux-gnu/libc.so.6': '', ...own }));
    for (const image of [lost, emptied, slimmed, copied])
      expect(scan(image)).toMatchObject({
        code: 4,
        err: expect.stringContaining('PACKAGE_DATABASE_MISSING'),
      });
  });
});

describe('a damaged package file', () => {
  const sites = 'usr/local/lib/python3.11/site-packages';
  const ecosystemsOfFeed = (...ids: EcosystemId[]) =>
    writeSmallFeed([
      {
        platform: bookworm,
        data: { roster: new Map([['bash', { version: '1', binaries: [] }]]) },
        statements: [],
      },
      ...ids.map((id) => ({ platform: ecosystem(id, id), statements: [] })),
    ]);
  const whole = ecosystemsOfFeed('composer', 'gem', 'golang', 'maven', 'npm', 'nuget', 'pypi');
  const at = (reference: string, ...args: string[]) =>
    scapfeed(['scan', reference, '--feed', whole, '--max-age', '0', ...args]);
  const jar = (files: Files) => zipOf(files);
  const poms = Object.fromEntries(
    Array.from({ length: 20_001 }, (_, n) => [`META-INF/maven/g/a${n}/pom.properties`, 'version=1']),
  );
  const damaged: readonly (readonly [EcosystemId, string, string | Buffer])[] = [
    ['npm', 'srv/node_modules/x/package.json', '{"name":"x","vers'],
    ['npm', 'srv/node_modules/x/package.json', ''],
    ['npm', 'srv/node_modules/x/package.json', '[]'],
    ['npm', 'srv/node_modules/x/package.json', '{"name":"x","version":1}'],
    ['pypi', `${sites}/x-1.0.dist-info/METADATA`, 'Name: x\nVers'],
    ['pypi', `${sites}/x-1.0.dist-info/METADATA`, ''],
    ['pypi', `${sites}/x.dist-info/RECORD`, ''],
    ['maven', 'srv/x.jar', 'no archive'],
    ['maven', 'srv/x.war', jar({ 'WEB-INF/lib/y.jar': 'PK no archive' })],
    ['maven', 'srv/x.jar', jar(poms)],
    ['maven', 'srv/x.jar', jar({ 'META-INF/maven/g/a/pom.properties': 'version=1' }).subarray(0, -30)],
    ['composer', 'srv/vendor/composer/installed.json', '{"packages":'],
    ['composer', 'srv/vendor/composer/installed.json', '{}'],
    ['gem', 'usr/local/lib/ruby/gems/3.2.0/specifications/x-1.gemspec', 'Gem::Specification.new do |s|'],
    ['nuget', 'srv/app.deps.json', '{"runtimeTarget":'],
  ];

  it.each(damaged)('of %s is a gap that names it: %s', (id, path, content) => {
    const root = `dir:${rootWith({ ...base, [path]: content })}`;
    const scanned = at(root, '-o', 'json');
    expect(scanned).toMatchObject({ code: 4, err: expect.stringContaining(`/${path}`) });
    expect(JSON.parse(scanned.out)).toMatchObject({
      unjudged: [{ ecosystem: id, damaged: 1 }],
      gaps: [{ code: 'unread_package_files', where: expect.stringContaining(`/${path}`) }],
    });
    expect(at(root, '--allow-uncovered')).toMatchObject({
      code: 0,
      err: expect.stringContaining('accepted by --allow-uncovered'),
    });
  });

  it('is a gap of layers, of a cached layer, and of the SBOM of the image', () => {
    const image = layout(entries(base), entries({ 'srv/node_modules/x/package.json': '{' }));
    const cache = temporaryFolder();
    const gaps = [1, 2].map(() => {
      const { out } = scapfeed(['scan', image, '--feed', whole, '--max-age', '0', '-o', 'json'], {
        XDG_CACHE_HOME: cache,
      });
      return (JSON.parse(out) as ScanResult).gaps;
    });
    expect(gaps[0]).toMatchObject([{ where: '/srv/node_modules/x/package.json' }]);
    expect(gaps[1]).toEqual(gaps[0]);
    for (const format of ['cyclonedx', 'spdx', 'json']) {
      const document = join(temporaryFolder(), 'bom.json');
      writeFileSync(document, scapfeed(['inventory', image, '-o', format]).out);
      const { out, code } = at(document, '-o', 'json');
      expect([format, code]).toEqual([format, 4]);
      expect(JSON.parse(out).gaps).toEqual(gaps[0]);
    }
  });

  it('is none: hints and markers without name and version, test data, and other kinds of files', () => {
    const root = rootWith({
      ...base,
      'srv/node_modules/x/package.json': module('x', '1.0.0'),
      'srv/node_modules/x/esm/package.json': '{"type":"module"}',
      'srv/node_modules/y/package.json': '{"type":"module"}',
      'srv/node_modules/local/package.json': '{"name":"local","private":true}',
      'srv/node_modules/x/test/node_modules/broken/package.json': '{',
      'srv/node_modules/x/template/package.json': '{{name}}',
      'srv/node_modules/x/fixtures/broken.jar': 'no archive',
      [`${sites}/x/tests/broken-1.0.dist-info/METADATA`]: '',
      'srv/data.par': 'parity',
    });
    expect(at(`dir:${root}`)).toMatchObject({ code: 0 });
    const named = rootWith({ ...base, 'srv/node_modules/left-pad/package.json': '{"name":"left-pad"}' });
    expect(at(`dir:${named}`), 'a version that is not known').toMatchObject({ code: 4 });
  });

  it('and packages of an ecosystem that the feed lacks are left out by name', () => {
    const root = `dir:${rootWith({
      ...base,
      'srv/x.jar': jar({ 'META-INF/maven/g/a/pom.properties': 'version=1' }),
      'srv/node_modules/x/package.json': '{',
    })}`;
    const few = ['scan', root, '--feed', ecosystemsOfFeed('npm'), '--max-age', '0'];
    const words = 'package of languages that this feed has no data about: maven 1';
    expect(scapfeed(few)).toMatchObject({ code: 4, err: expect.stringContaining(words) });
    expect(JSON.parse(scapfeed([...few, '-o', 'json']).out).gaps).toMatchObject([
      { code: 'unread_package_files' },
      { code: 'uncovered_languages', detail: '1 of languages that this feed has no data about: maven 1' },
    ]);
    expect(scapfeed([...few, '--languages', 'maven'])).toMatchObject({ code: 4 });
    expect(scapfeed([...few, '--languages', 'pypi'])).toMatchObject({ code: 0 });
    expect(scapfeed([...few, '--no-languages'])).toMatchObject({ code: 0 });
    // A feed without languages judges none: what it was never asked for is counted.
    const none = ['scan', root, '--feed', ecosystemsOfFeed(), '--max-age', '0'];
    expect(scapfeed(none)).toMatchObject({ code: 0, out: expect.stringContaining('maven 1, npm 1') });
    expect(scapfeed([...none, '--languages', 'maven'])).toMatchObject({ code: 4 });
  });

  it('leaves a package that only its list of files names, and is not counted beside its metadata', () => {
    const root = rootWith({
      ...base,
      [`${sites}/requests-2.31.0.dist-info/RECORD`]: '',
      [`${sites}/shop-1.0.dist-info/RECORD`]: '',
      [`${sites}/shop-1.0.dist-info/METADATA`]: distribution('shop', '1.0'),
    });
    expect(result(`dir:${root}`)).toMatchObject({ inventory: { languages: 2 } });
    expect(found(result(`dir:${root}`))).toEqual([
      `CVE-2026-1002 requests 2.31.0 /${sites}/requests-2.31.0.dist-info/RECORD`,
    ]);
  });
});

describe('packages of one name', () => {
  const copies = {
    ...base,
    'app/node_modules/left/package.json': module('left', '1.0.0'),
    'app2/node_modules/left/package.json': module('left', '1.0.0'),
  };

  it('at two places are judged at each: a policy for one place leaves the other', () => {
    const root = `dir:${rootWith(copies)}`;
    const policy = join(temporaryFolder(), 'scapfeed.yaml');
    writeFileSync(
      policy,
      'ignore:\n  - path: /app2/**\n    vulnerability: CVE-2026-1001\n    reason: not reachable\n',
    );
    expect(found(result(root))).toHaveLength(2);
    expect(result(root)).toMatchObject({ judged: 3, counts: { flaws: 1 } });
    expect(scan(root).out).toMatch(/^CVE-2026-1001 +\S+ +left 1\.0\.0$/m);
    expect(scan(root, '--policy', policy, '--fail-on', 'any')).toMatchObject({ code: 1 });
    const uris = [...scan(root, '-o', 'sarif').out.matchAll(/"uri": ?"([^"]*package\.json)"/g)].map(
      ([, uri]) => uri,
    );
    expect(uris).toEqual([
      expect.stringMatching(/app\/node_modules/),
      expect.stringMatching(/app2\/node_modules/),
    ]);
  });

  it('in two ecosystems have flaws of their own: in counts, baselines and upgrades', () => {
    const both = writeSmallFeed([
      {
        platform: bookworm,
        data: { roster: new Map([['bash', { version: '1', binaries: [] }]]) },
        statements: [],
      },
      { platform: ecosystem('npm', 'npm'), statements: [flaw('CVE-2026-1001', 'left', '<1.0.1')] },
      { platform: ecosystem('pypi', 'PyPI'), statements: [flaw('CVE-2026-1001', 'left', '<2.0')] },
    ]);
    const npm = rootWith({ ...base, 'srv/node_modules/left/package.json': module('left', '1.0.0') });
    const two = rootWith({
      ...base,
      'srv/node_modules/left/package.json': module('left', '1.0.0'),
      'opt/left-1.0.0.dist-info/METADATA': distribution('left', '1.0.0'),
    });
    const at = (root: string, ...args: string[]) =>
      scapfeed(['scan', `dir:${root}`, '--feed', both, '--max-age', '0', ...args]);
    const baseline = join(temporaryFolder(), 'baseline.json');
    writeFileSync(baseline, at(npm, '-o', 'json').out);

    expect(JSON.parse(at(two, '-o', 'json').out)).toMatchObject({ counts: { flaws: 2 } });
    expect(at(two, '--baseline', baseline, '--fail-on', 'any')).toMatchObject({ code: 1 });
    expect(at(npm, '--baseline', baseline, '--fail-on', 'any')).toMatchObject({ code: 0 });
    const upgrades = at(two, '--by', 'package').out;
    expect(upgrades).toContain('upgrade left to 1.0.1');
    expect(upgrades).toContain('upgrade left to 2.0');
    const { out } = scapfeed([
      'diff',
      `dir:${npm}`,
      `dir:${two}`,
      '--feed',
      both,
      '--max-age',
      '0',
      '-o',
      'json',
    ]);
    expect(JSON.parse(out)).toMatchObject({
      flaws: [{ change: 'new', vulnerability: 'CVE-2026-1001', source: 'left' }],
      unchanged: 1,
      packages: [{ change: 'added', name: 'left', after: ['1.0.0'] }],
    });
  });

  it('whose file became unreadable have unknown flaws in a comparison of two images', () => {
    const before = rootWith({ ...base, 'srv/node_modules/left/package.json': module('left', '1.0.0') });
    const after = rootWith({ ...base, 'srv/node_modules/left/package.json': '{' });
    const { out } = scapfeed([
      ...['diff', `dir:${before}`, `dir:${after}`, '--feed', feed, '--max-age', '0', '-o', 'json'],
    ]);
    expect(JSON.parse(out)).toMatchObject({ flaws: [{ change: 'unknown', after: 'could not be judged' }] });
  });

  it('are left out of what copa patches: it installs packages of the distribution', () => {
    expect(JSON.parse(scan(`dir:${rootWith(copies)}`, '-o', 'copa').out)).toMatchObject({ updates: [] });
  });
});

describe('trivy#4067: packages of languages that packages of the distribution own', () => {
  const requests = { [`${sites}/requests-2.28.1.dist-info/METADATA`]: distribution('requests', '2.28.1') };
  const list = (...paths: string[]) => ({
    'var/lib/dpkg/info/python3-requests.list': ['/.', '/usr', ...paths].map((path) => `${path}\n`).join(''),
  });
  const packaged = {
    ...installed(stanza('python3-requests', '2.28.1+dfsg-1')),
    ...requests,
    ...list(`/${sites}/requests-2.28.1.dist-info/METADATA`),
  };

  it('are judged with their owners, by the lists of files and not by folders', () => {
    for (const reference of [`dir:${rootWith(packaged)}`, layout(entries(packaged))]) {
      expect(result(reference)).toMatchObject({ verdicts: [], judged: 2, inventory: { owned: 1 } });
      expect(scan(reference).out).toContain('(1 more in packages of the distribution)');
    }
    const unlisted = { ...packaged, ...list() };
    expect(found(result(`dir:${rootWith(unlisted)}`))).toEqual([
      `CVE-2026-1002 requests 2.28.1 /${sites}/requests-2.28.1.dist-info/METADATA`,
    ]);
  });

  it('are owned by the list that names them through a link', () => {
    const root = rootWith({
      ...installed(stanza('python3-requests', '2.28.1+dfsg-1')),
      ...requests,
      ...list('/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA'),
    });
    symlinkSync('usr/lib', join(root, 'lib'));
    expect(result(`dir:${root}`)).toMatchObject({ verdicts: [], inventory: { owned: 1 } });
  });

  it('of apk and rpm and of distroless images are owned too', () => {
    const apk = {
      'etc/os-release': 'ID=alpine\nVERSION_ID=3.20.3\n',
      'lib/apk/db/installed': [
        'P:py3-requests\nV:2.28.1-r0\nA:x86_64\no:py3-requests',
        'F:usr/lib/python3.12/site-packages/requests-2.28.1.dist-info\nR:METADATA\n\n',
      ].join('\n'),
      'usr/lib/python3.12/site-packages/requests-2.28.1.dist-info/METADATA': distribution(
        'requests',
        '2.28.1',
      ),
    };
    const distroless = {
      ...release,
      'var/lib/dpkg/status.d/python3-requests': stanza('python3-requests', '2.28.1+dfsg-1'),
      'var/lib/dpkg/status.d/python3-requests.md5sums': `${'0'.repeat(32)}  ${sites}/requests-2.28.1.dist-info/METADATA\n`,
      ...requests,
    };
    for (const files of [apk, distroless])
      for (const reference of [`dir:${rootWith(files)}`, layout(entries(files))]) {
        const { out } = scapfeed(['inventory', reference, '-o', 'json']);
        expect(JSON.parse(out).languages).toMatchObject([
          { name: 'requests', owner: { name: expect.stringMatching(/^(?:py3|python3)-requests$/) } },
        ]);
      }
  });

  it('are judged by themselves where a later layer replaced them, but not where it changed their rights', () => {
    const newer = { [`${sites}/requests-2.28.1.dist-info/METADATA`]: distribution('requests', '2.30.0') };
    expect(found(result(layout(entries(packaged), entries(newer))))).toEqual([
      `CVE-2026-1002 requests 2.30.0 /${sites}/requests-2.28.1.dist-info/METADATA`,
    ]);
    const again = entries(requests).map((entry) => ({ ...entry, mode: 0o755 }));
    expect(result(layout(entries(packaged), again))).toMatchObject({ verdicts: [], inventory: { owned: 1 } });
  });

  it('are judged by themselves where the vendor does not track their owner', () => {
    const { out, code } = scapfeed([
      'scan',
      `dir:${rootWith(packaged)}`,
      '--feed',
      feedOf(),
      '--max-age',
      '0',
    ]);
    expect(code).toBe(4);
    expect(out).toContain('CVE-2026-1002');
  });
});

describe('packages of languages of an image whose distribution the feed does not cover', () => {
  const foreign = { 'etc/os-release': 'ID=solus\nNAME="Solus"\nPRETTY_NAME="Solus"\n' };
  const owned = {
    'etc/os-release': debianRelease('13', 'trixie'),
    'var/lib/dpkg/status': [stanza('bash', '5.2.15-2'), stanza('python3-requests', '2.28.1-1')].join('\n'),
    [`${sites}/requests-2.28.1.dist-info/METADATA`]: distribution('requests', '2.28.1'),
    'var/lib/dpkg/info/python3-requests.list': `/${sites}/requests-2.28.1.dist-info/METADATA\n`,
  };
  const formats = [
    'table',
    'sarif',
    'cyclonedx',
    'csv',
    'html',
    'markdown',
    'junit',
    'gitlab',
    'csaf',
    'openvex',
  ];

  it.each([
    ['of a system without a known package manager', foreign, 'the feed has no data for Solus (solus)', 0],
    ['of a release that the feed lacks', owned, 'the feed has no data for Debian GNU/Linux 13 (trixie)', 2],
    [
      'of a system without a release file',
      { ...installed(), 'etc/os-release': '' },
      'the image does not say which distribution it is',
      1,
    ],
  ])('are judged, and the scan ends with 4: %s', (_, system, why, packages) => {
    const root = `dir:${rootWith({ ...system, ...own })}`;
    const scanned = result(root);

    expect(found(scanned)).toEqual(expect.arrayContaining(flawsOfOwn));
    expect(scanned.gaps[0]).toMatchObject({ code: 'uncovered_system', detail: expect.stringContaining(why) });
    expect(scanned.uncovered.map(({ reason, detail }) => [reason, detail])).toEqual(
      Array(packages).fill(['undecidable', expect.stringContaining(why)]),
    );
    expect(scan(root).out).toMatch(/which this feed does not cover, .*(?:2|4) (?:packages )?of languages/);
    for (const accepting of [[], ['--allow-uncovered'], ['--fail-on', 'critical', '--allow-uncovered']]) {
      const { code, err } = scan(root, ...accepting);
      expect([code, err]).toEqual([4, expect.stringContaining(`not covered: ${why}`)]);
    }
    for (const format of formats) expect(scan(root, '-o', format).out, format).toContain('CVE-2026-1001');
  });

  it('are judged by themselves where it owns them', () => {
    const scanned = result(`dir:${rootWith(owned)}`);

    expect(found(scanned)).toEqual([
      `CVE-2026-1002 requests 2.28.1 /${sites}/requests-2.28.1.dist-info/METADATA`,
    ]);
    expect(scanned.inventory.notes).toContainEqual(expect.objectContaining({ code: 'owners_uncovered' }));
  });

  it('are none of a feed without their language: there is no result', () => {
    const { code, err } = scan(
      `dir:${rootWith({ ...owned, ...foreign, 'a/composer/installed.json': '{}' })}`,
      '--no-languages',
    );
    expect([code, err]).toEqual([4, expect.stringContaining('PLATFORM_NOT_COVERED')]);
  });

  it('are explained', () => {
    const root = `dir:${rootWith({ ...owned, ...own })}`;
    const explain = (...args: string[]) =>
      scapfeed(['explain', root, 'CVE-2026-1001', ...args, '--feed', feed, '--max-age', '0']);
    for (const args of [[], ['left']]) {
      const { code, out, err } = explain(...args);
      expect([code, out]).toEqual([4, expect.stringContaining('1.0.0')]);
      expect(err).toContain('not covered: the feed has no data for Debian GNU/Linux 13 (trixie)');
    }
  });

  it('are not judged as packages of the distribution by an ecosystem that --platform names', () => {
    const root = `dir:${rootWith({ ...installed(stanza('left', '1.0.0')), ...own })}`;
    expect(scan(root, '--platform', 'npm')).toMatchObject({
      code: 2,
      err: expect.stringContaining('npm is an ecosystem of packages of languages'),
    });
  });
});

it.each(['cyclonedx', 'spdx'])(
  'an SBOM of an image has its packages of languages with their owners: the verdicts are those of the image: %s',
  (format) => {
    const files = {
      ...installed(stanza('python3-requests', '2.28.1+dfsg-1')),
      ...own,
      [`${sites}/requests-2.28.1.dist-info/METADATA`]: distribution('requests', '2.28.1'),
      'var/lib/dpkg/info/python3-requests.list': `/${sites}/requests-2.28.1.dist-info/METADATA\n`,
    };
    const root = `dir:${rootWith(files)}`;
    const bom = join(temporaryFolder(), 'bom.json');
    writeFileSync(bom, scapfeed(['inventory', root, '-o', format]).out);
    const { inventory, judged, verdicts } = result(root);

    const facts = ({ vulnerability, status, package: pkg }: ScanResult['verdicts'][number]) => [
      ...[vulnerability, status, pkg.name, pkg.version],
    ];
    expect(result(bom).verdicts.map(facts)).toEqual(verdicts.map(facts));
    // SPDX has no member for the file that names a package.
    if (format === 'cyclonedx') expect(found(result(bom))).toEqual(flawsOfOwn);
    expect(result(bom)).toMatchObject({ judged, inventory: { languages: inventory.languages, owned: 1 } });
    // Those that cannot be read stay counted.
    expect(result(bom).unjudged).toMatchObject([{ ecosystem: 'npm', packages: 1 }]);
    // An owner that the document does not list judges nothing.
    const forged = readFileSync(bom, 'utf8').replaceAll('deb python3-requests 2.28.1+dfsg-1', 'deb nobody 1');
    writeFileSync(bom, forged);
    expect(result(bom).verdicts).toHaveLength(3);
  },
);

it('a Java archive without a group, also a nested one, is counted with the reason', () => {
  const classes = [{ name: 'org/example/A.class', content: 'x' }];
  const manifest = (text: string) => ({
    name: 'META-INF/MANIFEST.MF',
    content: `Manifest-Version: 1.0\n${text}\n`,
  });
  const bare = zipOf(classes);
  const titled = zipOf([...classes, manifest('Implementation-Title: lib\nImplementation-Version: 1.0')]);
  const root = `dir:${rootWith({
    ...base,
    'srv/bare-1.0.jar': bare,
    'srv/app.war': zipOf([{ name: 'WEB-INF/lib/lib-1.0.jar', content: titled }]),
  })}`;
  const reason = 'no group and artifact in pom.properties, manifest or path';

  const { unjudged, inventory } = result(root);
  expect(unjudged).toMatchObject([{ ecosystem: 'maven', packages: 2 }]);
  expect(inventory.notes).toContainEqual({
    code: 'package_file_unread',
    where: '/srv/app.war!/WEB-INF/lib/lib-1.0.jar',
    detail: `${reason}; 2 in all`,
  });
  expect(scan(root).out).toContain(reason);
  expect(scan(root, '--no-languages').out).not.toContain(reason);
  const failed = scan(root, '--fail-on', 'unjudged', '--allow-uncovered', '-o', 'html');
  expect(failed.code).toBe(1);
  expect(failed.out).toMatch(/The policy fails.{0,80}2 packages that the feed does not judge/s);
});

describe('programs', () => {
  const large = Buffer.concat([program, Buffer.alloc(1 << 20)]);
  const programs = {
    'usr/local/bin/server': program,
    'usr/bin/packaged': large,
    'usr/lib/libgo.so.1': large,
    'opt/script': Buffer.concat([Buffer.from('#!/bin/sh\n'), program]),
  };
  const others = {
    ...installed(stanza('tool', '1.0-1')),
    'var/lib/dpkg/info/tool.list': '/usr/bin/packaged\n',
    'opt/data': program,
  };
  const root = rootWith({ ...others, ...programs });
  for (const path of Object.keys(programs)) chmodSync(join(root, path), 0o755);
  const executable = entries(programs).map((entry) => ({ ...entry, mode: 0o755 }));

  it.each([
    ['a directory', `dir:${root}`],
    ['layers', layout([...entries(others), ...executable])],
  ])(
    'that can be run are read in any folder, but shared libraries, and have owners as other files have: %s',
    (_, reference) => {
      const { verdicts, inventory } = result(reference);
      expect(verdicts.map(({ package: pkg }) => [pkg.name, pkg.database])).toEqual([
        ['example.org/left', '/usr/local/bin/server'],
      ]);
      // The module and the standard library of the packaged one; that of the other is counted with its flaw.
      expect(inventory).toMatchObject({ owned: 2, languages: 2 });
    },
  );
});

describe('a hostile image', () => {
  it('with many thousand package.json has each of them', () => {
    const count = 10_000;
    const many = Array.from({ length: count }, (_, at) =>
      file(`app/node_modules/p${at}/package.json`, module(`p${at}`, '1.0.0')),
    );
    const read = result(layout([...entries(base), ...many, ...entries(own)]), '--no-cache');
    expect(found(read)).toEqual(flawsOfOwn);
    expect(read.inventory.languages).toBe(count + 4);
  }, 60_000);

  it('with modules in modules in modules has each of them, and no limit of its own', () => {
    const levels = 200;
    const deep = Array.from({ length: levels }, (_, at) =>
      file(`${'app/node_modules/p/'.repeat(at)}node_modules/left/package.json`, module('left', '1.0.0')),
    );
    const read = result(layout([...entries(base), ...deep.map((each) => ({ ...each, gnuLong: true }))]));
    expect(read.verdicts).toHaveLength(levels);
    expect(read.gaps).toEqual([]);
  });
});

describe('the search of a file system at rest', () => {
  it('ends in loops of links, and is cut in deep folders, which the result states', () => {
    const root = rootWith({ ...base, ...own });
    symlinkSync('/app', join(root, 'app/node_modules/self'));
    expect(found(result(`dir:${root}`))).toEqual(flawsOfOwn);
    mkdirSync(join(root, 'srv', ...Array.from({ length: 120 }, (_, at) => `d${at}`)), { recursive: true });
    const cut = scan(`dir:${root}`);
    expect(cut.out).toContain('note: unjudged search cut at');
    // Other packages may be there: the result is not clean.
    expect(cut).toMatchObject({ code: 4, err: expect.stringContaining('in places that could not be read') });
    expect(scan(`dir:${root}`, '--no-languages')).toMatchObject({ code: 0 });
    expect(result(`dir:${root}`).gaps).toMatchObject([{ code: 'unsearched_languages' }]);
    for (const format of ['cyclonedx', 'spdx', 'json']) {
      const document = join(temporaryFolder(), 'bom.json');
      writeFileSync(document, scapfeed(['inventory', `dir:${root}`, '-o', format]).out);
      expect([format, result(document).gaps]).toEqual([format, result(`dir:${root}`).gaps]);
    }
    const asked = scapfeed(['explain', `dir:${root}`, 'CVE-2026-1003', '--feed', feed, '--max-age', '0']);
    expect(asked).toMatchObject({
      code: 4,
      out: expect.stringContaining('in places that could not be read'),
    });
  });

  it('passes over a folder that this user may not read, and states it', () => {
    const files = memoryView({
      '/srv/node_modules/left/package.json': module('left', '1.0.0'),
      '/root/x': '',
    });
    const closed = {
      ...files,
      list(path: string) {
        if (path === '/root') throw new Error('EACCES');
        return files.list(path);
      },
    };
    expect(readLanguages(closed, [])).toMatchObject({
      languages: [{ name: 'left' }],
      notes: [
        {
          code: 'unjudged_search_incomplete',
          where: '/root',
          detail: expect.stringMatching(/not looked for: 1$/),
        },
      ],
    });
  });

  it('notes packages without a name once, however many a file has', () => {
    const list = (entry: string) => `[${`${entry},`.repeat(100_000)}${entry}]`;
    const files = memoryView({
      '/app/vendor/composer/installed.json': list('{}'),
      '/other/vendor/composer/installed.json': list('{"name":"a/b"}'),
    });
    expect(readLanguages(files, [])).toMatchObject({
      unjudged: [{ ecosystem: 'composer', packages: 200_002 }],
      notes: [{ detail: 'no name and no version; 100001 in all' }, { detail: 'no version; 100001 in all' }],
    });
  }, 10_000);

  it('notes the first reasons alone where each package has one of its own', () => {
    const poms = Array.from({ length: 30 }, (_, at) => [`META-INF/maven/g/a${at}/pom.properties`, '']);
    const files = memoryView({ '/app/a.jar': zipOf(Object.fromEntries(poms)) });
    const { unjudged, notes } = readLanguages(files, []);
    expect(unjudged).toMatchObject([{ ecosystem: 'maven', packages: 30 }]);
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toMatchObject({ detail: '10 more, for other reasons' });
  });
});

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Platform } from '../../src/model/feed/index.ts';
import type { ScanResult } from '../../src/model/verdict/index.ts';
import { dockerArchive, imageLayout, writeFiles } from '../image/support/make-image.ts';
import { file, symlink } from '../image/support/make-tar.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

type Files = Readonly<Record<string, string | Buffer>>;

const base: Files = {
  'etc/os-release': debianRelease('12', 'bookworm'),
  'var/lib/dpkg/status': stanza('bash', '5.2.15-2'),
};
const listPath = 'opt/bitnami/.bitnami_components.json';
const spdxPath = 'opt/bitnami/redis/.spdx-redis.spdx';
const listOf = (versions: Readonly<Record<string, string>>) =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(versions).map(([name, version]) => [
        name,
        { arch: 'amd64', distro: 'debian-12', type: 'NAMI', version },
      ]),
    ),
  );
const spdxPackage = (name: string, version: string, more: object = {}) => ({
  ...{ SPDXID: `SPDXRef-${name}`, name, versionInfo: version },
  externalRefs: [
    {
      ...{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl' },
      referenceLocator: `pkg:bitnami/${name}@${version}?arch=amd64&distro=debian-12`,
    },
  ],
  ...more,
});
const spdxOf = (...packages: object[]) =>
  JSON.stringify({ spdxVersion: 'SPDX-2.3', documentDescribes: ['SPDXRef-redis'], packages });
const redis = spdxOf(spdxPackage('redis', '7.4.1-0'), spdxPackage('jemalloc', '5.3.0'));
const tags = [
  ...['SPDXVersion: SPDX-2.3', 'DataLicense: CC0-1.0', 'SPDXID: SPDXRef-DOCUMENT'],
  ...[
    'Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-redis',
    'PackageName: redis',
    'SPDXID: SPDXRef-redis',
  ],
  'PackageComment: <text>one\nPackageName: forged\nExternalRef: PACKAGE-MANAGER purl pkg:bitnami/forged@1.0.0\n</text>',
  ...[
    'PackageVersion: 7.4.1-0',
    'ExternalRef: PACKAGE-MANAGER purl pkg:bitnami/redis@7.4.1-0?arch=arm64',
    '',
  ],
].join('\n');

const bitnami: Platform = {
  ...{ id: 'bitnami', name: 'Bitnami', aliases: [], os: { id: 'bitnami' }, packaging: 'bitnami', life: [] },
};
const debian = {
  platform: bookworm,
  data: { roster: new Map([['bash', { version: '1', binaries: [] }]]) },
  statements: [],
};
/** Knows the distribution alone, and with components. */
const without = writeSmallFeed([debian]);
const feed = writeSmallFeed([
  debian,
  {
    platform: bitnami,
    statements: ['redis', 'jemalloc'].map((name, at) => ({
      ...{ vulnerability: `CVE-2026-100${at}`, package: name, status: 'affected' as const },
      ...{ fixState: 'none_yet' as const, severity: 'high' as const, range: '<7.4.2' },
    })),
  },
]);
const scan = (reference: string, on: string, ...args: string[]) =>
  scapfeed(['scan', reference, '--feed', on, '--max-age', '0', ...args]);
const result = (reference: string, on: string, ...args: string[]) =>
  JSON.parse(scan(reference, on, '-o', 'json', ...args).out) as ScanResult;
const found = ({ verdicts }: ScanResult) =>
  verdicts.map(({ vulnerability, package: { name, version } }) => `${vulnerability} ${name} ${version}`);
const entries = (files: Files) => Object.entries(files).map(([path, content]) => file(path, content));

const absent = {
  code: 'uncovered_components',
  where: `/${listPath}`,
  detail: '2 of components that this feed has no data about: bitnami 2',
};

describe('components of Bitnami', () => {
  const own = { [listPath]: listOf({ redis: '7.4.1-0', jemalloc: '5.3.0' }) };
  it.each([
    ['a root file system', () => `dir:${rootWith({ ...base, ...own })}`],
    [
      'layers',
      () => `oci:${writeFiles(temporaryFolder(), imageLayout({ layers: [entries(base), entries(own)] }))}`,
    ],
    [
      'an archive',
      () => {
        const path = join(temporaryFolder(), 'x.tar');
        writeFiles(join(path, '..'), {
          'x.tar': dockerArchive({ layers: [entries(base), entries(own)] }, 'docker 25'),
        });
        return `docker-archive:${path}`;
      },
    ],
  ])('are a gap where the feed has no data about them, and are judged where it has: %s', (_, make) => {
    const reference = make();
    // The second scan has the layers of the first.
    for (const time of ['read', 'cached'])
      expect([time, result(reference, without)]).toMatchObject([time, { gaps: [absent], judged: 1 }]);
    const words = 'not covered: 2 packages of components that this feed has no data about: bitnami 2';
    expect(scan(reference, without)).toMatchObject({ code: 4, err: expect.stringContaining(words) });
    expect(scan(reference, without, '--no-languages').code).toBe(4);
    expect(scan(reference, without, '--languages', 'npm').code).toBe(4);
    expect(scan(reference, without, '--allow-uncovered').code).toBe(0);

    const judged = result(reference, feed, '--no-languages');
    expect(judged).toMatchObject({ gaps: [], judged: 3 });
    expect(found(judged)).toEqual(['CVE-2026-1001 jemalloc 5.3.0', 'CVE-2026-1000 redis 7.4.1-0']);
    expect(scan(reference, feed, '--fail-on', 'any').code).toBe(1);
  });

  it('are read from their documents in both forms, with what is bundled in them', () => {
    const of = (files: Files) => found(result(`dir:${rootWith({ ...base, ...files })}`, feed));
    const both = ['CVE-2026-1001 jemalloc 5.3.0', 'CVE-2026-1000 redis 7.4.1-0'];
    expect(of({ [spdxPath]: redis })).toEqual(both);
    expect(of({ 'opt/bitnami/a/b/.spdx-redis.spdx': `\uFEFF\n${redis}` })).toEqual(both);
    expect(of({ [spdxPath]: tags })).toEqual(both.slice(1));
    // Without a version in the package URL the package's own one counts.
    const bare = redis.replace('redis@7.4.1-0', 'redis');
    expect(of({ [spdxPath]: bare })).toEqual(both);
    expect(of({ 'opt/other/redis/.spdx-redis.spdx': redis, 'srv/.bitnami_components.json': '{' })).toEqual(
      [],
    );
  });

  it('count once that the list and a document state, and in both versions if these differ', () => {
    const of = (version: string) =>
      result(`dir:${rootWith({ ...base, [listPath]: listOf({ redis: version }), [spdxPath]: redis })}`, feed);
    expect(of('7.4.1-0')).toMatchObject({ inventory: { languages: 2 }, judged: 3 });
    expect(found(of('7.4.0-9'))).toContain('CVE-2026-1000 redis 7.4.0-9');
    expect(of('7.4.0-9')).toMatchObject({ inventory: { languages: 3 }, judged: 4 });
  });

  it('that no record names are not covered: nobody says that somebody looked into them', () => {
    const reference = `dir:${rootWith({ ...base, [listPath]: listOf({ gosu: '1.14.0-1' }) })}`;
    expect(scan(reference, feed)).toMatchObject({
      code: 4,
      out: expect.stringContaining('gosu 1.14.0-1: cannot be judged (no record of Bitnami names it'),
    });
  });

  it.each([
    ['a list cut off', listPath, '{"redis":{"version":"7.4.1-0"},"jem'],
    ['an empty list', listPath, ''],
    ['a list that is one of another form', listPath, '[]'],
    ['a component without a version', listPath, '{"redis":{}}'],
    ['a version of another type', listPath, '{"redis":{"version":7}}'],
    ['a component that is a text', listPath, '{"redis":"7.4.1"}'],
    ['a component twice', listPath, '{"redis":{"version":"7.4.2-0"},"redis":{"version":"7.4.1-0"}}'],
    ['a list larger than the bound', listPath, Buffer.alloc((16 << 20) + 1, ' ')],
    ['a document cut off', spdxPath, redis.slice(0, -40)],
    ['an empty document', spdxPath, ''],
    ['a document about nothing', spdxPath, '{"packages":[]}'],
    ['a document without packages', spdxPath, '{"spdxVersion":"SPDX-2.3"}'],
    ['a document with packages of another form', spdxPath, '{"packages":[1]}'],
    ['a document with a member twice', spdxPath, redis.replace('{', '{"packages":[],')],
    ['references of another form', spdxPath, spdxOf(spdxPackage('redis', '1', { externalRefs: {} }))],
    ['a package URL of another type', spdxPath, redis.replace(/"pkg:[^"]*"/, '7')],
    ['a document without its own component', spdxPath, spdxOf(spdxPackage('jemalloc', '5.3.0'))],
    ['tags without an end of a text', spdxPath, tags.replace('</text>', '')],
    ['tags that are cut before the component', spdxPath, tags.slice(0, tags.indexOf('PackageName: redis'))],
    ['tags that are cut before its package URL', spdxPath, tags.slice(0, tags.lastIndexOf('ExternalRef'))],
    ['neither JSON nor tags', spdxPath, 'redis 7.4.1'],
  ])('are a gap, whoever judges them: %s', (_, path, content) => {
    const reference = `dir:${rootWith({ ...base, [path]: content })}`;
    expect(result(reference, feed).gaps).toMatchObject([
      { code: 'unread_package_files', where: `/${path}`, detail: expect.stringMatching(/^bitnami .*: 1$/) },
    ]);
    expect(result(reference, without).gaps).toMatchObject([{ code: 'uncovered_components' }]);
    for (const on of [feed, without])
      expect(scan(reference, on, '--no-languages')).toMatchObject({
        code: 4,
        out: expect.stringContaining(`component unread at /${path}`),
      });
  });

  it('of which nothing is stated are a gap too: no document was copied, or a later layer removed it', () => {
    const program = { 'opt/bitnami/redis/bin/redis-server': 'x', 'opt/bitnami/scripts/run.sh': 'x' };
    const removed = imageLayout({
      layers: [
        entries({ ...base, ...program, [spdxPath]: redis }),
        [file('opt/bitnami/redis/.wh..spdx-redis.spdx')],
      ],
    });
    for (const reference of [
      `dir:${rootWith({ ...base, ...program })}`,
      `oci:${writeFiles(temporaryFolder(), removed)}`,
    ]) {
      expect(result(reference, feed).gaps).toMatchObject([
        { code: 'unread_package_files', where: '/opt/bitnami/redis' },
      ]);
      expect(result(reference, without).gaps).toMatchObject([{ code: 'uncovered_components' }]);
      expect(scan(reference, feed).code).toBe(4);
    }
    const scripts = `dir:${rootWith({ ...base, 'opt/bitnami/scripts/run.sh': 'x' })}`;
    expect(scan(scripts, without).code).toBe(0);
    const whole = `dir:${rootWith({ ...base, ...program, [spdxPath]: redis })}`;
    expect(result(whole, feed).gaps).toEqual([]);
  });

  it.each([
    ['a list of none', { [listPath]: '{}', 'opt/bitnami/redis/bin/redis-server': 'x' }, '/opt/bitnami/redis'],
    ['a program for administrators', { 'opt/bitnami/nginx/sbin/nginx': 'x' }, '/opt/bitnami/nginx'],
    [
      'a program beside one with a document',
      { [spdxPath]: redis, 'opt/bitnami/nginx/sbin/nginx': 'x', 'opt/bitnami/redis/bin/redis-server': 'x' },
      '/opt/bitnami/nginx',
    ],
    ['a list that is a folder', { [`${listPath}/x`]: 'x' }, `/${listPath}`],
  ])('are a gap where a document says less than is there: %s', (_, files, where) => {
    const reference = `dir:${rootWith({ ...base, ...files })}`;
    expect(result(reference, feed).gaps).toMatchObject([
      { code: 'unread_package_files', where, detail: expect.stringMatching(/^bitnami .*: 1$/) },
    ]);
    expect(scan(reference, feed).code).toBe(4);
  });

  it('are a gap where their list is a link, in whatever form the image comes', () => {
    const root = rootWith({ ...base, 'opt/bitnami/list': listOf({ redis: '7.4.1-0' }) });
    symlinkSync('list', join(root, listPath));
    const layers = [
      [...entries({ ...base, 'opt/bitnami/list': listOf({ redis: '7.4.1-0' }) }), symlink(listPath, 'list')],
    ];
    const image = `oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}`;
    for (const reference of [`dir:${root}`, image])
      expect(result(reference, feed).gaps).toMatchObject([
        { code: 'unread_package_files', where: `/${listPath}` },
      ]);
  });

  it('reads hostile documents in time that grows with their size', () => {
    const begin = process.cpuUsage();
    const texts = `SPDXVersion: SPDX-2.3\n${'<text>'.repeat(2_000_000)}`;
    const many = JSON.stringify({
      documentDescribes: Array.from({ length: 60_000 }, (_, at) => `x${at}`),
      packages: Array.from({ length: 60_000 }, (_, at) => ({ SPDXID: `y${at}` })),
    });
    for (const content of [texts, many, '{"a":'.repeat(1_000_000), `PackageName: ${' '.repeat(10_000_000)}`])
      expect(scan(`dir:${rootWith({ ...base, [spdxPath]: content })}`, feed).code, content.slice(0, 30)).toBe(
        4,
      );
    const { user, system } = process.cpuUsage(begin);
    expect((user + system) / 1e6).toBeLessThan(60);
  });

  it.each(['cyclonedx', 'spdx'])(
    'are in the list of contents as %s, which is judged as the image',
    (form) => {
      const root = `dir:${rootWith({ ...base, [spdxPath]: redis })}`;
      const document = join(temporaryFolder(), 'contents.json');
      expect(scapfeed(['inventory', root, '-o', `${form}=${document}`]).code).toBe(0);
      for (const on of [feed, without]) {
        const [image, listed] = [result(root, on), result(document, on)];
        expect(found(listed)).toEqual(found(image));
        const codes = ({ gaps }: ScanResult) => gaps.map(({ code, detail }) => [code, detail]);
        expect(codes(listed)).toEqual(codes(image));
        expect(scan(document, on).code).toBe(scan(root, on).code);
      }
    },
  );
});

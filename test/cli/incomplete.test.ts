import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchmark, rule } from '../comply/support/small-content.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { rpmBdb } from '../support/rpm-bdb.ts';
import { rpmHeader } from '../support/rpm-header.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';

function packageAbsent(name: string): string {
  const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
  return `<oval_definitions xmlns="${oval}" xmlns:linux="${oval}#linux">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria><criterion test_ref="oval:x:tst:1"/></criteria></definition></definitions>
<tests><linux:rpminfo_test id="oval:x:tst:1" version="1" check="all" check_existence="none_exist" comment="none"><linux:object object_ref="oval:x:obj:1"/></linux:rpminfo_test></tests>
<objects><linux:rpminfo_object id="oval:x:obj:1" version="1"><linux:name>${name}</linux:name></linux:rpminfo_object></objects>
</oval_definitions>`;
}

/** A package database that lists fewer packages than it declares. */
describe('a Berkeley DB of which one page was overwritten with zeroes', () => {
  const names = Array.from({ length: 40 }, (_, at) => `p${at}`);
  const bytes = rpmBdb(names.map((name) => rpmHeader({ name, version: '1', release: '1', padding: 400 })));
  bytes.fill(0, 2 * 4096, 3 * 4096);
  const release = 'ID="rhel"\nVERSION_ID="8.6"\nPRETTY_NAME="Red Hat Enterprise Linux 8.6"\n';
  const root = rootWith({ 'etc/os-release': release, 'var/lib/rpm/Packages': bytes });

  it('is listed as incomplete by inventory, with exit code 4', () => {
    const { code, out, err } = scapfeed(['inventory', `dir:${root}`]);

    expect(out).toMatch(/package databases: \/var\/lib\/rpm\/Packages \(rpm-bdb, 3\d packages, incomplete\)/);
    expect(out).toMatch(
      /incomplete package database at \/var\/lib\/rpm\/Packages: 41 records are counted, 3\d were found/,
    );
    expect(err).toMatch(/packages may be missing .*\[PACKAGE_DATABASE_INCOMPLETE\]/);
    expect(code).toBe(4);
  });

  it('lets no rule of comply call a package absent', () => {
    const content = rootWith({
      'small.xml': benchmark(rule('telnet')),
      'oval.xml': packageAbsent('p39'),
    });
    const { code, out, err } = scapfeed(['comply', `dir:${root}`, '--content', join(content, 'small.xml')]);

    expect(err).toMatch(/\[PACKAGE_DATABASE_INCOMPLETE\]/);
    expect(out).not.toMatch(/pass/);
    expect(code).toBe(4);
  });

  it('fails verify, also with --allow-uncovered', () => {
    const verified = scapfeed(['verify', `dir:${root}`, '-o', 'json', '--allow-uncovered']);

    expect(JSON.parse(verified.out).inventory.databases).toMatchObject([{ incomplete: true }]);
    expect(verified.code).toBe(4);
  });
});

describe('a status of dpkg that was cut off', () => {
  const files = {
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': (stanza('zlib1g', '1:1.2.13') + stanza('bash', '5.2')).slice(0, -1),
  };
  const statements = [
    { vulnerability: 'CVE-1', package: 'zlib', status: 'not_affected' as const, advisories: [] },
  ];

  const feed = writeSmallFeed([{ platform: bookworm, statements }]);

  it('is no clean scan: the result says so, and the exit code is 4 whatever is allowed', () => {
    const scan = (...args: string[]) =>
      scapfeed([
        'scan',
        `dir:${rootWith(files)}`,
        '--feed',
        feed,
        '--max-age',
        '100000',
        '--allow-uncovered',
        ...args,
      ]);
    const table = scan();
    const json = JSON.parse(scan('-o', 'json').out);

    expect(table.out).toMatch(
      /incomplete package database at .*status line 6 \(bash\): the file ends inside/,
    );
    expect(table.err).toMatch(/\[PACKAGE_DATABASE_INCOMPLETE\]/);
    expect(table.code).toBe(4);
    expect(json.inventory.databases).toMatchObject([{ packages: 2, incomplete: true }]);
  });

  it.each(['cyclonedx', 'cyclonedx-1.7', 'spdx', 'json'])('stays unknown in an SBOM as %s', (format) => {
    const bom = join(rootWith({}), 'bom.json');
    const dated = { SOURCE_DATE_EPOCH: '1767225600' };
    const made = scapfeed(['inventory', `dir:${rootWith(files)}`, '-o', `${format}=${bom}`], dated);
    const scan = scapfeed(['scan', `sbom:${bom}`, '--feed', feed, '--max-age', '0', '--allow-uncovered']);

    expect([made.code, scan.code]).toEqual([4, 4]);
    expect(scan.err).toMatch(/the file ends inside.*\[PACKAGE_DATABASE_INCOMPLETE\]/);
    expect(scan.err).toContain('status line 6 (bash)');
    const again = join(rootWith({}), 'again.json');
    expect(scapfeed(['inventory', `sbom:${bom}`, '-o', `cyclonedx=${again}`], dated).code).toBe(4);
    expect(scapfeed(['scan', `sbom:${again}`, '--feed', feed, '--max-age', '0']).code).toBe(4);
  });

  it('lets explain call no package absent, and diff say so of its flips', () => {
    const image = `dir:${rootWith(files)}`;
    const explained = scapfeed(['explain', image, 'CVE-1', 'openssl', '--feed', feed, '--max-age', '100000']);
    const compared = scapfeed(['diff', feed, feed, '--inventory', image]);

    for (const { code, err } of [explained, compared]) {
      expect(err).toMatch(/\[PACKAGE_DATABASE_INCOMPLETE\]/);
      expect(code).toBe(4);
    }
  });
});

describe('an inventory that lists fewer packages than its database has', () => {
  const feed = writeSmallFeed([
    { platform: bookworm, statements: [{ vulnerability: 'CVE-1', package: 'zlib', status: 'not_affected' }] },
  ]);
  const files = {
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('zlib1g', '1:1.2.13') + stanza('bash', '5.2'),
  };
  const whole = JSON.parse(scapfeed(['inventory', `dir:${rootWith(files)}`, '-o', 'json']).out);
  const scan = (packages: unknown[]) => {
    const file = join(
      rootWith({ 'inventory.json': JSON.stringify({ ...whole, packages }) }),
      'inventory.json',
    );
    return scapfeed(['scan', `sbom:${file}`, '--feed', feed, '--max-age', '0', '--allow-uncovered']);
  };

  it.each([
    [1, '[PACKAGE_DATABASE_INCOMPLETE]', 'it has 2 packages, and 1 are listed'],
    [0, '[PACKAGE_DATABASE_MISSING]', 'the SBOM lists no package of apk, dpkg, pacman, portage or rpm'],
  ])('%i of two', (left, code, why) => {
    const { code: exit, err } = scan(whole.packages.slice(0, left));
    expect([exit, err]).toEqual([4, expect.stringContaining(code)]);
    expect(err).toContain(why);
  });

  it('all of them', () => {
    expect(scan(whole.packages)).toMatchObject({ code: 0, err: '' });
  });
});

it('a build that one database lists twice is one package, and none is missing', () => {
  const header = () => rpmHeader({ name: 'a', version: '1', release: '1' });
  const root = rootWith({
    'etc/os-release': 'ID="rhel"\nVERSION_ID="8.6"\n',
    'var/lib/rpm/Packages': rpmBdb([
      header(),
      header(),
      rpmHeader({ name: 'b', version: '1', release: '1' }),
    ]),
  });
  const { code, out } = scapfeed(['inventory', `dir:${root}`, '-o', 'json']);
  const { databases, packages } = JSON.parse(out) as { databases: object[]; packages: object[] };
  expect([code, databases, packages.length]).toEqual([0, [expect.objectContaining({ packages: 2 })], 2]);
});

/** A result of Trivy without findings. */
const nothing = join(
  rootWith({
    'trivy.json': JSON.stringify({
      SchemaVersion: 2,
      Metadata: { OS: { Family: 'debian', Name: '12.5' } },
      Results: [{ Class: 'os-pkgs', Type: 'debian' }],
    }),
  }),
  'trivy.json',
);

describe.each([
  ['diff --inventory', (image: string, feed: string) => ['diff', feed, feed, '--inventory', image]],
  [
    'compare',
    (image: string, feed: string) => ['compare', image, '--feed', feed, '--max-age', '0', '--trivy', nothing],
  ],
])('%s of an image that is not known in full ends as scan does', (_, words) => {
  const image = `dir:${rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('bash', '5.2') + stanza('curl', '1'),
  })}`;
  const shipped = (...names: string[]) =>
    new Map(names.map((name) => [name, { version: '1', binaries: [] }]));
  const roster = shipped('bash', 'curl');
  const statements = [{ vulnerability: 'CVE-1', package: 'bash', status: 'not_affected' as const }];
  const life = [{ phase: 'lts', until: '2026-01-31' }];
  const whole = { platform: bookworm, data: { roster }, statements };

  it.each([
    ['past its end of life', { ...whole, platform: { ...bookworm, life } }, /past its end of life/, 4],
    [
      'a package without data',
      { ...whole, data: { roster: shipped('bash') } },
      /not covered: 1 package without data/,
      0,
    ],
    ['statements not read', { ...whole, unread: { curl: 1 } }, /not covered: 1 package with statements/, 0],
    [
      'records not read',
      { ...whole, data: { roster, marks: ['unread_records'] } },
      /not covered: records of the vendor/,
      0,
    ],
    ['nothing amiss', whole, /^$/, 0],
  ])('%s', async (what, platform, words4, allowed) => {
    const feed = writeSmallFeed([platform]);
    const told = await runHere(words(image, feed));
    const scan = await runHere(['scan', image, '--feed', feed, '--max-age', '0']);
    expect(scan.code, scan.err).toBe(what === 'nothing amiss' ? 0 : 4);
    expect(told.code, told.err).toBe(scan.code);
    expect(told.err).toMatch(words4);
    const accepted = await runHere([...words(image, feed), '--allow-uncovered']);
    expect(accepted.code, accepted.err).toBe(allowed);
    if (what !== 'nothing amiss')
      expect(told.out).toMatch(/^(?:not (?:covered|read): |.*past its end of life)/m);
  });
});

describe('diff --inventory', () => {
  const feed = writeSmallFeed([{ platform: bookworm, statements: [] }]);
  const compare = (inventory: string) => scapfeed(['diff', feed, feed, '--inventory', inventory]);

  it('of an image without a package database does not say that nothing changes', () => {
    const image = `dir:${rootWith({ 'etc/os-release': debianRelease('12', 'bookworm') })}`;

    expect(compare(image)).toMatchObject({ code: 4, err: expect.stringMatching(/PACKAGE_DATABASE_MISSING/) });
  });

  it.each([
    '{"packages":[null],"databases":[]}',
    '{"os":{"id":"debian","versionId":"12","found":"x"},"packages":[{"name":"bash"}],"databases":[{}],"notes":[]}',
    '{"__proto__":{"packages":[],"databases":[]}}',
  ])("of a stranger's %s is refused", (text) => {
    const file = join(rootWith({ 'i.json': text }), 'i.json');
    const { code, err } = compare(file);

    expect(err).toMatch(/\[USAGE\]/);
    expect(code).toBe(2);
  });
});

describe('a status of dpkg that somebody wrote into', () => {
  const release = { 'etc/os-release': debianRelease('12', 'bookworm') };
  const listed = stanza('base-files', '12.4+deb12u5');
  const inventory = (files: Record<string, string>) =>
    scapfeed([
      'inventory',
      `dir:${rootWith({ ...release, 'var/lib/dpkg/status.d/base': listed, ...files })}`,
    ]);

  it('keeps its packages when one has a field of vcpkg', () => {
    const status = stanza('curl', '7.88.1-10+deb12u3', { Abi: '1' });
    const { code, out } = inventory({ 'var/lib/dpkg/status': status });

    expect(out).toMatch(/curl +7\.88\.1-10\+deb12u3/);
    expect(code).toBe(0);
  });

  it('is incomplete, with exit code 4, when every paragraph is one of vcpkg', () => {
    const status = stanza('curl', '7.88.1', { Abi: '1', Architecture: 'x64-linux' });
    const { code, err } = inventory({ 'var/lib/dpkg/status': status });

    expect(err).toMatch(/\[PACKAGE_DATABASE_INCOMPLETE\]/);
    expect(code).toBe(4);
  });

  it('keeps the package of a paragraph that is called like a list', () => {
    const { code, out } = inventory({
      'var/lib/dpkg/status.d/curl.list': stanza('curl', '7.88.1-10+deb12u3'),
    });

    expect(out).toMatch(/curl +7\.88\.1-10\+deb12u3/);
    expect(code).toBe(0);
  });
});

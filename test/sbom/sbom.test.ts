import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstalledPackage, Inventory, Unstated } from '../../src/model/inventory/index.ts';
import { compareCodeUnits } from '../../src/model/order.ts';
import { inventoryCycloneDx } from '../../src/report/sbom/cyclonedx.ts';
import { inventorySpdx } from '../../src/report/sbom/spdx.ts';
import { judge } from '../../src/runtime/index.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { readSbom } from '../../src/sbom/index.ts';
import { sbomSubject } from '../../src/tasks/image/sbom-subject.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { benchmark, lineCheck, rule } from '../comply/support/small-content.ts';
import { file, makeTar } from '../image/support/make-tar.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';
import { nowhere, temporaryFolder } from '../support/temporary.ts';
import { written, writtenSboms } from './support/written-sboms.ts';

const folder = temporaryFolder();
const feed = writeSmallFeed([
  {
    platform: bookworm,
    data: {
      roster: new Map(['bash', 'openssl', 'zlib'].map((name) => [name, { version: '1', binaries: [] }])),
    },
    statements: [
      {
        vulnerability: 'CVE-2023-0286',
        package: 'openssl',
        status: 'fixed',
        fixed: '3.0.8-1',
        severity: 'high',
      },
      { vulnerability: 'CVE-2023-45853', package: 'zlib', status: 'fixed', fixed: '1:1.3', severity: 'low' },
      // The binary's version is above this one, the source's is not.
      { vulnerability: 'CVE-2022-3715', package: 'bash', status: 'fixed', fixed: '5.2.15-2+a' },
    ],
  },
]);
const image = rootWith({
  'etc/os-release': debianRelease('12', 'bookworm'),
  'etc/debian_version': '12.5\n',
  'var/lib/dpkg/status': written
    .map(({ name, version, source, sourceVersion }) =>
      stanza(name, version, { Source: sourceVersion === version ? source : `${source} (${sourceVersion})` }),
    )
    .join(''),
});

const scan = (reference: string, ...args: string[]) =>
  scapfeed(['scan', reference, '--feed', feed, '--max-age', '0', ...args]);

function save(name: string, content: string | Buffer): string {
  const file = join(folder, name.replaceAll(/[^\w.]+/g, '-'));
  writeFileSync(file, content);
  return file;
}

interface Scanned {
  verdicts: {
    vulnerability: string;
    status: string;
    fixedVersion?: string;
    package: Record<string, unknown>;
  }[];
  unjudged: { ecosystem: string; packages: number }[];
}

function verdictsOf(out: string): string[] {
  const { verdicts } = JSON.parse(out) as Scanned;
  return verdicts.map(({ vulnerability, status, fixedVersion, package: { name, version, arch, source } }) =>
    JSON.stringify({ vulnerability, status, fixedVersion, name, version, arch, source }),
  );
}

const ofImage = verdictsOf(scan(`dir:${image}`, '-o', 'json').out);

describe('an SBOM that is given as an image is', () => {
  const { 'DSSE envelope': envelope, ...plain } = writtenSboms;

  it.each(Object.entries(plain))('read as one: %s', (name, content) => {
    const file = save(`${name}.bare`, content);
    const compressed = save(`${name}.bare.gz`, gzipSync(content));

    const { out } = scapfeed(['inventory', `sbom:${file}`]);
    expect(scapfeed(['inventory', file])).toMatchObject({ out, code: 0 });
    expect(scapfeed(['inventory', compressed])).toMatchObject({
      out: out.replaceAll(file, compressed),
      code: 0,
    });
    const { err, code } = scapfeed(['inventory', `tar:${file}`]);
    expect(err).toMatch(/expected a tar, found an SBOM \(.+\) \[IMAGE_MALFORMED\]/);
    expect(err).toContain(`specify an SBOM as sbom:${file}, in commands that take one`);
    expect(code).toBe(2);
  });

  it('read by every command that takes one, and told as one by the others', () => {
    const file = save('bare-trivy', writtenSboms['trivy, own JSON']!);
    const oval = save('bare-oval.xml', lineCheck('/etc/os-release', '^ID=debian$'));
    const content = save('bare-benchmark.xml', benchmark(rule('root')));
    for (const words of [
      ['scan', '--feed', feed, '--max-age', '0'],
      ['explain', 'CVE-2023-0286', 'libssl3', '--feed', feed, '--max-age', '0'],
      ['eval', '--content', oval],
      ['compare', '--content', oval, '--feed', feed],
    ]) {
      const [command = '', ...rest] = words;
      const bare = scapfeed([command, file, ...rest]);
      expect(bare, command).toEqual(scapfeed([command, `sbom:${file}`, ...rest]));
      expect(bare.err, command).not.toContain('specify an SBOM');
    }
    for (const words of [['comply', '--content', content], ['verify']]) {
      const { err } = scapfeed([words[0]!, file, ...words.slice(1)]);
      expect(err, words[0]).toContain(`specify an SBOM as sbom:${file}`);
    }
  });

  it('read if scapfeed inventory wrote it', () => {
    const own = save('own.json', scapfeed(['inventory', image, '-o', 'json']).out);
    expect(scapfeed(['inventory', own]).code).toBe(0);
  });

  it('named as a possibility where the first bytes do not tell', () => {
    const { err } = scapfeed(['inventory', save('bare-envelope', envelope!)]);
    expect(err).toMatch(/found text .*an SBOM or a list of packages is sbom:FILE/s);
  });
});

describe('an SBOM of an image', () => {
  it('is compared with an image that has flaws', () => {
    expect(ofImage).toHaveLength(4);
  });

  it.each(Object.keys(writtenSboms))('gives the verdicts of the image: %s', (name) => {
    const { out, code } = scan(`sbom:${save(name, writtenSboms[name]!)}`, '-o', 'json');

    expect(verdictsOf(out)).toEqual(ofImage);
    expect((JSON.parse(out) as Scanned).unjudged).toMatchObject([{ ecosystem: 'npm', packages: 1 }]);
    expect(schemaErrors('scan-result', JSON.parse(out))).toEqual([]);
    expect(code).toBe(0);
  });

  it.each(['json', 'cyclonedx', 'manifest'])(
    'gives the verdicts of the image: scapfeed inventory -o %s',
    (form) => {
      const { out } = scapfeed(['inventory', `dir:${image}`, '-o', form]);

      expect(verdictsOf(scan(`sbom:${save(`own.${form}`, out)}`, '-o', 'json').out)).toEqual(ofImage);
    },
  );

  it('a half-installed package ends with 4 in the copies too', () => {
    const half = rootWith({
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status':
        stanza('bash', '99') + stanza('zlib1g', '1:99', { Status: 'install ok half-installed' }),
    });
    expect(scan(`dir:${half}`).code).toBe(4);
    for (const form of ['cyclonedx', 'spdx', 'json'])
      for (const { out } of [
        scapfeed(['inventory', `dir:${half}`, '-o', form]),
        ...(form === 'json' ? [] : [scan(`dir:${half}`, '-o', form)]),
      ])
        expect([form, scan(`sbom:${save(`half.${form}`, out)}`).code]).toEqual([form, 4]);
  });

  it('is read compressed, and from stdin', () => {
    const text = writtenSboms['syft, SPDX JSON']!;
    const compressed = save('sbom.gz', gzipSync(text));

    expect(verdictsOf(scan(`sbom:${compressed}`, '-o', 'json').out)).toEqual(ofImage);
    const { out } = scapfeed(
      ['scan', 'sbom:-', '--feed', feed, '--max-age', '0', '-o', 'json'],
      {},
      folder,
      text,
    );
    expect(verdictsOf(out)).toEqual(ofImage);
  });

  it('on stdin is explained with a next command that runs as it is printed', () => {
    const text = writtenSboms['syft, SPDX JSON']!;
    const stdin = (...argv: string[]) => scapfeed(argv, {}, folder, text);
    const { out } = stdin('explain', 'sbom:-', 'CVE-2023-0286', '--feed', feed, '--max-age', '0');
    const [program, ...words] = /^why: (.*)$/m.exec(out)![1]!.split(' ');
    expect(program).toBe('scapfeed');
    const { code, out: why } = stdin(...words);
    expect(code).toBe(0);
    expect(why).toContain('3.0.8-1');
  });

  it('is listed by inventory, explained and compared by diff', () => {
    const file = save('listed', writtenSboms['trivy, own JSON']!);

    expect(scapfeed(['inventory', `sbom:${file}`]).out).toMatch(/^1 package of languages$/m);
    const explained = scapfeed([
      'explain',
      `sbom:${file}`,
      'CVE-2023-0286',
      'libssl3',
      '--feed',
      feed,
      '--max-age',
      '0',
    ]);
    expect(explained.out).toContain('3.0.8-1');
    const { out } = scapfeed(['diff', feed, feed, '--inventory', `sbom:${file}`]);
    expect(out).toBe('nothing changes for this inventory\n');
  });
});

const debian = { name: 'libssl3', version: '3.0.7-1', source: 'openssl', sourceVersion: '3.0.7-1' };

function cycloneDx(components: readonly object[], tool = 'other'): string {
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { tools: [{ name: tool }] },
    components,
  });
}

const library = (purl: string, rest: object = {}) => ({ type: 'library', name: 'x', purl, ...rest });
const system = { type: 'operating-system', name: 'debian', version: '12' };

describe('what an SBOM leaves out', () => {
  it('a release: exit 4, not zero findings', () => {
    const file = save(
      'no-release',
      cycloneDx([library(`pkg:deb/debian/${debian.name}@3.0.7-1?upstream=openssl`)]),
    );
    const { code, out, err } = scan(`sbom:${file}`);

    expect({ code, out }).toEqual({ code: 4, out: '' });
    expect(err).toContain('the SBOM does not say which distribution its packages are of [PLATFORM_UNKNOWN]');
    expect(scan(`sbom:${file}`, '--platform', 'debian-12').out).toContain('CVE-2023-0286');
  });

  it('two systems: neither is chosen', () => {
    const file = save(
      'two',
      cycloneDx([
        library('pkg:deb/debian/a@1?distro=debian-12'),
        library('pkg:deb/debian/b@1?distro=debian-11'),
      ]),
    );
    const { code, err } = scan(`sbom:${file}`);

    expect(code).toBe(4);
    expect(err).toContain('PLATFORM_UNKNOWN');
  });

  it('a system that the feed does not have: exit 4', () => {
    const file = save(
      'haiku',
      cycloneDx([{ type: 'operating-system', name: 'haiku', version: 'r1' }, library('pkg:deb/haiku/a@1')]),
    );

    expect(scan(`sbom:${file}`)).toMatchObject({ code: 4, out: '' });
  });

  it('packages: exit 4', () => {
    const file = save('none', cycloneDx([system, library('pkg:npm/lodash@4.17.0')]));
    const { code, err } = scan(`sbom:${file}`);

    expect(code).toBe(4);
    expect(err).toContain(
      'the SBOM lists no package of apk, dpkg, pacman, portage or rpm with its version [PACKAGE_DATABASE_MISSING]',
    );
  });

  it('a source: the package cannot be judged, unless its writer leaves out exactly its own', () => {
    const components = [
      system,
      library('pkg:deb/debian/openssl@3.0.7-1?arch=amd64'),
      library('pkg:deb/debian/libssl3@3.0.7-1?arch=amd64&upstream=openssl'),
    ];
    const unknown = scan(`sbom:${save('unknown', cycloneDx(components))}`);
    const exact = scan(`sbom:${save('exact', cycloneDx(components, 'syft'))}`);

    expect(unknown.code).toBe(4);
    expect(unknown.out).toContain(
      'openssl 3.0.7-1: cannot be judged (what lists it does not say of which source it was built)',
    );
    expect(exact.code).toBe(0);
    expect(exact.out).toContain('openssl 3.0.7-1 (libssl3, openssl)');
  });

  it.each([
    ['system', 'pkg:deb/ubuntu/openssl@3.0.2?distro=ubuntu-22.04&upstream=openssl'],
    ['release', 'pkg:deb/debian/openssl@3.0.7-1?distro=debian-11&upstream=openssl'],
    [
      'point release of another release',
      'pkg:deb/debian/openssl@3.0.7-1?distro=debian-11.8&upstream=openssl',
    ],
  ])('a package of another %s cannot be judged', (_, purl) => {
    const { code, out } = scan(`sbom:${save('other', cycloneDx([system, library(purl)]))}`);

    expect(code).toBe(4);
    expect(out).toContain('cannot be judged (the SBOM says that it is of another system)');
  });

  it.each([
    [
      'pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1.18?arch=amd64',
      'pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1.18?arch=amd64',
    ],
    [
      'pkg:deb/ubuntu/libssl3@3.0.2?arch=amd64&distro=ubuntu-22.04&upstream=openssl',
      'pkg:deb/ubuntu/libssl3@3.0.2?arch=amd64&distro=ubuntu-22.04&upstream=openssl',
    ],
  ])('a package of another system keeps its identity, and is not judged: %s', (purl, written) => {
    const file = save('foreign', cycloneDx([system, library(purl, { name: 'libssl3' })]));
    const { out } = scapfeed(['inventory', `sbom:${file}`, '-o', 'cyclonedx']);
    expect(JSON.parse(out).components.map((each: { purl?: string }) => each.purl)).toContain(written);
    expect(scapfeed(['inventory', `sbom:${file}`, '-o', 'spdx']).out).toContain(written);

    // Written and read again it is the same package.
    const again = scapfeed(['inventory', `sbom:${save('again', out)}`, '-o', 'cyclonedx']).out;
    expect(JSON.parse(again).components.map((each: { purl?: string }) => each.purl)).toContain(written);
    const scanned = scan(`sbom:${file}`, '-o', 'json');
    expect(scanned.code).toBe(4);
    expect(JSON.parse(scanned.out).verdicts).toEqual([]);
    expect(schemaErrors('scan-result', JSON.parse(scanned.out))).toEqual([]);
  });

  it.each(['debian-12', 'debian-12.5', 'debian'])('a package of %s is of the system', (distro) => {
    const purl = `pkg:deb/debian/openssl@3.0.7-1?distro=${distro}&upstream=openssl`;
    const { code, out } = scan(`sbom:${save('own', cycloneDx([system, library(purl)]))}`);

    expect(code).toBe(0);
    expect(out).toContain('openssl 3.0.7-1');
  });

  it.each([
    ['without a name or a version', 'pkg:deb/debian/openssl?distro=debian-12&upstream=openssl'],
    ['with a broken package URL', 'pkg:deb/?distro=debian-12'],
  ])('a package %s is missing, which is no clean scan', (why, purl) => {
    const components = [system, library('pkg:deb/debian/hello@2.10-3?upstream=hello'), library(purl)];
    const { code, out, err } = scan(`sbom:${save('incomplete', cycloneDx(components))}`, '--allow-uncovered');

    expect(code).toBe(4);
    expect(out + err).toContain(`1 ${why} (x at components/2)`);
  });

  it('every component is a package, counted as unjudged, or counted as left out', () => {
    const { inventory } = readSbom(
      Buffer.from(
        cycloneDx([
          system,
          library('pkg:deb/debian/a@1?upstream=a'),
          library('pkg:deb/debian/a@1?upstream=a'),
          library('pkg:pypi/'),
          library('pkg:rpm/redhat/curl@1-1.el9?arch=src'),
          library('pkg:rpm/redhat/gpg-pubkey@1-1'),
          { type: 'library', name: 'plain' },
          { type: 'file', name: '/etc/passwd' },
          {
            type: 'container',
            name: 'base',
            components: [library('pkg:golang/x/y@v1'), library('pkg:golang/x/z@v1')],
          },
        ]),
      ),
      'sbom.json',
    );

    expect(inventory.packages.map(({ name }) => name)).toEqual(['a']);
    expect(inventory.unjudged).toMatchObject([{ ecosystem: 'golang', packages: 2 }]);
    expect(inventory.notes.map(({ code, detail }) => `${code}: ${detail}`)).toEqual([
      'sbom: CycloneDX 1.6 by other: 1 packages of apk, dpkg, pacman, portage or rpm among 11 components',
      'sbom_components_left_out: 1 naming a system (debian at components/0)',
      'sbom_components_left_out: 1 with a broken package URL (x at components/3)',
      'sbom_components_left_out: 1 that are source packages, which nobody installs (x at components/4)',
      'sbom_components_left_out: 1 that are keys (x at components/5)',
      'sbom_components_left_out: 1 of no known kind (plain at components/6)',
      'sbom_components_left_out: 1 that are files (/etc/passwd at components/7)',
      'sbom_components_left_out: 1 that are images or layers (base at components/8)',
      'sbom_packages_listed_twice: 1 more than once',
    ]);
  });
});

describe('a version that a component and its package URL state', () => {
  const bash = (purl: string, version: string, rest: object = {}) =>
    readSbom(Buffer.from(cycloneDx([system, library(purl, { version, ...rest })])), 'sbom.json').inventory;
  const evidence = (purl: string) => ({
    evidence: { identity: [{ field: 'purl', concludedValue: purl }] },
  });

  it.each([
    ['pkg:deb/debian/bash@5.2%2Bdfsg-1', '5.2+dfsg-1', '5.2+dfsg-1'],
    ['pkg:deb/debian/bash@5.2+dfsg-1', '5.2+dfsg-1', '5.2+dfsg-1'],
    ['pkg:deb/debian/bash@1%3A5.2-1', '1:5.2-1', '1:5.2-1'],
    ['pkg:deb/debian/bash@5.2-1?epoch=1', '5.2-1', '1:5.2-1'],
    ['pkg:deb/debian/bash@5.2-1?epoch=1', '1:5.2-1', '1:5.2-1'],
    ['pkg:deb/debian/bash@5.2-1', '1:5.2-1', '1:5.2-1'],
    ['pkg:deb/debian/bash@1:5.2-1?epoch=1', '5.2-1', '1:5.2-1'],
    ['pkg:rpm/redhat/bash@5.1.8-9.el9', '5.1.8', '5.1.8-9.el9'],
    ['pkg:rpm/redhat/bash@5.1.8?epoch=2', '5.1.8-9.el9', '2:5.1.8-9.el9'],
    ['pkg:rpm/redhat/bash?epoch=2', '5.1.8-9.el9', '2:5.1.8-9.el9'],
    ['pkg:apk/alpine/bash@5.2.15-r0', '5.2.15-r0', '5.2.15-r0'],
  ])('is one in all ways in which tools write it: %s, %s', (purl, stated, version) => {
    expect(bash(purl, stated)).toMatchObject({
      packages: [{ name: 'bash', version }],
      databases: [{ packages: 1 }],
    });
    expect(bash(purl, stated).databases[0]?.incomplete).toBeUndefined();
  });

  it.each([
    ['pkg:deb/debian/bash@5.2-1', '5.2-2', {}, '5.2-1 and 5.2-2'],
    ['pkg:deb/debian/bash@5.2-1', '5.2-10', {}, '5.2-1 and 5.2-10'],
    ['pkg:deb/debian/bash@5.2-1?epoch=1', '2:5.2-1', {}, '1:5.2-1 and 2:5.2-1'],
    ['pkg:deb/debian/bash@1:5.2-1?epoch=2', '5.2-1', {}, '1:5.2-1 and 2:5.2-1 and 5.2-1'],
    ['pkg:deb/debian/bash@5.2%252B1-1', '5.2+1-1', {}, '5.2%2B1-1 and 5.2+1-1'],
    ['pkg:rpm/redhat/bash@5.1.8-9.el9', '5.1', {}, '5.1.8-9.el9 and 5.1'],
    ['pkg:apk/alpine/bash@5.2.15-r0', '5.2.15-r1', {}, '5.2.15-r0 and 5.2.15-r1'],
    ['pkg:deb/debian/bash@1-1', '1-1', evidence('pkg:deb/debian/bash@1-2'), '1-1 and 1-2'],
  ])('or contradicts itself, and is not judged: %s, %s', (purl, stated, rest, versions) => {
    const { packages, notes } = bash(purl, stated, rest);
    expect(packages).toEqual([]);
    expect(notes).toContainEqual({
      code: 'incomplete_package_database',
      where: 'sbom.json',
      detail: `1 whose versions contradict each other (x: ${versions} at components/1)`,
    });
  });

  const purl = 'pkg:deb/debian/openssl@3.0.9-1?arch=amd64&distro=debian-12&upstream=openssl';
  it.each([
    ['CycloneDX', cycloneDx([system, library(purl, { version: '3.0.7-1' })])],
    [
      'CycloneDX XML',
      `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library"><name>openssl</name><version>3.0.7-1</version><purl>${purl.replaceAll('&', '&amp;')}</purl></component></components></bom>`,
    ],
    [
      'SPDX 2',
      JSON.stringify({
        spdxVersion: 'SPDX-2.3',
        packages: [
          {
            name: 'openssl',
            versionInfo: '3.0.7-1',
            externalRefs: [{ referenceType: 'purl', referenceLocator: purl }],
          },
        ],
      }),
    ],
    [
      'SPDX 2, tag-value',
      `SPDXVersion: SPDX-2.3\nPackageName: openssl\nSPDXID: SPDXRef-1\nPackageVersion: 3.0.7-1\nExternalRef: PACKAGE-MANAGER purl ${purl}\n`,
    ],
    [
      'SPDX 3',
      JSON.stringify({
        '@graph': [
          {
            type: 'software_Package',
            name: 'openssl',
            software_packageVersion: '3.0.7-1',
            software_packageUrl: purl,
          },
        ],
      }),
    ],
    ['syft', JSON.stringify({ artifacts: [{ name: 'openssl', version: '3.0.7-1', type: 'deb', purl }] })],
    [
      'trivy',
      JSON.stringify({
        ArtifactName: 'a',
        Metadata: { OS: { Family: 'debian', Name: '12' } },
        Results: [
          {
            Class: 'os-pkgs',
            Packages: [{ Name: 'openssl', Version: '3.0.7', Release: '1', Identifier: { PURL: purl } }],
          },
        ],
      }),
    ],
  ])('of which only one has the fix is unknown: %s', (name, text) => {
    const file = save(`contradicting-${name}`, text);
    const { code, err } = scan(`sbom:${file}`, '--platform', 'debian-12');
    expect(err).toMatch(/; 1 whose versions contradict each other \(\w+: 3\.0\.9-1 and 3\.0\.7-1 at .+\)/);
    expect(code).toBe(4);
  });

  it('and others are judged, but the result is not whole', () => {
    const other = library('pkg:deb/debian/zlib1g@1:1.2-1?upstream=zlib');
    const file = save(
      'contradicting-among-others',
      cycloneDx([system, library(purl, { version: '3.0.7-1' }), other]),
    );
    const { code, out, err } = scan(`sbom:${file}`);
    expect(out).toContain('CVE-2023-45853');
    expect(err).toContain(
      'packages may be missing from the SBOM: 1 whose versions contradict each other (x: 3.0.9-1 and 3.0.7-1 at components/1)',
    );
    expect(code).toBe(4);
    const explained = scapfeed([
      'explain',
      file,
      'CVE-2023-0286',
      'openssl',
      '--feed',
      feed,
      '--max-age',
      '0',
    ]);
    expect(explained.out + explained.err).toContain('3.0.9-1 and 3.0.7-1');
    expect(explained.code).toBe(4);
  });
});

describe('the source of a package by relations of a document', () => {
  const binary = 'pkg:rpm/redhat/curl@7.61.1-34.el8?arch=x86_64&repository_id=rhel-8-for-x86_64-baseos-rpms';
  const source =
    'pkg:rpm/redhat/curl-src@7.61.1-34.el8?arch=src&repository_id=rhel-8-for-x86_64-baseos-source-rpms';
  const other = source.replace('curl-src', 'other');
  const expected = { name: 'curl-src', version: '7.61.1-34.el8' };
  const sourceIn = (document: string) => {
    const [pkg] = readSbom(Buffer.from(document), 'sbom.json').inventory.packages;
    return pkg?.unstated?.includes('source') ? undefined : pkg?.source;
  };
  const spdx = (relations: readonly (readonly [string, string, string])[], purl = source) =>
    JSON.stringify({
      spdxVersion: 'SPDX-2.3',
      relationships: relations.map(([spdxElementId, relationshipType, relatedSpdxElement]) => ({
        spdxElementId,
        relationshipType,
        relatedSpdxElement,
      })),
      packages: [
        ['B', binary],
        ['S', purl],
        ['O', other],
      ].map(([SPDXID, referenceLocator]) => ({
        SPDXID,
        name: 'x',
        externalRefs: [{ referenceType: 'purl', referenceLocator }],
      })),
    });
  const tagValue = [
    'SPDXVersion: SPDX-2.3',
    ...[
      ['B', binary],
      ['S', source],
    ].flatMap(([id, purl]) => [
      'PackageName: x',
      `SPDXID: ${id}`,
      `ExternalRef: PACKAGE-MANAGER purl ${purl}`,
    ]),
    'Relationship: B GENERATED_FROM S',
  ].join('\n');
  const json = (dependencies: readonly object[], ref = 'b') =>
    JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      dependencies,
      metadata: { component: { type: 'library', name: 'x', 'bom-ref': 's', purl: source } },
      components: [library(binary, { 'bom-ref': ref }), library(other, { 'bom-ref': 'o' })],
    });
  const xml = `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library" bom-ref="b"><name>x</name><purl>${binary.replaceAll('&', '&amp;')}</purl></component><component type="library" bom-ref="s"><name>x</name><purl>${source.replaceAll('&', '&amp;')}</purl></component></components><dependencies><dependency ref="s"><provides ref="b"/></dependency></dependencies></bom>`;

  it.each([
    ['SPDX, generated from', spdx([['B', 'GENERATED_FROM', 'S']])],
    ['SPDX, generates', spdx([['S', 'GENERATES', 'B']])],
    ['SPDX tag-value', tagValue],
    ['CycloneDX JSON, provides', json([{ ref: 's', provides: ['b'] }])],
    ['CycloneDX JSON, a reference that is the package URL', json([{ ref: source, provides: ['b'] }])],
    ['CycloneDX XML, provides', xml],
    [
      'CycloneDX JSON, upstream in the reference',
      json([], 'pkg:rpm/redhat/curl@7.61.1-34.el8?arch=x86_64&upstream=curl-src-7.61.1-34.el8.src.rpm'),
    ],
  ])('%s', (_, document) => {
    expect(sourceIn(document)).toEqual(expected);
  });

  it.each([
    [
      'two sources',
      spdx([
        ['B', 'GENERATED_FROM', 'S'],
        ['B', 'GENERATED_FROM', 'O'],
      ]),
    ],
    ['an archive', spdx([['B', 'GENERATED_FROM', 'S']], 'pkg:generic/curl@7.61.1')],
    ['another relation', spdx([['B', 'CONTAINED_BY', 'S']])],
    [
      'the upstream of another package',
      json([], 'pkg:rpm/redhat/curl@8?arch=x86_64&upstream=curl-src-8.src.rpm'),
    ],
  ])('%s: not known', (_, document) => {
    expect(sourceIn(document)).toBeUndefined();
  });
});

describe('a source that is stated twice', () => {
  const sourceOf = (purl: string, name: string, version?: string) => {
    const properties = [
      { name: 'aquasecurity:trivy:SrcName', value: name },
      ...(version === undefined ? [] : [{ name: 'aquasecurity:trivy:SrcVersion', value: version }]),
    ];
    const document = cycloneDx([library(purl, { properties })]);
    const [pkg] = readSbom(Buffer.from(document), 'sbom.json').inventory.packages;
    return pkg?.unstated?.includes('source') ? undefined : pkg?.source;
  };
  const deb = 'pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12&upstream=';
  const rpm = 'pkg:rpm/redhat/libcurl@7.61.1-34.el8?arch=x86_64&upstream=';

  it.each([
    [`${deb}openssl`, 'openssl', undefined, { name: 'openssl', version: '3.0.9-1' }],
    [`${deb}openssl`, 'openssl', '3.0.9-1', { name: 'openssl', version: '3.0.9-1' }],
    [`${deb}openssl%403.0.8-1`, 'openssl', undefined, { name: 'openssl', version: '3.0.8-1' }],
    [`${rpm}curl-7.61.1-34.el8.src.rpm`, 'curl', undefined, { name: 'curl', version: '7.61.1-34.el8' }],
    [`${rpm}curl-7.61.1-34.el8.src.rpm`, 'curl', '7.61.1-34.el8', { name: 'curl', version: '7.61.1-34.el8' }],
  ])('in one way is known: %s, %s %s', (purl, name, version, source) => {
    expect(sourceOf(purl, name, version)).toEqual(source);
  });

  it.each([
    [`${deb}openssl`, 'nothing', undefined],
    [`${deb}openssl%403.0.8-1`, 'openssl', '3.0.9-1'],
    [`${rpm}curl-7.61.1-34.el8.src.rpm`, 'curl', '7.61.1-33.el8'],
    [`${rpm}curl-7.61.1-34.el8.src.rpm`, 'other', '7.61.1-34.el8'],
    [`${deb}zzz&upstream=openssl`, 'zzz', undefined],
    [`${deb}openssl%20`, 'openssl%20', undefined],
  ])('in two ways is not known: %s, %s %s', (purl, name, version) => {
    expect(sourceOf(purl, name, version)).toBeUndefined();
  });
});

describe('a package that is listed twice', () => {
  const deb = 'pkg:deb/debian/libssl3@3.0.9-1?arch=amd64';
  const rpm = 'pkg:rpm/redhat/libcurl@7.61.1-34.el8?arch=x86_64&upstream=curl-7.61.1-34.el8.src.rpm';
  const vendor = (name: string) => ({ supplier: { name } });

  it.each([
    [`${deb}&upstream=openssl`, {}, `${deb}&upstream=zlib`, {}, { unstated: ['source'] }],
    [`${deb}&upstream=openssl`, {}, deb, {}, { source: { name: 'openssl', version: '3.0.9-1' } }],
    [deb, {}, `${deb}&distro=debian-11`, {}, { system: { id: 'debian', version: '11' } }],
    [rpm, vendor('Red Hat'), rpm, {}, { vendor: 'Red Hat', keyId: undefined }],
    [rpm, vendor('Red Hat'), rpm, vendor('Other'), { vendor: undefined }],
    [`${rpm}&rpmmod=a:1:1:1`, {}, rpm, {}, { module: 'a:1', modularityLabel: 'a:1:1:1' }],
    [`${rpm}&rpmmod=a:1:1:1`, {}, `${rpm}&rpmmod=b:1:1:1`, {}, { modularityLabel: undefined }],
  ])(
    'has what one record states, and nothing in which two contradict each other: %s %o, %s %o',
    (one, its, other, others, expected) => {
      const records = [library(one, its), library(other, others)];
      for (const order of [records, records.toReversed()]) {
        const { packages } = readSbom(Buffer.from(cycloneDx([system, ...order])), 'sbom.json').inventory;
        const [pkg, ...more] = packages as unknown as Record<string, unknown>[];
        expect(Object.fromEntries(Object.keys(expected).map((fact) => [fact, pkg![fact]]))).toEqual(expected);
        expect(more).toEqual([]);
      }
    },
  );

  it('ends with exit code 4 if it may be of a flawed source, in either order', () => {
    const records = ['openssl', 'zlib'].map((source) =>
      library(`pkg:deb/debian/libssl3@3.0.7-1?arch=amd64&distro=debian-12&upstream=${source}`),
    );
    for (const order of [records, records.toReversed()]) {
      const { code, err } = scan(`sbom:${save('twice.json', cycloneDx([system, ...order]))}`);
      expect(err).toContain('1 package without data');
      expect(code).toBe(4);
    }
  });
});

describe('a package of a system', () => {
  const inventoryOf = (document: object) =>
    readSbom(Buffer.from(JSON.stringify(document)), 'sbom.json').inventory;

  it('is read from a report of trivy without package URLs', () => {
    const own = JSON.parse(writtenSboms['trivy, own JSON']!);
    const bare = structuredClone(own);
    for (const { Packages: packages = [] } of bare.Results)
      for (const each of packages) delete each.Identifier;
    expect(bare).not.toEqual(own);
    expect(inventoryOf(bare).packages).toEqual(inventoryOf(own).packages);
  });

  it('is read by its package URL, however SPDX spells the kind of the reference', () => {
    const reference = {
      referenceType: 'PURL',
      referenceLocator: 'pkg:deb/debian/bash@5.2-1?distro=debian-12',
    };
    const document = { spdxVersion: 'SPDX-2.3', packages: [{ name: 'bash', externalRefs: [reference] }] };
    expect(inventoryOf(document).packages.map(({ name }) => name)).toEqual(['bash']);
  });
});

describe('a value of another kind than its format has', () => {
  const read = (document: object) => readSbom(Buffer.from(JSON.stringify(document)), 'sbom.json').inventory;
  const cyclone = (components: unknown) => ({ bomFormat: 'CycloneDX', specVersion: '1.6', components });
  const libc = { type: 'library', name: 'libc6', purl: 'pkg:deb/debian/libc6@2.36-9?distro=debian-12' };
  const bash = { type: 'library', name: 'bash', purl: 'pkg:deb/debian/bash@5.2-1?distro=debian-12' };

  it.each([
    ['an object for a list', cyclone({ 0: libc })],
    ['an object for a list in a component', cyclone([{ ...bash, components: { 0: libc } }])],
    ['a list for what describes the subject', { ...cyclone([bash]), metadata: [{ component: libc }] }],
    ['a list for the subject', { ...cyclone([bash]), metadata: { component: [libc] } }],
    ['a text for a component', cyclone([bash, libc.purl])],
    ['null for a component', cyclone([bash, null])],
    ['SPDX, references', { spdxVersion: 'SPDX-2.3', packages: [{ name: 'x', externalRefs: {} }] }],
    ['SPDX, packages', { spdxVersion: 'SPDX-2.3', packages: { 0: libc } }],
    ['SPDX 3, the graph', { '@context': 'x', '@graph': { 0: libc } }],
    ['syft, artifacts', { artifacts: { 0: libc } }],
    ['trivy, packages', { ArtifactName: 'x', Results: [{ Class: 'os-pkgs', Packages: { 0: libc } }] }],
    ['trivy, results', { ArtifactName: 'x', Results: { 0: libc } }],
  ])('is refused where packages would not be seen: %s', (_, document) => {
    expect(() => read(document)).toThrow(expect.objectContaining({ code: 'SBOM_MALFORMED' }));
  });

  it.each([
    ['a number', 7],
    ['a list', [libc.purl]],
    ['an object', { purl: libc.purl }],
    ['a space before it', ` ${libc.purl}`],
    ['nothing of a package URL', 'libc6'],
  ])('is a package URL that cannot be read: %s', (_, purl) => {
    const { packages, databases, notes } = read(cyclone([bash, { ...libc, purl }]));
    expect(packages.map(({ name }) => name)).toEqual(['bash']);
    expect(databases[0]?.incomplete).toBe(true);
    expect(notes).toContainEqual({
      code: 'incomplete_package_database',
      where: 'sbom.json',
      detail: '1 with a broken package URL (libc6 at components/1)',
    });
  });

  it('a broken package URL of another kind of package leaves the others whole', () => {
    const { databases, notes } = read(cyclone([bash, { ...libc, purl: 'pkg:pypi/' }]));
    expect(databases[0]?.incomplete).toBeUndefined();
    expect(notes.map(({ code }) => code)).toEqual(['sbom', 'sbom_components_left_out']);
  });
});

describe('a version that its format does not have', () => {
  const documents: Record<string, (version: unknown) => string> = {
    'CycloneDX JSON': (specVersion) =>
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion, components: [library('pkg:deb/debian/a@1')] }),
    'CycloneDX XML': (version) =>
      `<bom xmlns="http://cyclonedx.org/schema/bom/${version}"><components><component type="library"><name>a</name><purl>pkg:deb/debian/a@1</purl></component></components></bom>`,
    'SPDX JSON': (version) => JSON.stringify({ spdxVersion: `SPDX-${version}`, packages: [] }),
    'SPDX tag-value': (version) => `SPDXVersion: SPDX-${version}\nPackageName: a\n`,
    'SPDX JSON-LD': (specVersion) =>
      JSON.stringify({ '@context': 'x', '@graph': [{ type: 'CreationInfo', specVersion }] }),
  };

  it.each([
    ['CycloneDX JSON', '2.0'],
    ['CycloneDX JSON', '1.8'],
    ['CycloneDX JSON', '1.60'],
    ['CycloneDX JSON', ''],
    ['CycloneDX JSON', undefined],
    ['CycloneDX XML', '2.0'],
    ['CycloneDX XML', '1.8'],
    ['SPDX JSON', '2.4'],
    ['SPDX JSON', '9.9'],
    ['SPDX tag-value', '2.4'],
    ['SPDX JSON-LD', '4.0.0'],
    ['SPDX JSON-LD', '3.9'],
  ])('is refused: %s %s', (format, version) => {
    const file = save(`version-${format}-${version}`, documents[format]!(version));
    const { code, out, err } = scan(`sbom:${file}`);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('expected CycloneDX 1.0 to 1.7, SPDX 2.0 to 2.3 or SPDX 3.0, found ');
  });

  it.each([
    ['CycloneDX JSON', '1.2'],
    ['CycloneDX JSON', '1.7'],
    ['CycloneDX XML', '1.0'],
    ['SPDX JSON', '2.2'],
    ['SPDX JSON', '2.2.1'],
    ['SPDX tag-value', '2.1'],
    ['SPDX JSON-LD', '3.0.1'],
  ])('others are read: %s %s', (format, version) => {
    expect(() => readSbom(Buffer.from(documents[format]!(version)), 'sbom')).not.toThrow();
  });
});

describe('a subject that is a package', () => {
  const subject = (component: object, ...components: object[]) =>
    readSbom(
      Buffer.from(
        JSON.stringify({
          bomFormat: 'CycloneDX',
          specVersion: '1.6',
          metadata: { component: { name: 'x', 'bom-ref': 's', ...component } },
          components,
        }),
      ),
      'sbom.json',
    ).inventory;

  it('is judged by scan', () => {
    const file = save(
      'subject.json',
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        metadata: {
          component: {
            type: 'application',
            name: 'openssl',
            purl: 'pkg:deb/debian/openssl@3.0.7-1?arch=amd64&distro=debian-12&upstream=openssl',
          },
        },
        components: [],
      }),
    );
    const { out } = scan(`sbom:${file}`, '-o', 'json');
    expect((JSON.parse(out) as Scanned).verdicts.map(({ vulnerability }) => vulnerability)).toEqual([
      'CVE-2023-0286',
    ]);
  });

  it.each([
    ['pkg:deb/debian/openssl@3.0.7-1?arch=amd64'],
    ['pkg:rpm/redhat/openssl@3.0.7-1.el9?arch=x86_64'],
    ['pkg:apk/alpine/openssl@3.0.7-r1'],
  ])('is one of the packages: %s', (purl) => {
    for (const type of ['library', 'application', 'file', 'container'])
      expect(subject({ type, purl }).packages.map(({ name }) => name)).toEqual(['openssl']);
    const both = subject({ type: 'library', purl }, library(purl, { 'bom-ref': 's' }));
    expect(both.packages).toHaveLength(1);
    expect(both.notes.map(({ code }) => code)).not.toContain('sbom_packages_listed_twice');
  });

  it.each(['golang', 'npm', 'maven', 'pypi'])('of %s is counted', (type) => {
    expect(subject({ type: 'application', purl: `pkg:${type}/a/b@1` }).unjudged).toMatchObject([
      { ecosystem: type, packages: 1 },
    ]);
  });

  it.each(['pkg:oci/app@sha256:0', undefined])('is none if it is an image: %s', (purl) => {
    const { packages, unjudged, notes } = subject({ type: 'container', purl });
    expect([packages, unjudged ?? []]).toEqual([[], []]);
    expect(notes.map(({ code }) => code)).toEqual(['sbom']);
  });
});

describe('JSON that is passed over', () => {
  const read = (text: string) => () => readSbom(Buffer.from(text), 'sbom.json');
  const large = `[${'{"a":[1,2,{"b":"c"}]},'.repeat(60_000)}{}]`;

  it.each([
    ['a word', '{"bomFormat":"CycloneDX","services":nothing,"components":[]}'],
    ['a bracket of another kind', '{"bomFormat":"CycloneDX","services":[1}],"components":[]}'],
    ['a list without commas', '{"spdxVersion":"SPDX-2.3","files":[1 2],"packages":[]}'],
    ['an end of a large list', `{"artifacts":[],"files":${large.slice(0, -4)},01]}`],
    ['a member of SPDX 3', '{"@context":[1 2],"@graph":[]}'],
    ['a member of trivy', '{"Results":[],"ArtifactName":"x","Extra":tru}'],
  ])('is JSON: %s', (_, text) => {
    expect(read(text)).toThrow(expect.objectContaining({ code: 'SBOM_MALFORMED' }));
  });

  it('of any size is read', () => {
    expect(read(`{"artifacts":[],"files":${large}}`)().inventory.packages).toEqual([]);
  });

  it.each(['components', 'metadata', 'bomFormat'])('a doubled %s is refused', (name) => {
    expect(read(`{"bomFormat":"CycloneDX","components":[],"metadata":{},"${name}":[]}`)).toThrow(
      `expected each name once in an object, found "${name}" twice`,
    );
  });

  it.each(['purl', 'p\\u0075rl'])('so is a doubled %s of a component', (name) => {
    const component = `{"type":"library","${name}":"pkg:deb/debian/a@1","purl":"pkg:deb/debian/a@2"}`;
    expect(read(`{"bomFormat":"CycloneDX","components":[${component}]}`)).toThrow(
      'expected each name once in an object, found "purl" twice',
    );
  });

  it('components of one reference are refused, unless they are the same package', () => {
    const list = (purl: string) =>
      read(
        cycloneDx([
          library('pkg:deb/debian/a@1', { 'bom-ref': 'r' }),
          library(purl, { 'bom-ref': 'r', name: 'b' }),
        ]),
      );
    expect(list('pkg:deb/debian/b@1')).toThrow(
      expect.objectContaining({
        code: 'SBOM_MALFORMED',
        message: 'expected one package of the id r, found two',
      }),
    );
    expect(list('pkg:deb/debian/a@1')).not.toThrow();
  });
});

describe('SPDX by syft', () => {
  const spdx = (purls: readonly string[], writer = 'syft-0.64.0') =>
    readSbom(
      Buffer.from(
        JSON.stringify({
          spdxVersion: 'SPDX-2.3',
          name: `lab/app@sha256:${'a'.repeat(64)}`,
          creationInfo: { creators: [`Tool: ${writer}`] },
          packages: purls.map((referenceLocator) => ({
            name: 'x',
            externalRefs: [{ referenceType: 'purl', referenceLocator }],
          })),
        }),
      ),
      'sbom.json',
    );

  it.each(['-1', '253402300800', '8640000000001', '1e300'])(
    'has a date that an SBOM can have, if an image says that its database is of %s seconds',
    (mtime) => {
      const status = { name: 'var/lib/dpkg/status', content: stanza('bash', '5'), pax: { mtime } };
      const tar = save(
        'times.tar',
        makeTar([file('etc/os-release', debianRelease('12', 'bookworm')), status]),
      );
      for (const format of ['cyclonedx', 'spdx']) {
        const { code, out, err } = scapfeed(['inventory', `tar:${tar}`, '-o', format]);
        expect([code, err]).toEqual([0, expect.not.stringContaining('INTERNAL')]);
        if (format === 'spdx') expect(out).toContain('"created": "1970-01-01T00:00:00Z"');
      }
    },
  );

  it('names Alpine as the type of a package URL, and the image in the name of the document', () => {
    const { image, inventory } = spdx([
      'pkg:alpine/musl@1.2.3-r4?arch=x86_64&upstream=musl&distro=alpine-3.17.0',
    ]);
    expect(image.digest).toBe(`sha256:${'a'.repeat(64)}`);
    expect(inventory.os).toMatchObject({ id: 'alpine', versionId: '3.17.0' });
    expect(inventory.packages).toMatchObject([{ type: 'apk', name: 'musl', version: '1.2.3-r4' }]);
  });

  it.each([
    ['syft-0.64.0', undefined],
    ['syft-v1.2.0', undefined],
    ['syft-0.26.0', ['source']],
  ])(
    'leaves out sources that are the package itself where no package has another one: %s',
    (writer, unstated) => {
      const { inventory } = spdx(['pkg:deb/debian/netbase@6.3?arch=all&distro=debian-11'], writer);
      expect(inventory.packages[0]?.unstated).toEqual(unstated);
    },
  );
});

it.each([
  ['/var/lib/dpkg/status', undefined],
  ['/var/lib/chisel/manifest.wall', ['source']],
])('syft names no source of what chisel cut (syft#5091): in %s', (value, unstated) => {
  const document = {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6' },
    metadata: { tools: { components: [{ type: 'application', name: 'syft', version: '1.40.0' }] } },
    components: [
      {
        ...{ type: 'library', name: 'openssl', version: '3.0.13-0ubuntu3.4' },
        purl: 'pkg:deb/ubuntu/openssl@3.0.13-0ubuntu3.4?arch=amd64&distro=ubuntu-24.04',
        properties: [{ name: 'syft:location:0:path', value }],
      },
    ],
  };

  const { inventory } = readSbom(Buffer.from(JSON.stringify(document)), 'sbom.json');
  expect(inventory.packages.map((pkg) => [pkg.name, pkg.unstated])).toEqual([['openssl', unstated]]);
});

describe('an SBOM that scapfeed writes of an inventory', () => {
  const release = (id: string, versionId: string) => ({ id, versionId, found: '/etc/os-release' });
  const maybe = <T>(...values: readonly T[]) => fc.constantFrom(undefined, ...values);
  const facts = (
    unstated: readonly Unstated[],
    fields: object,
    kept: Partial<InstalledPackage>,
  ): InstalledPackage => {
    const system = { id: 'fedora', version: '40' };
    return {
      ...(JSON.parse(JSON.stringify(fields)) as InstalledPackage),
      ...kept,
      ...(unstated.includes('release') && { system }),
      ...(unstated.length > 0 && { unstated }),
    };
  };
  const dpkg = fc
    .record({
      name: fc.constantFrom('openssl', 'libssl3', 'zlib', 'a+b'),
      version: fc.constantFrom('3.0.7-1', '1:1.2-1', '5+b1'),
      arch: fc.constantFrom('amd64', 'all', ''),
      source: fc.constantFrom(
        undefined,
        { name: 'openssl', version: '3.0.7-1' },
        { name: 'zlib', version: '1:1.2-1' },
      ),
      state: maybe('unpacked'),
      unstated: fc.subarray<Unstated>(['source', 'release']),
    })
    .map(({ unstated, source, ...own }) =>
      facts(unstated, own, {
        type: 'deb',
        source: (unstated.includes('source') ? undefined : source) ?? {
          name: own.name,
          version: own.version,
        },
        database: '/var/lib/dpkg/status',
      }),
    );
  const rpm = fc
    .record({
      name: fc.constantFrom('nodejs', 'npm', 'nginx'),
      version: fc.constantFrom('1:18.1-1.el9', '18.1-1.el9'),
      arch: fc.constantFrom('x86_64', 'noarch', ''),
      source: fc.constantFrom('nodejs', 'nginx'),
      stream: maybe('nodejs:18', 'nodejs:20'),
      label: maybe(':920240101:abc'),
      vendor: maybe('AlmaLinux', 'Fedora Project', 'Other, Inc. (us)'),
      keyId: maybe('d36cb86cb86b3716', '8a3872bf3228467c', '0123456789abcdef'),
      unstated: fc.subarray<Unstated>(['source', 'signature', 'release']),
    })
    .map(({ unstated, source, stream, label, keyId, ...own }) =>
      facts(
        unstated,
        { ...own, module: stream, modularityLabel: stream && label && stream + label },
        {
          type: 'rpm',
          source: unstated.includes('source')
            ? { name: own.name, version: own.version }
            : { name: source, version: '18.1-1.el9' },
          ...(keyId !== undefined && !unstated.includes('signature') && { keyId }),
          database: '/var/lib/rpm/rpmdb.sqlite',
        },
      ),
    );
  const inventories = fc
    .oneof(
      fc.record({
        os: fc.constant(release('debian', '12')),
        packages: fc.array(dpkg, { minLength: 1, maxLength: 6 }),
      }),
      fc.record({
        os: fc.constant(release('almalinux', '9.2')),
        packages: fc.array(rpm, { minLength: 1, maxLength: 6 }),
      }),
    )
    .map(({ os, packages: all }) => {
      const byKey = new Map(all.map((pkg) => [[pkg.name, pkg.arch, pkg.version].join(' '), pkg]));
      const packages = [...byKey].sort(([a], [b]) => compareCodeUnits(a, b)).map(([, pkg]) => pkg);
      const databases = [{ kind: 'dpkg' as const, path: '/var/lib/dpkg/status', packages: packages.length }];
      return { os, packages, databases, notes: [] };
    });

  const both = openFeed(
    writeSmallFeed([
      {
        platform: bookworm,
        statements: [
          { vulnerability: 'CVE-1', package: 'openssl', status: 'fixed', fixed: '9' },
          { vulnerability: 'CVE-2', package: 'zlib', status: 'affected', fixState: 'none_yet' },
        ],
      },
      {
        platform: {
          ...{ id: 'almalinux-9', name: 'AlmaLinux 9', aliases: [], packaging: 'rpm', life: [] },
          os: { id: 'almalinux', version: '9' },
        },
        data: {
          roster: new Map(['nginx', 'nodejs'].map((name) => [name, { version: '18.1-1.el9', binaries: [] }])),
        },
        statements: [
          {
            vulnerability: 'CVE-3',
            package: 'nodejs',
            module: 'nodejs:18',
            status: 'fixed',
            fixed: '1:99-1.el9',
          },
          { vulnerability: 'CVE-4', package: 'nginx', status: 'fixed', fixed: '1:99-1.el9' },
        ],
      },
    ]),
  );
  /** The facts that a user sees, without the places of files. */
  const judged = (inventory: Inventory) => {
    const bare = ({ database, layer, ...rest }: InstalledPackage) => rest;
    const { verdicts, uncovered, gaps, judged: count, notes } = judge(both, inventory, { all: true });
    return {
      count,
      gaps,
      notes,
      verdicts: verdicts.map(({ package: pkg, ...rest }) => [bare(pkg), rest]),
      uncovered: uncovered.map(({ package: pkg, ...rest }) => [bare(pkg), rest]),
    };
  };
  const written = (inventory: Inventory) => {
    const image = { ...readSbom(Buffer.from(JSON.stringify(inventory)), 'made.json').image };
    const subject = sbomSubject(image, inventory, '2026-02-01T00:00:00Z');
    return { cyclonedx: inventoryCycloneDx(subject), spdx: inventorySpdx(subject) };
  };

  it('has the same verdicts and gaps', () => {
    fc.assert(
      fc.property(inventories, (inventory) => {
        for (const [format, text] of Object.entries(written(inventory))) {
          const copy = readSbom(Buffer.from([...text].join('')), `copy.${format}`).inventory;
          expect(judged(copy)).toEqual(judged(inventory));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('claims no source that is not known', () => {
    const inventory = {
      ...{ os: release('debian', '12'), databases: [], notes: [] },
      packages: [{ ...deb('libssl3', '3.0.9-1'), unstated: ['source'] as const }],
    };
    for (const text of Object.values(written(inventory)))
      expect([...text].join('')).not.toMatch(/upstream|SrcName|SrcVersion|package:source|built package from/);
  });

  const purl = 'pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12';
  const propertiesOf = (values: object) =>
    Object.entries(values).map(([name, value]) => ({ name: `aquasecurity:trivy:${name}`, value }));
  it.each([
    ['without a source', library(purl)],
    [
      'with two sources',
      library(`${purl}&upstream=openssl`, { properties: propertiesOf({ SrcName: 'zlib' }) }),
    ],
    [
      'with two versions of one source',
      library(`${purl}&upstream=openssl%403.0.9-1`, {
        properties: propertiesOf({ SrcName: 'openssl', SrcVersion: '9.9' }),
      }),
    ],
  ])('%s is as undecidable as that inventory', (_, component) => {
    const original = save('undecidable', cycloneDx([system, component]));
    expect(scan(original).code).toBe(4);
    for (const format of ['cyclonedx', 'spdx', 'json', 'manifest']) {
      const copy = save(`copy-${format}`, scapfeed(['inventory', original, '-o', format]).out);
      expect({ format, ...scan(`sbom:${copy}`) }).toMatchObject({
        code: 4,
        out: expect.stringContaining('libssl3 3.0.9-1: cannot be judged'),
      });
    }
    for (const format of ['cyclonedx', 'spdx']) {
      const copy = save(`scanned-${format}`, scan(original, '-o', format).out);
      expect({ format, ...scan(copy) }).toMatchObject({ format, code: 4 });
    }
  });
});

describe('rpm packages', () => {
  const read = (components: readonly object[]) =>
    readSbom(Buffer.from(cycloneDx(components)), 'sbom.json').inventory;

  it('epoch, module, source rpm and release are in qualifiers', () => {
    const { os, packages } = read([
      library(
        'pkg:rpm/rhel/npm@8.19.3-1.16.19.1.1.module%2Bel8?arch=x86_64&epoch=1&upstream=nodejs-16.19.1-1.module%2Bel8.src.rpm&rpmmod=nodejs:16:820230220:abc&distro=rhel-8.7',
      ),
    ]);

    expect(os).toMatchObject({ id: 'rhel', versionId: '8.7' });
    expect(packages).toMatchObject([
      {
        name: 'npm',
        version: '1:8.19.3-1.16.19.1.1.module+el8',
        arch: 'x86_64',
        source: { name: 'nodejs', version: '16.19.1-1.module+el8' },
        module: 'nodejs:16',
        modularityLabel: 'nodejs:16:820230220:abc',
        unstated: ['signature'],
      },
    ]);
  });

  it.each([
    [
      'repositories',
      'pkg:rpm/redhat/a@1-1?repository_id=rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_4',
      {},
      '9.4',
    ],
    ['repositories without a minor', 'pkg:rpm/redhat/a@1-1?repository_id=ubi-9-baseos-rpms', {}, '9'],
    ['a CPE', 'pkg:rpm/redhat/a@1-1', { cpe: 'cpe:/a:redhat:rhel_eus:9.4::crb' }, '9.4'],
    ['dist tags', 'pkg:rpm/redhat/a@1-1.el8_6?arch=x86_64', {}, '8'],
    ["trivy's name", 'pkg:rpm/redhat/a@1-1?distro=redhat-9.4', {}, '9.4'],
  ])('the release by %s', (_, purl, rest, versionId) => {
    expect(read([library(purl, rest)]).os).toMatchObject({ id: 'rhel', versionId });
  });

  it('contradicting dist tags tell nothing', () => {
    expect(read([library('pkg:rpm/redhat/a@1-1.el8'), library('pkg:rpm/redhat/b@1-1.el9')]).os).toBeNull();
  });
});

describe('a package of dpkg is read as one', () => {
  const purl = 'pkg:deb/debian/openssl@3.0.7-1?arch=amd64';
  const spdx = (rest: object, purls: readonly string[] = [purl]) =>
    JSON.stringify({
      spdxVersion: 'SPDX-2.3',
      packages: [
        {
          SPDXID: 'SPDXRef-1',
          name: 'openssl',
          externalRefs: purls.map((referenceLocator) => ({ referenceType: 'purl', referenceLocator })),
          ...rest,
        },
      ],
    });
  const spdx3 = (purpose: string) =>
    JSON.stringify({
      '@graph': [
        {
          type: 'software_Package',
          name: 'openssl',
          software_primaryPurpose: purpose,
          software_packageUrl: purl,
        },
      ],
    });
  const syft = (type: string, url: string) =>
    JSON.stringify({ artifacts: [{ name: 'openssl', version: '3.0.7-1', type, purl: url }] });

  it.each([
    ...['file', 'container', 'data', 'firmware', 'of no type'].map((type) => [
      `CycloneDX, ${type}`,
      cycloneDx([library(purl, { type })]),
    ]),
    [
      'CycloneDX, evidence of another kind before it',
      cycloneDx([
        library('pkg:npm/x@1', { evidence: { identity: [{ field: 'purl', concludedValue: purl }] } }),
      ]),
    ],
    ...['FILE', 'CONTAINER', 'SOURCE'].map((primaryPackagePurpose) => [
      `SPDX, ${primaryPackagePurpose}`,
      spdx({ primaryPackagePurpose }),
    ]),
    ['SPDX, the id of an image', spdx({ SPDXID: 'SPDXRef-ContainerImage-1' })],
    ['SPDX, after the package URL of an image', spdx({}, ['pkg:oci/x@sha256:1', purl])],
    ['SPDX, after that of another kind', spdx({}, ['pkg:npm/x@1', purl])],
    ['SPDX 3, container', spdx3('container')],
    ['syft, another type', syft('npm', purl)],
  ])('%s', (_, text) => {
    const { packages, unjudged } = readSbom(Buffer.from(text!), 'sbom.json').inventory;
    expect(packages).toMatchObject([{ type: 'deb', name: 'openssl', version: '3.0.7-1' }]);
    expect(unjudged).toBeUndefined();
  });

  it.each([
    ['syft: a package URL of another kind', syft('deb', 'pkg:npm/openssl@3.0.7-1')],
    ['CycloneDX: a file with a broken one', cycloneDx([library('pkg:deb/', { type: 'file' })])],
  ])('or the list is incomplete: %s', (_, text) => {
    const { notes, unjudged } = readSbom(Buffer.from(text), 'sbom.json').inventory;
    expect(notes).toContainEqual(expect.objectContaining({ code: 'incomplete_package_database' }));
    expect(unjudged).toBeUndefined();
  });

  it('whatever type it has: the exit code is that of its flaws', () => {
    const file = save(
      'typed-file',
      cycloneDx([system, library(`${purl}&upstream=openssl`, { type: 'file' })]),
    );
    const { code, out } = scan(`sbom:${file}`, '--fail-on', 'any');
    expect(out).toContain('CVE-2023-0286');
    expect(code).toBe(1);
  });
});

describe('CycloneDX XML', () => {
  const xml =
    '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><metadata><component type="container"><name>image</name></component></metadata><components><component type="operating-system"><name>debian</name><version>12</version></component><component type="library" bom-ref="c"><name>openssl</name><purl>pkg:deb/debian/openssl@1?upstream=a</purl></component></components></bom>';
  const edited = (text: string, by: string): Buffer => {
    expect(xml).toContain(text);
    return Buffer.from(xml.replace(text, by));
  };
  const foreign = '<z:purl xmlns:z="urn:z">pkg:npm/x@1</z:purl>';

  it.each([
    ['a package URL', '<purl>', `${foreign}<purl>`],
    ['components', '<components>', '<z:components xmlns:z="urn:z"><a/></z:components><components>'],
    ['a component', '<component type="lib', '<component xmlns="urn:z"/><component type="lib'],
    ['a supplier', '<purl>', '<supplier xmlns="urn:z"/><supplier><name>S</name></supplier><purl>'],
  ])('%s of another namespace is not read', (_, text, by) => {
    expect(readSbom(edited(text, by), 'sbom.xml').inventory.packages).toMatchObject([
      { name: 'openssl', version: '1' },
    ]);
  });

  it('evidence and parts of the subject are read as in JSON', () => {
    const part =
      '<name>image</name><components><component type="library"><name>zlib</name><evidence><identity><field>purl</field><concludedValue>pkg:deb/debian/zlib@2</concludedValue></identity></evidence></component></components>';
    expect(readSbom(edited('<name>image</name>', part), 'sbom.xml').inventory.packages).toMatchObject([
      { name: 'openssl' },
      { name: 'zlib', version: '2' },
    ]);
  });

  it.each([
    ['another root', '<feed xmlns="http://www.w3.org/2005/Atom"/>', 'found <feed> of http://www.w3.org'],
    [
      'another namespace',
      edited('http://cyclonedx.org/', 'http://other.example/'),
      'found <bom> of http://other',
    ],
    ['none', '<bom><components/></bom>', 'found <bom> of no namespace'],
    [
      'two package URLs',
      edited('<purl>', '<purl>pkg:npm/x@1</purl><purl>'),
      'expected one <purl> in <component>',
    ],
    ['two lists', edited('<components>', '<components/><components>'), 'expected one <components> in <bom>'],
    ['elements in a name', edited('openssl</name>', 'open<b>ssl</b></name>'), 'expected text in <name>'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => readSbom(Buffer.from(text), 'sbom.xml')).toThrow(
      expect.objectContaining({ code: 'SBOM_MALFORMED', message: expect.stringContaining(message) }),
    );
  });
});

describe('documents that are none', () => {
  it.each([
    ['an object', '{}', 'SBOM_MALFORMED'],
    ['a list that is cut off', '{"bomFormat":"CycloneDX","components":[', 'SBOM_MALFORMED'],
    ['an object that is cut off', '{"bomFormat":"CycloneDX","components":[{]}', 'SBOM_MALFORMED'],
    ['text', 'hello', 'SBOM_MALFORMED'],
    ['nothing', '', 'SBOM_MALFORMED'],
    ['an element that is cut off', '<bom', 'SBOM_MALFORMED'],
    [
      'a document type',
      '<!DOCTYPE bom [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>',
      'SBOM_MALFORMED',
    ],
    ['no inventory', '{"packages":[],"databases":3}', 'SBOM_MALFORMED'],
    ['no manifest', '#platform debian-12 12\nbash 5.2\n', 'SBOM_MALFORMED'],
    ['an envelope without text', '{"payloadType":"x","payload":3}', 'SBOM_MALFORMED'],
    [
      'vulnerabilities without packages',
      '{"ArtifactName":"x","Results":[{"Class":"os-pkgs","Vulnerabilities":[{"VulnerabilityID":"CVE-1"}]}]}',
      'SBOM_MALFORMED',
    ],
    [
      '5,000 levels',
      `{"bomFormat":"CycloneDX","components":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      'SBOM_MALFORMED',
    ],
  ])('%s', (_, text, code) => {
    expect(() => readSbom(Buffer.from(text), 'sbom')).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['cut off', Buffer.from(cycloneDx([system])).subarray(0, -20), 'SBOM_MALFORMED'],
    ['in a gzip file that is cut off', gzipSync(cycloneDx([system])).subarray(0, -20), 'SBOM_MALFORMED'],
    ['a bomb', gzipSync(Buffer.alloc(401 << 20)), 'IMAGE_LIMIT_EXCEEDED'],
  ])('a file that is %s is one of yours, not of the feed: exit 2', (name, bytes, code) => {
    const file = save(name.replaceAll(' ', '-'), bytes);

    expect(scan(`sbom:${file}`)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(`[${code}]`),
    });
  });

  it('verify needs the image itself', () => {
    const { code, err } = scapfeed(['verify', `sbom:${save('image', '{}')}`]);

    expect(code).toBe(2);
    expect(err).toContain('[IMAGE_REFERENCE_INVALID]');
  });

  it('a missing file', () => {
    expect(scan(`sbom:${nowhere()}`)).toMatchObject({ code: 2, out: '' });
  });

  it('a component that contains itself as text, loops of dependencies and doubled references are no matter', () => {
    const components = [system, library('pkg:deb/debian/a@1?upstream=a', { 'bom-ref': 'a' })];
    const text = cycloneDx(components).replace(
      /}$/,
      ',"dependencies":[{"ref":"a","dependsOn":["b"]},{"ref":"b","dependsOn":["a"]},{"ref":"a"}]}',
    );

    expect(readSbom(Buffer.from(text), 'sbom').inventory.packages).toHaveLength(1);
  });

  it('names with escape sequences do not reach the terminal', () => {
    const components = [system, library('pkg:deb/debian/a%1B%5B31m%0A::error::x@1?upstream=openssl')];
    const { out } = scan(`sbom:${save('escape', cycloneDx(components))}`, '--all');

    expect(out).not.toContain('\x1b');
    expect(out).not.toMatch(/^::error/m);
  });
});

describe('packages of languages below /usr, in documents that name no owner', () => {
  const found = [
    '/usr/lib/python3/dist-packages/a',
    '/usr/share/java/a.jar',
    'usr/share/nodejs/a/package.json',
  ];
  const others = [
    ...['/usr/lib/python3.11/site-packages/django-4.2.dist-info/METADATA', '/usr/lib/myapp/log4j.jar'],
    ...[
      '/usr/lib/node_modules/npm/package.json',
      '/usr/lib/pythonXdist-packages/a',
      '/lib64/a',
      '/usr/share/a',
    ],
  ];

  function read(places: readonly string[], components: readonly object[]) {
    const languages = places.map((value, at) => ({
      ...{ type: 'library', name: `a${at}`, version: '1', purl: `pkg:npm/a${at}@1` },
      properties: [{ name: 'syft:location:0:path', value }],
    }));
    const document = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [...languages, ...components],
    };
    return readSbom(Buffer.from(JSON.stringify(document)), 'sbom.json').inventory;
  }

  const debian = { type: 'operating-system', name: 'debian', version: '12' };
  const bash = { type: 'library', name: 'bash', version: '5', purl: 'pkg:deb/debian/bash@5?arch=amd64' };

  it.each<[string, object[]]>([
    ['with a distribution and its packages', [debian, bash]],
    ['with a distribution alone', [debian]],
    ['without one', []],
  ])('are judged by the feed, %s', (_, components) => {
    expect(read(others, components).languages).toHaveLength(others.length);
  });

  it('are part of packages of the distribution only in folders that its package manager fills, and only with these packages', () => {
    const { languages, unjudged, notes } = read(found, [debian, bash]);
    expect([languages, unjudged]).toEqual([undefined, undefined]);
    expect(notes).toContainEqual({
      code: 'packaged_languages',
      where: 'sbom.json',
      detail:
        '3 of npm, judged as part of packages of the distribution by their places (a0 at components/0, …)',
    });
    expect(read(found, [debian]).languages).toHaveLength(3);
    expect(read(found, [bash]).languages).toHaveLength(3);
  });
});

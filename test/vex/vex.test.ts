import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { maxTreeParts } from '../../src/comply/xml/read-xml.ts';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { applyVex, type ImageIdentity, readVexDocument, readVexPlace } from '../../src/vex/index.ts';
import { inRange } from '../../src/vex/match-package.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { bookworm, deb, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image: ImageIdentity = {
  reference: 'registry:docker.io/library/app:1',
  digest,
  architecture: 'amd64',
  os: {
    id: 'debian',
    versionId: '12',
    pointRelease: '12.5',
    codename: 'bookworm',
    cpe: 'cpe:/o:debian:debian_linux:12',
    found: '/etc/os-release',
  },
};
const libssl: ViewedVerdict = {
  vulnerability: 'CVE-2023-0286',
  platform: 'debian-12',
  package: deb('libssl3', '3.0.7-1', 'openssl'),
  status: 'affected',
  fixState: 'none_yet',
  severity: 'high',
  advisories: [],
  marks: [],
  evidence: 'x',
};
const zlib: ViewedVerdict = {
  ...libssl,
  vulnerability: 'CVE-2023-45853',
  package: deb('zlib1g', '1:1.2.13.dfsg-1', 'zlib'),
};

function openvex(statements: readonly object[], rest: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': 'https://example.test/vex',
      author: 'somebody',
      timestamp: '2026-01-01T00:00:00Z',
      version: 1,
      statements,
      ...rest,
    }),
  );
}

const about = (products: readonly unknown[], rest: object = {}) => ({
  vulnerability: { name: 'CVE-2023-0286' },
  products,
  status: 'not_affected',
  justification: 'vulnerable_code_not_in_execute_path',
  ...rest,
});

function apply(bytes: Buffer, verdicts: readonly ViewedVerdict[] = [libssl, zlib], of = image) {
  const {
    verdicts: judged,
    uses,
    notes,
  } = applyVex(verdicts, [readVexDocument(bytes, 'vex.json')], of, new Date('2026-02-01'));
  return {
    cleared: judged.flatMap(({ vulnerability, ignored }) => (ignored ? [vulnerability] : [])),
    use: uses[0]!,
    judged,
    notes,
  };
}

const csafOf = (purl: string, time: unknown) =>
  Buffer.from(
    JSON.stringify({
      document: { csaf_version: '2.0', tracking: { current_release_date: time } },
      product_tree: {
        full_product_names: [{ product_id: 'A', name: 'A', product_identification_helper: { purl } }],
      },
      vulnerabilities: [
        {
          cve: 'CVE-2023-0286',
          product_status: { known_not_affected: ['A'] },
          flags: [{ label: 'component_not_present', product_ids: ['A'] }],
        },
      ],
    }),
  );

const cycloneDxOf = (purl: string, rest: object, analysis: object = {}) =>
  Buffer.from(
    JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      vulnerabilities: [
        {
          id: 'CVE-2023-0286',
          analysis: { state: 'not_affected', justification: 'code_not_present', ...analysis },
          affects: [{ ref: purl }],
        },
      ],
      ...rest,
    }),
  );

const why = (bytes: Buffer, of = image) => apply(bytes, undefined, of).use.unused.map((each) => each.why);

describe('a product that is a package', () => {
  it.each([
    'pkg:deb/debian/libssl3@3.0.7-1',
    'pkg:deb/debian/libssl3',
    'pkg:deb/debian/libssl3@3.0.7-1?arch=amd64',
    'pkg:deb/debian/libssl3@3.0.7-1?distro=debian-12',
    'pkg:deb/debian/libssl3@3.0.7-1?distro=debian-12.5&arch=amd64',
    'pkg:deb/debian/libssl3@3.0.7-1?distro=bookworm',
    'pkg:deb/debian/libssl3@3.0.7-1?upstream=openssl',
    'pkg:deb/debian/openssl@3.0.7-1?arch=source&distro=bookworm',
    'pkg:deb/debian/libssl3@3.0.7%2D1',
  ])('%s matches', (purl) => {
    expect(apply(openvex([about([{ '@id': purl }])])).cleared).toEqual(['CVE-2023-0286']);
  });

  it.each([
    ['pkg:deb/debian/libssl3@3.0.8-1', 'libssl3 3.0.7-1 is installed, the statement is about 3.0.8-1'],
    ['pkg:deb/ubuntu/libssl3@3.0.7-1', 'libssl3 is of debian, the statement is about ubuntu'],
    ['pkg:rpm/debian/libssl3@3.0.7-1', 'libssl3 is a package of deb, the statement is about one of rpm'],
    [
      'pkg:deb/debian/libssl3?distro=debian-11',
      'libssl3 has distro 12 or debian-12 or 12.5 or debian-12.5 or bookworm or debian-bookworm, the statement is about distro=debian-11',
    ],
    ['pkg:deb/debian/libssl3?arch=arm64', 'libssl3 has arch amd64, the statement is about arch=arm64'],
    [
      'pkg:deb/debian/openssl@3.0.7-1',
      'openssl is the source of libssl3: name the package, or the source with ?arch=source',
    ],
    ['pkg:deb/debian/curl@1', 'no package curl has the vulnerability'],
    ['pkg:npm/libssl3', 'libssl3 is a package of deb, the statement is about one of npm'],
  ])('%s does not: %s', (purl, expected) => {
    expect(apply(openvex([about([{ '@id': purl }])])).cleared).toEqual([]);
    expect(why(openvex([about([{ '@id': purl }])]))).toEqual([expected]);
  });

  it.each([
    ['pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1', true],
    ['pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1', true],
    ['pkg:deb/debian/zlib1g@1.2.13.dfsg-1?epoch=1', true],
    ['pkg:deb/debian/zlib1g@1.2.13.dfsg-1', true],
    ['pkg:deb/debian/zlib1g@2:1.2.13.dfsg-1', false],
  ])('an epoch as writers write it: %s', (purl, matches) => {
    const statement = { ...about([{ '@id': purl }]), vulnerability: { name: 'CVE-2023-45853' } };
    expect(apply(openvex([statement])).cleared).toEqual(matches ? ['CVE-2023-45853'] : []);
  });
});

describe('identifiers of one product', () => {
  const right = 'pkg:deb/debian/libssl3@3.0.7-1';
  const wrong = 'pkg:deb/debian/libssl3@3.0.6-1';
  const about2 = (id: string, identifiers: object) => openvex([about([{ '@id': id, identifiers }])]);
  const component = (of: object) =>
    cycloneDxOf('ref', { components: [{ 'bom-ref': 'ref', name: 'libssl3', ...of }] });
  const branch = (name: string, helper: object) => {
    const document = JSON.parse(csafOf(right, '2026-01-01T00:00:00Z').toString());
    document.product_tree = {
      branches: [
        {
          category: 'product_version',
          name,
          product: { product_id: 'A', name: 'A', product_identification_helper: helper },
        },
      ],
    };
    return Buffer.from(JSON.stringify(document));
  };
  const zlibOf = (purl: string) =>
    openvex([about([{ '@id': purl }], { vulnerability: { name: 'CVE-2023-45853' } })]);
  const contradict = (a: string, b: string) => `its identifiers contradict each other: ${a}, ${b}`;

  it.each<[string, Buffer, string]>([
    ['OpenVEX', about2(wrong, { purl: right }), contradict('3.0.6-1', '3.0.7-1')],
    ['OpenVEX, the reverse', about2(right, { purl: wrong }), contradict('3.0.7-1', '3.0.6-1')],
    [
      'names',
      about2(right, { purl: 'pkg:deb/debian/libssl1.1@3.0.7-1' }),
      contradict('libssl3', 'libssl1.1'),
    ],
    ['types', about2(right, { purl: 'pkg:rpm/debian/libssl3@3.0.7-1' }), contradict('deb', 'rpm')],
    ['namespaces', about2(right, { purl: 'pkg:deb/ubuntu/libssl3@3.0.7-1' }), contradict('debian', 'ubuntu')],
    [
      'a version that one leaves out',
      about2('pkg:deb/debian/libssl3', { purl: wrong }),
      'libssl3 3.0.7-1 is installed, the statement is about 3.0.6-1',
    ],
    [
      'a namespace that one leaves out',
      about2('pkg:deb/libssl3', { purl: 'pkg:deb/ubuntu/libssl3' }),
      'libssl3 is of debian, the statement is about ubuntu',
    ],
    [
      'a CPE of the same name',
      about2(right, { cpe23: 'cpe:2.3:a:x:libssl3:3.0.6:*:*:*:*:*:*:*' }),
      contradict('3.0.6', '3.0.7-1'),
    ],
    ['CycloneDX', component({ purl: right, version: '3.0.6-1' }), contradict('3.0.7-1', '3.0.6-1')],
    [
      'CycloneDX without a version in the package URL',
      component({ purl: 'pkg:deb/debian/libssl3', version: '3.0.6-1' }),
      'libssl3 3.0.7-1 is installed, the statement is about 3.0.6-1',
    ],
    ['CSAF', branch('3.0.6-1', { purl: right }), contradict('3.0.7-1', '3.0.6-1')],
    [
      'CSAF with the package in the place of the version',
      branch('libssl3-0:3.0.6-1.amd64', { purl: `${right}?arch=amd64` }),
      contradict('3.0.7-1', '0:3.0.6-1'),
    ],
    [
      'the epoch in the version and in a qualifier',
      zlibOf('pkg:deb/debian/zlib1g@2:1.2.13.dfsg-1?epoch=1'),
      contradict('2:1.2.13.dfsg-1', '1:1.2.13.dfsg-1'),
    ],
    [
      'an epoch without a version',
      zlibOf('pkg:deb/debian/zlib1g?epoch=2'),
      'zlib1g has epoch 1, the statement is about epoch=2',
    ],
    [
      'an @ without a version',
      openvex([about([{ '@id': 'pkg:deb/debian/libssl3@' }])]),
      'pkg:deb/debian/libssl3@ has no version after its @',
    ],
    [
      'an @ without a version before qualifiers',
      openvex([about([{ '@id': 'pkg:deb/debian/libssl3@?arch=amd64' }])]),
      'pkg:deb/debian/libssl3@?arch=amd64 has no version after its @',
    ],
    [
      'an image',
      about2('pkg:oci/app@sha256:' + 'b'.repeat(64), { purl: `pkg:oci/app@${digest}` }),
      contradict(`sha256:${'b'.repeat(64)}`, digest),
    ],
    [
      'the name of an image, and the package URL of another',
      about2('docker.io/library/app:1', { purl: `pkg:oci/app@sha256:${'b'.repeat(64)}` }),
      `the image is ${digest}, the statement is about sha256:${'b'.repeat(64)}`,
    ],
    [
      'a digest and a hash',
      openvex([about([{ '@id': `pkg:oci/app@${digest}`, hashes: { 'sha-256': 'b'.repeat(64) } }])]),
      contradict(digest, `sha256:${'b'.repeat(64)}`),
    ],
  ])('%s: nothing is cleared', (_, document, reason) => {
    expect(apply(document).cleared).toEqual([]);
    expect(why(document)).toEqual([reason]);
  });

  it.each<[string, Buffer]>([
    ['a version that one leaves out', about2('pkg:deb/debian/libssl3', { purl: right })],
    ['the version of upstream in the own field', component({ purl: right, version: '3.0.7' })],
    ['a CPE of upstream', about2(right, { cpe23: 'cpe:2.3:a:x:libssl3:3.0.7:*:*:*:*:*:*:*' })],
    [
      'the package in the place of the version',
      branch('libssl3-0:3.0.7-1.amd64', { purl: `${right}?arch=amd64` }),
    ],
    [
      'package URLs that differ in qualifiers',
      branch('3.0.7-1', { purls: [`${right}?arch=arm64`, `${right}?arch=amd64`] }),
    ],
    [
      'a digest and its hash',
      openvex([about([{ '@id': `pkg:oci/app@${digest}`, hashes: { 'sha-256': 'a'.repeat(64) } }])]),
    ],
  ])('that agree clear: %s', (_, document) => {
    expect(apply(document).cleared).toEqual(['CVE-2023-0286']);
  });

  const bare = 'pkg:deb/debian/libssl3';
  const cpeOf = (version: string, name = 'openssl') => ({
    cpe23: `cpe:2.3:a:openssl:${name}:${version}:*:*:*:*:*:*`,
  });
  const ofCpe = (told: string) => `libssl3 3.0.7-1 is installed, the CPE of the statement is about ${told}`;

  it.each<[string, Buffer, string]>([
    ['OpenVEX', about2(bare, cpeOf('1.0:*')), ofCpe('1.0')],
    ['OpenVEX, of the package name', about2(bare, cpeOf('3.0:*', 'libssl3')), ofCpe('3.0')],
    ['an update', about2(bare, cpeOf('3.0.7:beta1')), ofCpe('3.0.7 beta1')],
    ['a pattern', about2(bare, cpeOf('3.0.*:*')), ofCpe('3.0.*')],
    ['CPE 2.2', about2(bare, { cpe22: 'cpe:/a:openssl:openssl:3.0' }), ofCpe('3.0')],
    ['no CPE', about2(bare, { cpe23: 'openssl 1.0' }), 'openssl 1.0 is no CPE'],
    [
      'CycloneDX',
      component({ purl: bare, cpe: 'cpe:2.3:a:openssl:openssl:1.0:*:*:*:*:*:*:*' }),
      ofCpe('1.0'),
    ],
    [
      'CycloneDX in XML',
      Buffer.from(
        `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library" bom-ref="r"><name>x</name><cpe>cpe:/a:openssl:openssl:1.0</cpe><purl>${bare}</purl></component></components><vulnerabilities><vulnerability><id>CVE-2023-0286</id><analysis><state>not_affected</state></analysis><affects><target><ref>r</ref></target></affects></vulnerability></vulnerabilities></bom>`,
      ),
      ofCpe('1.0'),
    ],
    ['a purl that is none', about2(bare, { purl: 'not a purl' }), 'not a purl is no package URL'],
    ['a purl of no type', about2(bare, { purl: 'pkg:1/x' }), 'pkg:1/x is no package URL'],
    ['an @id that is no purl', about2('pkg:1/x', { purl: bare }), 'pkg:1/x is no package URL'],
    [
      'CSAF purls',
      Buffer.from(
        csafOf(bare, '2026-01-01T00:00:00Z')
          .toString()
          .replace(`"purl":"${bare}"`, `"purls":["${bare}","x"]`),
      ),
      'x is no package URL',
    ],
    [
      'an image',
      about2('pkg:oci/app', cpeOf('1.0:*', 'app')),
      'the image is not known as cpe:2.3:a:openssl:app:1.0:*:*:*:*:*:*:*',
    ],
  ])('a version that a CPE states, or one that cannot be read, binds: %s', (_, document, reason) => {
    expect(apply(document).cleared).toEqual([]);
    expect(why(document)).toEqual([reason]);
  });

  it.each(['3.0.7:*', '3.0.7-1:*', '3.0.7\\-1:*', '*:*', '-:*'])(
    'a CPE of %s clears 3.0.7-1 of a package URL without a version',
    (version) => {
      expect(apply(about2(bare, cpeOf(version))).cleared).toEqual(['CVE-2023-0286']);
    },
  );

  it('a CPE has the version without an epoch and what Debian adds', () => {
    const zlibWith = (version: string) =>
      openvex([
        about([{ '@id': 'pkg:deb/debian/zlib1g', identifiers: cpeOf(version, 'zlib') }], {
          vulnerability: { name: 'CVE-2023-45853' },
        }),
      ]);
    expect(apply(zlibWith('1.2.13:*')).cleared).toEqual(['CVE-2023-45853']);
    expect(apply(zlibWith('1.2.1:*')).cleared).toEqual([]);
  });

  it('that contradict each other hold a flaw that another statement clears', () => {
    const affected = about([{ '@id': right, identifiers: { purl: wrong } }], { status: 'affected' });
    expect(apply(openvex([about([{ '@id': right }]), affected])).cleared).toEqual([]);
  });
});

describe('a system by its CPE', () => {
  const sles = (cpe: string): ImageIdentity => ({
    ...image,
    os: { id: 'sles', versionId: '15.5', cpe, found: '/etc/os-release' },
  });
  const of = (cpe: string) =>
    openvex([about([{ '@id': 'docker.io/library/app:1', identifiers: { cpe22: cpe } }])]);

  it.each([
    ['cpe:/o:suse:sles:15:sp5', true],
    ['cpe:/o:suse:sles:15:SP5', true],
    ['cpe:/o:suse:sles:15', true],
    ['cpe:/o:suse:sles:15:sp4', false],
    ['cpe:2.3:o:suse:sles:15:-:*:*:*:*:*:*', false],
    ['cpe:/o:suse:sles:1', false],
    ['cpe:/o:suse:sles', false],
    ['cpe:/h:suse:sles:15', false],
  ])('%s is that of cpe:/o:suse:sles:15:sp5: %s', (cpe, is) => {
    expect(apply(of(cpe), undefined, sles('cpe:/o:suse:sles:15:sp5')).cleared).toHaveLength(is ? 1 : 0);
  });

  it('binds beside the name of the image, which alone is not enough', () => {
    expect(why(of('cpe:/o:debian:debian_linux:11'))).toEqual([
      'the image is not cpe:/o:debian:debian_linux:11 but cpe:/o:debian:debian_linux:12',
    ]);
  });
});

describe('a product that is an image', () => {
  const part = [{ '@id': 'pkg:deb/debian/libssl3@3.0.7-1' }];

  it.each([
    [digest],
    ['a'.repeat(64)],
    [`pkg:oci/app@${digest}`],
    [`pkg:oci/app@sha256%3A${'a'.repeat(64)}?arch=amd64`],
    [`pkg:oci/app@${digest}?repository_url=index.docker.io/library`],
    [`pkg:oci/app@${digest}?repository_url=index.docker.io/library/app`],
    ['pkg:oci/app?tag=1'],
    ['pkg:oci/app?repository_url=docker.io/library/app'],
    ['docker.io/library/app:1'],
    ['app:1'],
  ])('%s matches, with the package in it', (id) => {
    expect(apply(openvex([about([{ '@id': id, subcomponents: part }])])).cleared).toEqual(['CVE-2023-0286']);
  });

  it('as a whole: every package with the vulnerability', () => {
    expect(apply(openvex([about([{ '@id': digest }])])).cleared).toEqual(['CVE-2023-0286']);
    expect(
      apply(openvex([about([{ '@id': 'https://x', hashes: { 'sha-256': 'a'.repeat(64) } }])])).cleared,
    ).toEqual(['CVE-2023-0286']);
  });

  it.each([
    [`sha256:${'b'.repeat(64)}`, `the image is ${digest}, the statement is about sha256:${'b'.repeat(64)}`],
    ['pkg:oci/other', 'the image has the name docker.io/library/app, the statement is about other'],
    [
      'pkg:oci/app?repository_url=quay.io/app',
      'the image has the repository docker.io/library/app, the statement is about quay.io/app',
    ],
    ['pkg:oci/app?tag=2', 'the image has the tag 1, the statement is about 2'],
    [
      `pkg:oci/app@${digest}?arch=arm64`,
      'the image has the architecture amd64, the statement is about arm64',
    ],
    ['pkg:golang/github.com/x/y', 'pkg:golang/github.com/x/y is not this image'],
  ])('%s does not match', (id, expected) => {
    expect(why(openvex([about([{ '@id': id, subcomponents: part }])]))).toEqual([expected]);
  });

  it('an image without a digest is not the image of a digest', () => {
    const { digest: _, ...unknown } = { ...image, reference: 'dir:/x' };
    expect(why(openvex([about([{ '@id': `pkg:oci/app@${digest}` }])]), unknown)).toEqual([
      `the digest of dir:/x is not known, the statement is about ${digest}`,
    ]);
  });
});

describe('statements', () => {
  const purl = { '@id': 'pkg:deb/debian/libssl3@3.0.7-1' };

  it('by an alias, in 0.0.1, and by the id of a vulnerability', () => {
    expect(
      apply(openvex([about([purl], { vulnerability: { name: 'GHSA-x', aliases: ['CVE-2023-0286'] } })]))
        .cleared,
    ).toHaveLength(1);
    expect(
      apply(
        openvex([
          about([purl], { vulnerability: { '@id': 'https://nvd.nist.gov/vuln/detail/CVE-2023-0286' } }),
        ]),
      ).cleared,
    ).toHaveLength(1);
    const old = openvex(
      [{ vulnerability: 'CVE-2023-0286', products: [digest], subcomponents: [purl['@id']], status: 'fixed' }],
      {
        '@context': 'https://openvex.dev/ns',
      },
    );
    expect(apply(old).cleared).toHaveLength(1);
    expect(apply(old).use.format).toBe('OpenVEX 0.0.1');
  });

  it('the last one by time counts, whatever it says', () => {
    const early = about([purl], { timestamp: '2026-01-02T00:00:00+02:00' });
    const late = about([purl], { status: 'affected', timestamp: '2026-01-01T23:00:00Z' });

    const { cleared, use } = apply(openvex([late, early]));
    expect(cleared).toEqual([]);
    expect(use).toMatchObject({
      used: 1,
      unused: [{ why: 'a later statement decides: vex.json#/statements/0' }],
    });
    expect(apply(openvex([early, { ...late, timestamp: '2026-01-01T00:00:00Z' }])).cleared).toHaveLength(1);
  });

  it.each([
    ['affected', 'not_affected'],
    ['not_affected', 'affected'],
    ['fixed', 'under_investigation'],
    ['under_investigation', 'fixed'],
  ])('of one time that contradict each other clear nothing, in any order: %s, %s', (first, second) => {
    const { cleared, use } = apply(
      openvex([about([purl], { status: first }), about([purl], { status: second })]),
    );
    expect(cleared).toEqual([]);
    expect(use.used).toBe(1);
    expect(use.unused[0]?.why).toContain('another statement of the same time decides: vex.json#/statements/');
  });

  it('that decide are noted if they are of a draft or without a reason', () => {
    const bare = { '@id': 'pkg:deb/debian/libssl3', status: 'not_affected' };
    expect(apply(openvex([about([bare], { justification: undefined })])).notes).toEqual([
      { code: 'vex_without_justification', where: 'vex.json', detail: '/statements/0' },
    ]);
    const told = { justification: undefined, impact_statement: 'TLS is off' };
    expect(apply(openvex([about([bare], told)])).notes).toEqual([]);
    const other = { vulnerability: { name: 'CVE-1999-1' }, justification: undefined };
    expect(apply(openvex([about([bare], other)])).notes).toEqual([]);
  });

  it.each([
    ['under_investigation', 0],
    ['affected', 0],
    ['fixed', 1],
    ['not_affected', 1],
    ['fine', 0],
  ])('%s clears %i', (status, count) => {
    expect(apply(openvex([about([purl], { status })])).cleared).toHaveLength(count);
  });

  it.each([
    ...[
      '2025-13-45',
      '2025-02-30T00:00:00Z',
      '2026-01-01T25:00:00Z',
      '2026-01-01T00:00:00+99:00',
      'yesterday',
      '',
    ],
    20_251_345,
    { at: '2026-01-01' },
    [],
    null,
    true,
  ])('of a date that is none clears nothing, and is told: %j', (timestamp) => {
    const product = 'pkg:deb/debian/libssl3';
    const stated = JSON.stringify(timestamp);
    for (const bytes of [
      openvex([about([product], { timestamp })]),
      openvex([about([product], { last_updated: timestamp, timestamp: '2026-01-01' })]),
      openvex([about([product])], { timestamp }),
      csafOf(product, timestamp),
      cycloneDxOf(product, { metadata: { timestamp } }),
      cycloneDxOf(product, {}, { lastUpdated: timestamp }),
      cycloneDxOf(product, {}, { firstIssued: timestamp }),
    ]) {
      const { cleared, use } = apply(bytes);
      expect(cleared).toEqual([]);
      expect(use).toMatchObject({
        statements: 1,
        used: 0,
        unused: [{ why: `its date ${typeof timestamp === 'string' ? timestamp : stated} is none` }],
      });
    }
  });

  it.each([
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2025-12-31T23:59:60Z',
    '2024-02-29T10:00:00.123456+02:00',
    '2026-01-01 00:00:00Z',
  ])('of the date %s clears', (timestamp) => {
    expect(apply(openvex([about(['pkg:deb/debian/libssl3'], { timestamp })])).cleared).toEqual([
      'CVE-2023-0286',
    ]);
  });

  it('dated more than a day ahead clears nothing, whatever its format, and is told', () => {
    const product = 'pkg:deb/debian/libssl3';
    const inFormats = (time: string) => [
      openvex([about([product], { timestamp: time })]),
      openvex([about([product])], { timestamp: time }),
      csafOf(product, time),
      cycloneDxOf(product, { metadata: { timestamp: time } }),
      cycloneDxOf(product, {}, { lastUpdated: time }),
    ];
    for (const time of ['2099-01-01T00:00:00Z', '2026-02-02T00:00:01Z', '9999-12-31'])
      for (const bytes of inFormats(time)) {
        const { cleared, use } = apply(bytes);
        expect(cleared).toEqual([]);
        expect(use).toMatchObject({
          statements: 1,
          used: 0,
          unused: [{ why: `its date ${time} is more than a day ahead` }],
        });
      }
    for (const time of ['2026-02-01T23:00:00Z', '2026-02-02', '2026-02-02T02:00:00+02:00'])
      for (const bytes of inFormats(time)) expect(apply(bytes).cleared).toEqual(['CVE-2023-0286']);
  });

  it('dated ahead does not decide against an earlier one; that a package is affected counts', () => {
    const timed = (status: string, timestamp: string) =>
      about(['pkg:deb/debian/libssl3'], { status, timestamp });
    const affected = apply(openvex([timed('affected', '2026-01-01'), timed('not_affected', '2099-01-01')]));
    expect(affected.cleared).toEqual([]);
    expect(affected.use.used).toBe(1);
    const statements = [timed('not_affected', '2026-01-01'), timed('affected', '2099-01-01')];
    expect(apply(openvex(statements)).cleared).toEqual([]);
    expect(apply(openvex([...statements.slice(0, 1), timed('fixed', '2099-01-01')])).cleared).toHaveLength(1);
  });

  it('of a date that is none may be the last one: that a package is affected counts', () => {
    const timed = (status: string, timestamp: string) =>
      about(['pkg:deb/debian/libssl3'], { status, timestamp });
    const bytes = openvex([timed('affected', '2025-13-45'), timed('not_affected', '2026-01-01T00:00:00Z')]);
    expect(apply(bytes).cleared).toEqual([]);
    expect(apply(bytes).use).toMatchObject({
      used: 1,
      unused: [{ why: expect.stringContaining('a later statement') }],
    });
  });

  it('of times with and without zones are ordered in UTC', () => {
    const timed = (status: string, timestamp: string) =>
      about(['pkg:deb/debian/libssl3'], { status, timestamp });
    const bytes = openvex([
      timed('affected', '2026-01-01T01:00:00'),
      timed('not_affected', '2026-01-01T00:30:00-01:00'),
    ]);
    expect(apply(bytes).cleared).toEqual(['CVE-2023-0286']);
  });

  it('each is used or told with a reason', () => {
    const { use } = apply(
      openvex([
        about([purl]),
        about([purl], { vulnerability: { name: 'CVE-1999-1' } }),
        about([]),
        about([purl], { vulnerability: {} }),
        about([purl], { vulnerability: { name: 'CVE-2023-45853' }, status: 'fine' }),
      ]),
    );

    expect(use).toMatchObject({ statements: 5, used: 1 });
    expect(use.unused.map((each) => `${each.where}: ${each.why}`)).toEqual([
      '/statements/1: no package of the image has CVE-1999-1',
      '/statements/2: it names no product',
      '/statements/3: it names no vulnerability',
      '/statements/4: its status fine is none of OpenVEX',
    ]);
  });

  it('of a status that is none holds a flaw that another one of its time clears', () => {
    const { cleared, use } = apply(openvex([about([purl]), about([purl], { status: 'fine' })]));
    expect(cleared).toEqual([]);
    expect(use.unused.map((each) => each.why)).toEqual([
      'another statement of the same time decides: vex.json#/statements/1',
      'its status fine is none of OpenVEX',
    ]);
  });

  it('says why in the verdict', () => {
    const { judged } = apply(openvex([about([purl], { impact_statement: 'TLS is off' })]));
    expect(judged[0]?.ignored).toEqual({
      by: 'vex',
      reason: 'not affected: vulnerable code not in execute path; TLS is off',
      where: 'vex.json#/statements/0',
      status: 'not_affected',
    });
  });
});

describe('CSAF', () => {
  it.each<[string, object, string]>([
    [
      'package URLs of two packages',
      {
        full_product_names: [
          {
            ...{ product_id: 'A', name: 'A' },
            product_identification_helper: { purls: ['pkg:deb/debian/libssl3', 'pkg:deb/debian/openssl'] },
          },
        ],
      },
      'its package URLs name several packages',
    ],
    [
      'a range below a version',
      {
        branches: [
          {
            ...{ category: 'product_version', name: '3' },
            branches: [
              {
                ...{ category: 'product_version_range', name: 'vers:deb/<4' },
                product: {
                  ...{ product_id: 'A', name: 'A' },
                  product_identification_helper: { purl: 'pkg:deb/debian/libssl3' },
                },
              },
            ],
          },
        ],
      },
      'its branches state the version 3 and vers:deb/<4',
    ],
  ])('a product with %s clears nothing, and it is told', (_, product_tree, fault) => {
    const { cleared, use } = apply(
      Buffer.from(
        JSON.stringify({
          document: { csaf_version: '2.0' },
          product_tree,
          vulnerabilities: [{ cve: 'CVE-2023-0286', product_status: { known_not_affected: ['A'] } }],
        }),
      ),
    );
    expect(cleared).toEqual([]);
    expect(JSON.stringify(use.unused)).toContain(fault);
  });

  const csaf = (status: object, rest: object = {}, tree: object = {}) =>
    Buffer.from(
      JSON.stringify({
        document: {
          category: 'csaf_vex',
          csaf_version: '2.0',
          publisher: { name: 'V' },
          tracking: { current_release_date: '2026-01-01T00:00:00Z' },
        },
        product_tree: {
          branches: [
            {
              category: 'vendor',
              name: 'Debian',
              branches: [
                {
                  category: 'product_version',
                  name: '3.0.7-1',
                  product: {
                    product_id: 'P',
                    name: 'libssl3',
                    product_identification_helper: { purl: 'pkg:deb/debian/libssl3@3.0.7-1' },
                  },
                },
                {
                  category: 'product_version_range',
                  name: 'vers:deb/>=3.0|<3.0.8',
                  product: {
                    product_id: 'R',
                    name: 'libssl3',
                    product_identification_helper: { purls: ['pkg:deb/debian/libssl3'] },
                  },
                },
                {
                  category: 'product_name',
                  name: 'D',
                  product: {
                    product_id: 'D',
                    name: 'Debian 12',
                    product_identification_helper: { cpe: 'cpe:/o:debian:debian_linux:12' },
                  },
                },
                {
                  category: 'product_name',
                  name: 'E',
                  product: {
                    product_id: 'E',
                    name: 'Debian 11',
                    product_identification_helper: { cpe: 'cpe:/o:debian:debian_linux:11' },
                  },
                },
              ],
            },
          ],
          relationships: [
            {
              category: 'default_component_of',
              product_reference: 'P',
              relates_to_product_reference: 'D',
              full_product_name: { product_id: 'D:P', name: 'x' },
            },
            {
              category: 'default_component_of',
              product_reference: 'P',
              relates_to_product_reference: 'E',
              full_product_name: { product_id: 'E:P', name: 'x' },
            },
          ],
          product_groups: [{ group_id: 'G', product_ids: ['D:P', 'P', 'R'] }],
          ...tree,
        },
        vulnerabilities: [{ cve: 'CVE-2023-0286', product_status: status, ...rest }],
      }),
    );

  it.each([
    [{ known_not_affected: ['P'] }, true],
    [{ fixed: ['P'] }, true],
    [{ known_affected: ['P'] }, false],
    [{ known_not_affected: ['R'] }, true],
    [{ known_not_affected: ['D:P'] }, true],
    [{ known_not_affected: ['E:P'] }, false],
    [{ recommended: ['P'] }, false],
  ])('%j', (status, clears) => {
    expect(apply(csaf(status)).cleared).toHaveLength(clears ? 1 : 0);
  });

  it('the reason is the flag and the impact, by product or group', () => {
    const { judged } = apply(
      csaf(
        { known_not_affected: ['P'] },
        {
          flags: [{ label: 'component_not_present', group_ids: ['G'] }],
          threats: [{ category: 'impact', details: 'no  TLS', product_ids: ['P'] }],
        },
      ),
    );
    expect(judged[0]?.ignored?.reason).toBe('not affected: component not present; no TLS');
  });

  it('opens a group once, however many flags name it', () => {
    const groups = Array.from({ length: 300 }, (_, at) => ({
      group_id: `g${at}`,
      product_ids: Array.from({ length: 1000 }, (_, product) => (product === 0 ? 'P' : `p${product}`)),
    }));
    const flags = Array.from({ length: 30_000 }, (_, at) => ({
      label: at === 29_999 ? 'component_not_present' : 'inline_mitigations_already_exist',
      group_ids: [`g${at % 300}`],
    }));
    const full_product_names = Array.from({ length: 999 }, (_, at) => ({
      product_id: `p${at + 1}`,
      name: 'x',
    }));
    const begin = process.cpuUsage().user;
    const { judged } = apply(
      csaf({ known_not_affected: ['P'] }, { flags }, { product_groups: groups, full_product_names }),
    );

    expect(judged[0]?.ignored?.reason).toBe('not affected: component not present');
    expect(process.cpuUsage().user - begin).toBeLessThan(3e6);
  });

  it('a draft that clears is noted', () => {
    const draft = JSON.parse(csaf({ fixed: ['P'] }).toString());
    draft.document.tracking.status = 'draft';
    expect(apply(Buffer.from(JSON.stringify(draft))).notes).toEqual([
      { code: 'vex_is_draft', where: 'vex.json' },
    ]);
    expect(apply(csaf({ known_not_affected: ['P'] })).notes).toEqual([
      {
        code: 'vex_without_justification',
        where: 'vex.json',
        detail: '/vulnerabilities/0/product_status/known_not_affected',
      },
    ]);
  });

  it('a package in a product is cleared in that product alone, also where the relationship names the package itself', () => {
    const own = (product: string) => ({
      relationships: [
        {
          category: 'default_component_of',
          product_reference: 'P',
          relates_to_product_reference: product,
          full_product_name: {
            product_id: 'X',
            name: 'x',
            product_identification_helper: { purl: 'pkg:deb/debian/libssl3@3.0.7-1' },
          },
        },
      ],
      product_groups: [],
    });
    expect(apply(csaf({ fixed: ['X'] }, {}, own('D'))).cleared).toHaveLength(1);
    expect(apply(csaf({ fixed: ['X'] }, {}, own('E'))).cleared).toHaveLength(0);
  });

  it.each([
    [
      'contradicting statuses',
      { fixed: ['P'], known_affected: ['P'] },
      {},
      {},
      'one status for the product P',
    ],
    ['contradicting statuses', { fixed: ['P'], unknown: ['P'] }, {}, {}, 'one status for the product P'],
    [
      'an undefined product',
      { fixed: ['none'] },
      {},
      {},
      'the id of a product in the product tree, found none',
    ],
    [
      'a flag of an undefined product',
      { fixed: ['P'] },
      { flags: [{ product_ids: ['none'] }] },
      {},
      'found none',
    ],
    [
      'a flag of an undefined group',
      { fixed: ['P'] },
      { flags: [{ group_ids: ['none'] }] },
      {},
      'product group',
    ],
    [
      'a group with an undefined product',
      {},
      {},
      { product_groups: [{ group_id: 'G', product_ids: ['none'] }] },
      'found none',
    ],
    [
      'two groups of one id',
      {},
      {},
      {
        product_groups: [
          { group_id: 'G', product_ids: ['P'] },
          { group_id: 'G', product_ids: ['R'] },
        ],
      },
      'one definition of the group G',
    ],
    [
      'two products of one id',
      {},
      {},
      {
        full_product_names: [
          { product_id: 'P', name: 'x', product_identification_helper: { purl: 'pkg:deb/debian/bash' } },
        ],
      },
      'one definition of the product P',
    ],
  ])('%s: the document is refused', (_, status, rest, tree, message) => {
    expect(() => apply(csaf(status, rest, tree))).toThrow(
      expect.objectContaining({ code: 'VEX_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('a package in another release says so', () => {
    expect(why(csaf({ known_not_affected: ['E:P'] }))).toEqual([
      'the image is not cpe:/o:debian:debian_linux:11 but cpe:/o:debian:debian_linux:12',
    ]);
  });
});

describe('CycloneDX', () => {
  const cyclonedx = (affects: object, state = 'not_affected') =>
    Buffer.from(
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        components: [
          { type: 'library', name: 'libssl3', 'bom-ref': 'c1', purl: 'pkg:deb/debian/libssl3@3.0.7-1' },
        ],
        vulnerabilities: [
          {
            id: 'GHSA-1',
            references: [{ id: 'CVE-2023-0286' }],
            analysis: { state, justification: 'code_not_reachable' },
            affects: [affects],
          },
        ],
      }),
    );

  it.each([
    [{ ref: 'c1' }, 1],
    [{ ref: 'pkg:deb/debian/libssl3@3.0.7-1' }, 1],
    [{ ref: 'urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Adeb%2Fdebian%2Flibssl3%403.0.7-1' }, 1],
    [{ ref: 'pkg:deb/debian/libssl3', versions: [{ range: 'vers:deb/<3.0.8', status: 'unaffected' }] }, 1],
    [{ ref: 'pkg:deb/debian/libssl3', versions: [{ version: '3.0.9-1', status: 'unaffected' }] }, 0],
    [{ ref: 'c2' }, 0],
    [{ ref: 'c1', versions: [{ version: '3.0.7-1', status: 'affected' }] }, 0],
    [{ ref: 'pkg:deb/debian/libssl3', versions: [{ range: 'vers:deb/<4', status: 'unknown' }] }, 0],
    [{ ref: 'pkg:deb/debian/libssl3', versions: [{ status: 'unaffected' }] }, 0],
    [{ ref: 'pkg:deb/debian/libssl3', versions: [{ version: '3.0.7-1' }] }, 1],
    [
      {
        ref: 'pkg:deb/debian/libssl3',
        versions: [
          { version: '3.0.7-1', status: 'affected' },
          { version: '3.0.8-1', status: 'unaffected' },
        ],
      },
      0,
    ],
    [
      {
        ref: 'pkg:deb/debian/libssl3',
        versions: [
          { range: 'vers:deb/<4', status: 'unaffected' },
          { range: 'vers:deb/<<3', status: 'affected' },
        ],
      },
      0,
    ],
    [{ ref: 'pkg:deb/debian/libssl3', versions: [{ version: '1:3.0.7-1', status: 'unaffected' }] }, 0],
  ])('%j clears %i', (affects, count) => {
    expect(apply(cyclonedx(affects)).cleared).toHaveLength(count);
  });

  it.each([
    ['resolved', 1],
    ['false_positive', 1],
    ['exploitable', 0],
    ['in_triage', 0],
  ])('%s clears %i', (state, count) => {
    expect(apply(cyclonedx({ ref: 'c1' }, state)).cleared).toHaveLength(count);
  });

  it.each([
    [undefined, 0],
    ['in_triage', 0],
    ['not_affected', 1],
  ])('the date at which it was rejected is no state: with %s it clears %i', (state, count) => {
    const document = JSON.parse(cyclonedx({ ref: 'c1' }, state).toString());
    const [vulnerability] = document.vulnerabilities;
    vulnerability.rejected = '2024-01-01T00:00:00Z';
    if (state === undefined) delete vulnerability.analysis;
    expect(apply(Buffer.from(JSON.stringify(document))).cleared).toHaveLength(count);
  });

  it('a state that is none clears nothing, not of another statement of the same time either, and is told', () => {
    const other = cyclonedx({ ref: 'c1' }, 'rejected');
    const told = 'its state rejected is none of CycloneDX';
    expect(apply(other).cleared).toEqual([]);
    expect(why(other)).toEqual([told]);
    const both = JSON.parse(cyclonedx({ ref: 'c1' }).toString());
    both.vulnerabilities.push(...JSON.parse(other.toString()).vulnerabilities);
    const bytes = Buffer.from(JSON.stringify(both));
    expect(apply(bytes).cleared).toEqual([]);
    expect(apply(bytes).use.used).toBe(0);
    expect(why(bytes)).toEqual([
      'another statement of the same time decides: vex.json#/vulnerabilities/1',
      told,
    ]);
  });

  it('with two components of one reference, or a version beside a range, is refused', () => {
    const text = cyclonedx({ ref: 'c1' }).toString();
    const second = '{"bom-ref":"c1","purl":"pkg:deb/debian/zlib1g"},';
    expect(() =>
      readVexDocument(Buffer.from(text.replace('"components":[', `$&${second}`)), 'vex.json'),
    ).toThrow('expected one component of the bom-ref c1, found two');
    // The subject of a document may stand among its components, too.
    const [same] = /\{[^{}]*"bom-ref":"c1"[^}]*\}/.exec(text) ?? [];
    expect(same).toBeDefined();
    const doubled = text.replace('"components":[', `$&${same},`);
    expect(readVexDocument(Buffer.from(doubled), 'vex.json').statements).toHaveLength(1);
    const both = { ref: 'c1', versions: [{ version: '1', range: 'vers:deb/<4', status: 'unaffected' }] };
    expect(() => readVexDocument(cyclonedx(both), 'vex.json')).toThrow('expected a version or a range');
  });
});

describe('JSON with a name twice in an object', () => {
  const csaf =
    '{"document":{"csaf_version":"2.0"},"vulnerabilities":[{"cve":"CVE-1","product_status":{"fixed":[]}}]}';
  const openVex = '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"status":"affected"}]}';
  const cycloneDx =
    '{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[{"id":"CVE-1","analysis":{"state":"exploitable"}}]}';
  const payload = Buffer.from(openVex.replace('"status"', '"status":"fixed","status"')).toString('base64');

  it.each([
    [openVex.replace('"status"', '"status":"fixed","status"'), 'status'],
    [openVex.replace('"status"', '"st\\u0061tus":"fixed","status"'), 'status'],
    [openVex.replace('"statements"', '"statements":[],"statements"'), 'statements'],
    [csaf.replace('"fixed"', '"fixed":["A"],"fixed"'), 'fixed'],
    [cycloneDx.replace('"state"', '"state":"resolved", "a": {"state" : [{}, "state"]}, "state"'), 'state'],
    [`{"payloadType":"application/json","payload":"${payload}"}`, 'status'],
  ])('is refused: %s', (text, name) => {
    expect(() => readVexDocument(Buffer.from(text), 'vex.json')).toThrow(
      expect.objectContaining({
        code: 'VEX_INVALID',
        message: `it cannot be read as JSON: expected each name once in an object, found "${name}" twice`,
      }),
    );
  });

  it.each([openVex, csaf, cycloneDx, cycloneDx.replace('"id"', '"a":{"id":"\\"id\\":"},"id"')])(
    'alone is read: %s',
    (text) => {
      expect(readVexDocument(Buffer.from(text), 'vex.json').where).toBe('vex.json');
    },
  );
});

describe('CycloneDX JSON', () => {
  it.each([['9.9'], ['1.3'], [1.6], [undefined]])('of the version %s is refused', (specVersion) => {
    const document = { bomFormat: 'CycloneDX', specVersion, vulnerabilities: [] };
    expect(() => readVexDocument(Buffer.from(JSON.stringify(document)), 'vex.json')).toThrow(
      expect.objectContaining({
        code: 'VEX_INVALID',
        message: expect.stringContaining('expected CycloneDX 1.4, 1.5, 1.6, 1.7, found'),
      }),
    );
  });
});

describe('CycloneDX XML', () => {
  const xml = (versions: string, state = 'not_affected') =>
    Buffer.from(
      `<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"><metadata><timestamp>2026-01-01T00:00:00Z</timestamp><supplier><name>S</name></supplier></metadata><components><component type="library" bom-ref="c1"><name>libssl3</name><purl>pkg:deb/debian/libssl3</purl></component></components><vulnerabilities><vulnerability><id>GHSA-1</id><references><reference><id>CVE-2023-0286</id></reference></references><analysis><state>${state}</state><justification>code_not_reachable</justification></analysis><affects><target><ref>c1</ref>${versions}</target></affects></vulnerability></vulnerabilities></bom>`,
    );

  const edited = (text: string, by: string) => xml('').toString().replace(text, by);

  it.each([
    ['<state>', '<z:state xmlns:z="urn:z">not_affected</z:state><state>', 'exploitable', 0],
    [
      '<analysis>',
      '<z:analysis xmlns:z="urn:z"><z:state>not_affected</z:state></z:analysis><analysis>',
      'exploitable',
      0,
    ],
    ['<reference><id>', '<reference><z:id xmlns:z="urn:z">CVE-1</z:id><id>', 'not_affected', 1],
    [
      '<reference><id>CVE-2023-0286</id>',
      '<reference><z:id xmlns:z="urn:z">CVE-2023-0286</z:id>',
      'not_affected',
      0,
    ],
    ['<analysis>', '<analysis xmlns="urn:z">', 'not_affected', 0],
    [
      '<purl>pkg:deb/debian/libssl3</purl>',
      '<purl xmlns="urn:z">pkg:deb/debian/libssl3</purl>',
      'not_affected',
      0,
    ],
  ])('reads no element of another namespace: %s as %s, %s, clears %i', (text, by, state, count) => {
    const document = xml('', state).toString();
    expect(document).toContain(text);
    expect(apply(Buffer.from(document.replace(text, by))).cleared).toHaveLength(count);
  });

  it('finds no vulnerabilities in those of another namespace', () => {
    const foreign = edited('<vulnerabilities>', '<vulnerabilities xmlns="urn:z">');
    expect(() => readVexDocument(Buffer.from(foreign), 'vex.xml')).toThrow('expected OpenVEX');
  });

  it.each([
    ['', 1],
    ['<versions><version><version>3.0.7-1</version><status>unaffected</status></version></versions>', 1],
    ['<versions><version><version>3.0.7-1</version></version></versions>', 1],
    ['<versions><version><version>3.0.7-1</version><status>affected</status></version></versions>', 0],
    ['<versions><version><range>vers:deb/&lt;4</range><status>unaffected</status></version></versions>', 1],
    ['<versions><version><range>vers:deb/&lt;3</range><status>unaffected</status></version></versions>', 0],
    ['<versions><version/></versions>', 0],
  ])('is read as its JSON form: %s clears %i', (versions, count) => {
    const { cleared, use } = apply(xml(versions));
    expect(cleared).toHaveLength(count);
    expect(use).toMatchObject({ format: 'CycloneDX 1.6', author: 'S' });
    expect(apply(xml(versions, 'exploitable')).cleared).toEqual([]);
  });

  it.each([
    ['another document', '<feed xmlns="http://www.w3.org/2005/Atom"/>', 'expected OpenVEX'],
    ['one without vulnerabilities', '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>', 'expected OpenVEX'],
    ['a cut one', '<bom xmlns="http://cyclonedx.org/schema/bom/1.6">', 'it cannot be read as XML'],
    [
      'one of a name that ends as CycloneDX',
      edited('http://cyclonedx.org/', 'http://other.example/'),
      'expected OpenVEX',
    ],
    [
      'one of a later CycloneDX',
      edited('bom/1.6', 'bom/9.9'),
      'expected CycloneDX 1.4, 1.5, 1.6, 1.7, found 9.9',
    ],
    [
      'one with two states',
      edited('<state>', '<state>exploitable</state><state>'),
      'expected one <state> in <analysis>, found 2',
    ],
    [
      'one with two analyses',
      edited('<analysis>', '<analysis><state>exploitable</state></analysis><analysis>'),
      'expected one <analysis>',
    ],
    [
      'one with two ids',
      edited('<id>GHSA-1', '<id>CVE-1</id><id>GHSA-1'),
      'expected one <id> in <vulnerability>',
    ],
    [
      'one with two package URLs',
      edited('<purl>', '<purl>pkg:deb/debian/a</purl><purl>'),
      'expected one <purl>',
    ],
    [
      'one with elements in an id',
      edited('CVE-2023-0286', '<b>CVE-2023-0286</b>'),
      'expected text in <id> of <reference>',
    ],
    [
      'one that would fill the memory',
      `<bom xmlns="http://cyclonedx.org/schema/bom/1.6">${'<a/>'.repeat(maxTreeParts + 1)}</bom>`,
      'it cannot be read as XML: expected at most 2000000 elements, attributes and texts',
    ],
  ])('%s is refused', (_, text, message) => {
    expect(() => readVexDocument(Buffer.from(text), 'vex.xml')).toThrow(
      expect.objectContaining({ code: 'VEX_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('and compressed files are read from files and folders', async () => {
    const place = temporaryFolder();
    writeFileSync(join(place, 'a.xml'), xml(''));
    writeFileSync(join(place, 'b.json.gz'), gzipSync(openvex([about([{ '@id': digest }])])));
    writeFileSync(join(place, 'c.json.zst'), zstdCompressSync(openvex([about([{ '@id': digest }])])));
    writeFileSync(join(place, 'd.xml.gz'), gzipSync('<feed/>'));
    const { documents, skipped } = await readVexPlace(place);
    expect(documents.map(({ format }) => format)).toEqual([
      'CycloneDX 1.6',
      'OpenVEX 0.2.0',
      'OpenVEX 0.2.0',
    ]);
    expect(skipped).toEqual([join(place, 'd.xml.gz')]);
    const empty = temporaryFolder();
    expect(await readVexPlace(empty)).toEqual({ documents: [], skipped: [empty] });
    expect((await readVexPlace(join(place, 'b.json.gz'))).documents).toHaveLength(1);
    writeFileSync(join(place, 'bomb.json.gz'), gzipSync(Buffer.alloc(65 << 20, 0x20)));
    await expect(readVexPlace(join(place, 'bomb.json.gz'))).rejects.toMatchObject({ code: 'VEX_INVALID' });
  });
});

describe('ranges', () => {
  it.each([
    ['vers:deb/>=1.0|<2.0', '1.5', true],
    ['vers:deb/>=1.0|<2.0', '2.0', false],
    ['vers:deb/>=1.0|<2.0', '1.0~rc1', false],
    ['vers:deb/>=1|<2|>=3|<4', '3.5', true],
    ['vers:deb/>=1|<2|>=3|<4', '2.5', false],
    ['vers:deb/<2', '1', true],
    ['vers:deb/>2', '3', true],
    ['vers:deb/1.0|2.0', '2.0', true],
    ['vers:deb/1.0|2.0', '3.0', false],
    ['vers:deb/!=1.0', '1.0', false],
    ['vers:deb/!=1.0', '2.0', true],
    ['vers:deb/*', '2.0', true],
    ['vers:deb/<2|>=1', '1.5', true],
    ['vers:deb/<2|>=1', '3', false],
    ['vers:npm/<2', '1', undefined],
    ['>= 1.0, < 2.0', '3', undefined],
    ['vers:deb/>=1|<1', '3', undefined],
    ['<= 4.2', '4.2', true],
    ['<= 4.2', '4.3', false],
    ['vers:deb/<2', 'no version!', undefined],
    ['>= 9.18', '1:9.10-1', undefined],
    ['!= 9.10-1', '1:9.10-1', undefined],
    ['vers:generic/>=9.18', '1:9.10-1', undefined],
    ['vers:deb/>=9.18', '1:9.10-1', true],
    ['>= 1:9.18', '1:9.10-1', false],
    ['>= 0:9.18', '1:9.10-1', true],
    ['>= 9.18', '0:9.20-1', true],
  ])('%s holds for %s: %s', (range, version, holds) => {
    expect(inRange(range, version, 'deb')).toBe(holds);
  });
});

describe('documents that are refused', () => {
  it.each([
    ['a product *', openvex([about([{ '@id': '*' }])]), 'would clear anything'],
    ['a package *', openvex([about([{ '@id': 'pkg:deb/debian/*' }])]), 'would clear anything'],
    [
      'a vulnerability *',
      openvex([about([{ '@id': digest }], { vulnerability: { name: '*' } })]),
      'would clear anything',
    ],
    ['no package', openvex([about([{ '@id': 'pkg:deb/' }])]), 'would clear anything'],
    ['an SBOM', Buffer.from('{"bomFormat":"CycloneDX","components":[]}'), 'expected OpenVEX'],
    ['no JSON', Buffer.from('{'), 'cannot be read as JSON'],
    ['a list', Buffer.from('[]'), 'expected OpenVEX'],
  ])('%s', (_, bytes, message) => {
    expect(() => readVexDocument(bytes, 'vex.json')).toThrow(message);
  });

  const bare = 'pkg:deb/debian/libssl3';
  const product = (product_identification_helper: object) => ({
    product_id: 'A',
    name: 'A',
    product_identification_helper,
  });
  const csaf = (rest: object) =>
    Buffer.from(
      JSON.stringify({
        document: { csaf_version: '2.0' },
        product_tree: { full_product_names: [product({ purl: bare })] },
        vulnerabilities: [{ cve: 'CVE-2023-0286', product_status: { known_not_affected: ['A'] } }],
        ...rest,
      }),
    );
  const branchOf = (category: string, name: unknown) =>
    csaf({ product_tree: { branches: [{ category, name, product: product({ purl: bare }) }] } });
  const helper = (of: object) => csaf({ product_tree: { full_product_names: [product(of)] } });
  const status = (product_status: object) =>
    csaf({ vulnerabilities: [{ cve: 'CVE-2023-0286', product_status }] });
  const madeOf = (id: string, part: string) => ({
    ...{ category: 'default_component_of', product_reference: part, relates_to_product_reference: 'A' },
    full_product_name: { product_id: id, name: id },
  });
  const circle = [madeOf('B', 'C'), madeOf('C', 'D'), madeOf('D', 'B')];
  const branchPlace = '/product_tree/branches/0/name';
  const helperPlace = '/product_tree/full_product_names/0/product_identification_helper';
  const component = (of: object) => cycloneDxOf('r', { components: [{ 'bom-ref': 'r', purl: bare, ...of }] });

  it.each<[string, Buffer, string]>([
    ['CSAF: a version that is a number', branchOf('product_version', 1), branchPlace],
    ['CSAF: a version that is null', branchOf('product_version', null), branchPlace],
    ['CSAF: no version', branchOf('product_version', undefined), '/product_tree'],
    ['CSAF: an empty range', branchOf('product_version_range', ''), branchPlace],
    ['CSAF: a list of CPEs', helper({ purl: bare, cpe: ['cpe:/a:x:y:1'] }), `${helperPlace}/cpe`],
    ['CSAF: a purl that is a number', helper({ purls: [bare, 7] }), `${helperPlace}/purls/1`],
    [
      'CSAF: a status whose products are an object',
      status({ known_not_affected: ['A'], known_affected: { 0: 'A' } }),
      '/vulnerabilities/0/product_status/known_affected',
    ],
    ['CycloneDX: a version that is an object', component({ version: { a: 1 } }), '/components/0/version'],
    ['CycloneDX: a CPE that is a list', component({ cpe: ['cpe:/a:x:y:1'] }), '/components/0/cpe'],
    [
      'CycloneDX: a state that is a list',
      cycloneDxOf(bare, {}, { state: ['x'] }),
      '/vulnerabilities/0/analysis/state',
    ],
    [
      'OpenVEX: an @id that is a number',
      openvex([about([{ '@id': 7, identifiers: { purl: bare } }])]),
      '/statements/0/products/0/@id',
    ],
    [
      'OpenVEX: a purl that is a number',
      openvex([about([{ '@id': bare, identifiers: { purl: 7 } }])]),
      '/statements/0/products/0/identifiers/purl',
    ],
    [
      'OpenVEX: identifiers that are a text',
      openvex([about([{ '@id': bare, identifiers: bare }])]),
      '/statements/0/products/0/identifiers',
    ],
    [
      'OpenVEX: subcomponents that are null',
      openvex([about([{ '@id': digest, subcomponents: null }])]),
      '/statements/0/products/0/subcomponents',
    ],
    ['OpenVEX of another version', openvex([], { '@context': 'https://openvex.dev/ns/v9.9.9' }), '/@context'],
    ['OpenVEX with two contexts', openvex([], { '@context': ['https://openvex.dev/ns', 'x'] }), '/@context'],
    ['CSAF of another version', csaf({ document: { csaf_version: '3.0' } }), '/document/csaf_version'],
    [
      'CSAF: a CVE that stands twice',
      csaf({
        vulnerabilities: [
          { cve: 'CVE-2023-0286', product_status: { known_affected: ['A'] } },
          { cve: 'CVE-2023-0286', product_status: { known_not_affected: ['A'] } },
        ],
      }),
      '/vulnerabilities/1/cve',
    ],
    [
      'CSAF: a CVE that stands twice, once in small letters and between blanks',
      csaf({
        vulnerabilities: [
          { cve: 'CVE-2023-0286', product_status: { known_affected: ['A'] } },
          { cve: ' cve-2023-0286 ', product_status: { known_not_affected: ['A'] } },
        ],
      }),
      '/vulnerabilities/1/cve',
    ],
    [
      'CSAF: products that are made of each other',
      csaf({ product_tree: { full_product_names: [product({ purl: bare })], relationships: circle } }),
      '/product_tree',
    ],
  ])('%s', (_, bytes, place) => {
    expect(() => readVexDocument(bytes, 'vex.json')).toThrow(
      expect.objectContaining({ code: 'VEX_INVALID', where: `vex.json#${place}` }),
    );
  });

  it('deep branches and loops of relationships end', () => {
    const branch = (depth: number) => `${'{"branches":['.repeat(depth)}${']}'.repeat(depth)}`;
    const csaf = (depth: number) =>
      `{"document":{"csaf_version":"2.0"},"product_tree":{"branches":[${branch(depth)}],"relationships":[{"product_reference":"A","relates_to_product_reference":"A","full_product_name":{"product_id":"A"}}]},"vulnerabilities":[{"cve":"CVE-1","product_status":{"fixed":["A"]}}]}`;
    expect(() => readVexDocument(Buffer.from(csaf(120)), 'x')).toThrow('A is made of itself');
    expect(() => readVexDocument(Buffer.from(csaf(3000)), 'x')).toThrow('at most 256 levels');
  });
});

const feed = writeSmallFeed([
  {
    platform: bookworm,
    data: { roster: new Map(['openssl', 'bash'].map((name) => [name, { version: '1', binaries: [] }])) },
    statements: [
      {
        vulnerability: 'CVE-2023-0286',
        package: 'openssl',
        status: 'fixed',
        fixed: '3.0.8-1',
        severity: 'high',
      },
    ],
  },
]);
const folder = temporaryFolder();

function root(...packages: string[]): string {
  return rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': [stanza('libssl3', '3.0.7-1', { Source: 'openssl' }), ...packages].join(''),
  });
}

function save(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('scan --vex', () => {
  const covered = root();
  const scan = (...args: string[]) =>
    scapfeed(['scan', `dir:${covered}`, '--feed', feed, '--max-age', '0', ...args], {}, folder);
  const file = save(
    'na.json',
    openvex([
      about([{ '@id': 'pkg:deb/debian/libssl3@3.0.7-1' }]),
      about([{ '@id': 'pkg:deb/debian/libssl3@9' }]),
    ]),
  );

  it('clears, tells in the table, and lists what was not used with the nearest miss', () => {
    const { out, code } = scan('--vex', file, '--fail-on', 'any');

    expect(code).toBe(0);
    expect(out).toContain('1 flaw cleared by VEX: --show-ignored lists them');
    expect(out).toContain(`VEX ${file} (OpenVEX 0.2.0 by somebody): 2 statements, 1 used`);
    expect(out).toContain(
      'unused: CVE-2023-0286 not affected, pkg:deb/debian/libssl3@9: libssl3 3.0.7-1 is installed, the statement is about 9',
    );
    expect(scan('--vex', file, '--show-ignored').out).toContain(
      'cleared by VEX: not affected: vulnerable code not in execute path',
    );
  });

  it('a statement of 2099 does not pass a gate, and is listed as unused', () => {
    const ahead = save(
      'ahead.json',
      openvex([about([{ '@id': 'pkg:deb/debian/libssl3' }], { timestamp: '2099-01-01T00:00:00Z' })]),
    );
    const { out, code } = scan('--vex', ahead, '--fail-on', 'any');
    expect(code).toBe(1);
    expect(out).toContain('1 statement, 0 used');
    expect(out).toContain('its date 2099-01-01T00:00:00Z is more than a day ahead');
  });

  it('identifiers that contradict each other do not pass a gate, and are listed', () => {
    const products = [
      { '@id': 'pkg:deb/debian/libssl3@3.0.6-1', identifiers: { purl: 'pkg:deb/debian/libssl3@3.0.7-1' } },
    ];
    const { out, code } = scan('--vex', save('two.json', openvex([about(products)])), '--fail-on', 'any');
    expect(code).toBe(1);
    expect(out).toContain('its identifiers contradict each other: 3.0.6-1, 3.0.7-1');
  });

  it('JSON keeps its schema', () => {
    const document = JSON.parse(scan('--vex', file, '-o', 'json').out);
    expect(schemaErrors('scan-result', document)).toEqual([]);
    expect(document.verdicts[0].ignored.by).toBe('vex');
    expect(document.exceptions.vex[0]).toMatchObject({ statements: 2, used: 1 });
  });

  it('a folder: every document in it, others are noted', () => {
    const place = temporaryFolder();
    writeFileSync(join(place, 'a.json'), openvex([about([{ '@id': 'pkg:deb/debian/libssl3' }])]));
    writeFileSync(join(place, 'index.json'), '{"packages":[]}');
    const { out, code } = scan('--vex', place, '--fail-on', 'any');

    expect(code).toBe(0);
    expect(out).toContain(`note: no vex document at ${join(place, 'index.json')}`);
  });

  it('a file that is none is an error, and so is a missing one', () => {
    expect(scan('--vex', save('sbom.json', '{"bomFormat":"CycloneDX"}'))).toMatchObject({ code: 2, out: '' });
    expect(scan('--vex', join(folder, 'nowhere.json')).code).toBe(2);
  });

  it('a directory has no attached documents', () => {
    const { code, err } = scan('--vex', 'oci');
    expect(code).toBe(2);
    expect(err).toContain('[IMAGE_REFERENCE_INVALID]');
  });
});

describe('the exit code of every combination', () => {
  const policies = {
    none: undefined,
    ignores: 'ignore:\n  - vulnerability: CVE-2023-0286\n    reason: x\n',
    other: 'ignore:\n  - vulnerability: CVE-1999-1\n    reason: x\n',
    expired: 'ignore:\n  - vulnerability: CVE-2023-0286\n    reason: x\n    until: 2020-01-01\n',
  };
  const product = [{ '@id': 'pkg:deb/debian/libssl3@3.0.7-1' }];
  const vexes = {
    none: undefined,
    'not affected': about(product),
    fixed: about(product, { status: 'fixed' }),
    affected: about(product, { status: 'affected' }),
    'other version': about([{ '@id': 'pkg:deb/debian/libssl3@1' }]),
  };
  const baselines = { none: undefined, known: ['CVE-2023-0286'], new: [] as string[] };
  const images = { covered: root(), uncovered: root(stanza('our-app', '1.0')) };
  const gates = { none: [] as string[], high: ['--fail-on', 'high', '--allow-unrated'] };

  const rows = Object.keys(policies).flatMap((policy) =>
    Object.keys(vexes).flatMap((vex) =>
      Object.keys(baselines).flatMap((baseline) =>
        Object.keys(images).flatMap((which) =>
          Object.keys(gates).map((gate) => ({ policy, vex, baseline, which, gate })),
        ),
      ),
    ),
  );

  it(`is 4 where something is not covered, 1 where a flaw above the gate is not put aside, otherwise 0 (${rows.length} rows)`, async () => {
    const wrong: object[] = [];
    const byProcess = new Set<string>();
    for (const row of rows) {
      const policy = policies[row.policy as keyof typeof policies];
      const vex = vexes[row.vex as keyof typeof vexes];
      const baseline = baselines[row.baseline as keyof typeof baselines];
      const former = baseline?.map((vulnerability) => ({ ...libssl, vulnerability }));
      const argv = [
        ...['scan', `dir:${images[row.which as keyof typeof images]}`, '--feed', feed, '--max-age', '0'],
        ...(policy === undefined ? [] : ['--policy', save('p.yaml', policy)]),
        ...(vex === undefined ? [] : ['--vex', save('v.json', openvex([vex]))]),
        ...(former === undefined
          ? []
          : [
              '--baseline',
              save('b.json', JSON.stringify({ format: 'scapfeed/scan-result/1', verdicts: former })),
            ]),
        ...gates[row.gate as keyof typeof gates],
      ];
      const { code } = await runHere(argv);
      const aside =
        row.policy === 'ignores' ||
        row.vex === 'not affected' ||
        row.vex === 'fixed' ||
        row.baseline === 'known';
      const expected = row.which === 'uncovered' ? 4 : row.gate === 'high' && !aside ? 1 : 0;
      if (code !== expected) wrong.push({ ...row, code, expected });
      const told = `${code} ${gates[row.gate as keyof typeof gates]}`;
      if (byProcess.has(told)) continue;
      // And one row of each kind by the command.
      byProcess.add(told);
      expect(scapfeed(argv, {}, folder).code, told).toBe(code);
    }
    expect(byProcess.size).toBe(5);

    expect(wrong).toEqual([]);
  }, 300_000);
});

describe('--baseline', () => {
  const covered = root();
  const scan = (...args: string[]) =>
    scapfeed(['scan', `dir:${covered}`, '--feed', feed, '--max-age', '0', ...args], {}, folder);

  it('what the former result has is known: only new flaws count', () => {
    const former = save('former.json', scan('-o', 'json').out);
    const { out, code } = scan('--baseline', former, '--fail-on', 'any');

    expect(code).toBe(0);
    expect(out).toContain('1 flaw in the baseline: --show-ignored lists them');
    expect(out).toContain(`baseline ${former}: 1 flaw known, 0 gone`);
  });

  it('of another release hides what that one had, and says so', () => {
    const { platform, ...former } = JSON.parse(scan('-o', 'json').out) as { platform: object };
    const older = save(
      'older.json',
      JSON.stringify({ ...former, platform: { ...platform, id: 'debian-11' } }),
    );
    const note = `note: baseline of other release at ${older}: a result of debian-11, and this is debian-12: 1 flaw of it is not counted here\n`;
    const { out, err } = scan('--baseline', older);
    expect(out).toContain(note);
    expect(err).toContain(note);
    // A pipeline may read neither: the gate's own lines are on stderr.
    expect(scan('--baseline', older, '-o', 'json').err).toContain(note);
    expect(JSON.parse(scan('--baseline', older, '-o', 'json').out).inventory.notes).toContainEqual(
      expect.objectContaining({ code: 'baseline_of_other_release', where: older }),
    );
    const same = scan('--baseline', save('former.json', scan('-o', 'json').out));
    expect(`${same.out}${same.err}`).not.toContain('other release');
  });

  it('of another image hides what that one had, and says so', () => {
    const { image, ...former } = JSON.parse(scan('-o', 'json').out) as { image: object };
    const other = save(
      'other.json',
      JSON.stringify({ ...former, image: { ...image, reference: 'registry.example.org/shop:1' } }),
    );
    const note = `note: baseline of other image at ${other}: a result of registry.example.org/shop:1, and this is dir:${covered}: 1 flaw of it is not counted here\n`;
    const { out, err } = scan('--baseline', other);
    expect(out).toContain(note);
    expect(err).toContain(note);
    const same = scan('--baseline', save('former.json', scan('-o', 'json').out));
    expect(`${same.out}${same.err}`).not.toContain('other image');
  });

  it('made with a filter is refused: what that left out would count as new', () => {
    const filtered = save('filtered.json', scan('-o', 'json', '--severity', 'critical').out);
    const { code, err } = scan('--baseline', filtered);
    expect(err).toMatch(
      /made with --severity or --only-fixed, which left out [1-9]\d* flaws?: .* count as new \[POLICY_INVALID\]/,
    );
    expect(code).toBe(2);
  });

  const twice = '{"format":"scapfeed/scan-result/1","verdicts":[],"verdicts":[]}';
  const later = '{"format":"scapfeed/scan-result/9","verdicts":[]}';
  const laterOfSeveral = '{"format":"scapfeed/scan-results/9","targets":[]}';
  const broken = '{"format":"scapfeed/scan-result/1","verdicts":[{}]}';
  it.each(['{}', '[]', '{', broken, twice, later, laterOfSeveral])('%s is refused', (text) => {
    const { code, err } = scan('--baseline', save('broken.json', text));
    expect(code).toBe(2);
    expect(err).toContain('[POLICY_INVALID]');
  });
});

describe('a CycloneDX document about something else than an image', () => {
  const purl = 'pkg:deb/debian/libssl3@3.0.7-1';
  const of = (component: object, ref = purl) =>
    Buffer.from(
      JSON.stringify({
        ...{ bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { component } },
        components: [{ type: 'library', 'bom-ref': 'c', name: 'libssl3', purl }],
        vulnerabilities: [
          {
            id: 'CVE-2023-0286',
            analysis: { state: 'not_affected', detail: 'not used' },
            affects: [{ ref }],
          },
        ],
      }),
    );
  const shop = { type: 'application', name: 'shop', version: '2' };

  it('clears, and a note names its subject', () => {
    expect(apply(of(shop))).toMatchObject({
      cleared: ['CVE-2023-0286'],
      notes: [
        {
          code: 'vex_of_another_subject',
          where: 'vex.json',
          detail: 'it is about application shop 2, which is not known to be in this image',
        },
      ],
    });
  });

  it.each<[string, object]>([
    ['the system of the image', { type: 'operating-system', name: 'debian', version: '12' }],
    ['the package itself', { type: 'library', name: 'libssl3', purl }],
    ['nothing', {}],
  ])('about %s, it has no such note', (_, subject) => {
    expect(apply(of(subject))).toMatchObject({ cleared: ['CVE-2023-0286'], notes: [] });
  });

  it.each<[string, object, string]>([
    ['another release', { type: 'operating-system', name: 'debian', version: '11' }, 'debian 11'],
    ['a subject without a name', { type: 'firmware' }, 'firmware without a name'],
  ])('about %s, it has one', (_, subject, words) => {
    expect(apply(of(subject)).notes[0]?.detail).toContain(words);
  });

  it('that clears nothing has none', () => {
    expect(apply(of(shop, 'pkg:deb/debian/bash@1')).notes).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isScapfeedError } from '../../src/model/error.ts';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { applyVex, type ImageIdentity, readVexDocument } from '../../src/vex/index.ts';
import { deb } from '../support/small-feed.ts';

const right = 'a'.repeat(64);
const wrong = 'b'.repeat(64);
const image: ImageIdentity = {
  reference: 'registry:docker.io/library/app:1',
  digest: `sha256:${right}`,
  architecture: 'amd64',
  os: { id: 'debian', versionId: '12', cpe: 'cpe:/o:debian:debian_linux:12', found: '/etc/os-release' },
};
const verdict: ViewedVerdict = {
  vulnerability: 'CVE-2024-1',
  platform: 'debian-12',
  package: deb('libssl3', '3.0.7-1', 'openssl'),
  status: 'affected',
  fixState: 'none_yet',
  severity: 'high',
  advisories: [],
  marks: [],
  evidence: 'x',
};

/** Whether the flaw of libssl3 3.0.7-1 in Debian 12 is cleared; a document that is refused clears nothing. */
function isCleared(text: string): boolean {
  try {
    const read = readVexDocument(Buffer.from(text), 'vex.json');
    return applyVex([verdict], [read], image, new Date('2026-01-02')).verdicts[0]?.ignored !== undefined;
  } catch (error) {
    if (isScapfeedError(error) && error.code === 'VEX_INVALID') return false;
    throw error;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: documents are changed in any place
type Json = Record<string, any>;

/** One more thing that a document says, and whether the flaw may be cleared of a document that says it. */
type Saying = readonly [allows: boolean, say: (document: Json) => void];
type Sayings = Readonly<Record<string, Saying>>;

const nothing: Saying = [true, () => {}];
const purl = 'pkg:deb/debian/libssl3';
const app = (version: string) => `cpe:2.3:a:openssl:openssl:${version}:*:*:*:*:*:*:*`;
const system = (version: string) => `cpe:2.3:o:debian:debian_linux:${version}:*:*:*:*:*:*:*`;

/** Suffixes of a package URL without a version. */
const urls: Readonly<Record<string, boolean>> = {
  '': true,
  '@3.0.7-1': true,
  '@3.0.6-1': false,
  '@': false,
  '?arch=amd64': true,
  '?arch=arm64': false,
  '?arch=amd64&arch=amd64': false,
  '?arch=source&arch=amd64': false,
  '?arch=amd64&arch=arm64': false,
  '?amd64': false,
  '?repository_id=main': false,
  '#usr/lib': false,
};
const urlsWith = (write: (document: Json, url: string) => void): Sayings =>
  Object.fromEntries(
    Object.entries(urls).map(([end, allows]) => [
      end,
      [allows, (document: Json) => write(document, purl + end)],
    ]),
  );

interface Format {
  base: () => Json;
  /** Of each list a document says one thing. */
  sayings: readonly Sayings[];
}

const openVexStatement = (status: string, id = purl, name = 'CVE-2024-1') => ({
  vulnerability: { name },
  status,
  products: [{ '@id': id }],
});
const openVexProduct = ({ statements }: Json): Json => {
  const [product] = statements[0].products;
  return product.subcomponents?.[0] ?? product;
};
const inImage =
  (product: Json) =>
  ({ statements: [statement] }: Json): void => {
    statement.products = [{ ...product, subcomponents: statement.products }];
  };
const openVexBeside = (allows: boolean, ...statement: Parameters<typeof openVexStatement>): Saying => [
  allows,
  ({ statements }) => statements.push(openVexStatement(...statement)),
];
const openVexIdentifiers = (allows: boolean, identifiers: Json): Saying => [
  allows,
  (document) => Object.assign(openVexProduct(document), { identifiers }),
];

const openVex: Format = {
  base: () => ({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    timestamp: '2026-01-01T00:00:00Z',
    statements: [{ ...openVexStatement('not_affected'), justification: 'component_not_present' }],
  }),
  sayings: [
    urlsWith((document, url) => Object.assign(openVexProduct(document), { '@id': url })),
    {
      nothing,
      'a package URL': openVexIdentifiers(true, { purl: `${purl}@3.0.7-1` }),
      'a package URL of another version': openVexIdentifiers(false, { purl: `${purl}@3.0.6-1` }),
      'a CPE': openVexIdentifiers(true, { cpe23: app('3.0.7') }),
      'a CPE of another version': openVexIdentifiers(false, { cpe23: app('3.0.6') }),
      'two CPEs': openVexIdentifiers(false, { cpe22: 'cpe:/a:openssl:openssl:3.0.7', cpe23: app('3.0.6') }),
      'the system': openVexIdentifiers(true, { cpe23: system('12') }),
      'another system': openVexIdentifiers(false, { cpe23: system('11') }),
      'a CPE of this target': openVexIdentifiers(true, {
        cpe23: 'cpe:2.3:a:openssl:openssl:3.0.7:*:*:*:*:linux:x64:*',
      }),
      'a CPE of another software': openVexIdentifiers(false, {
        cpe23: 'cpe:2.3:a:openssl:openssl:3.0.7:*:*:*:*:windows:*:*',
      }),
      'a CPE of other hardware': openVexIdentifiers(false, {
        cpe23: 'cpe:2.3:a:openssl:openssl:3.0.7:*:*:*:*:*:arm64:*',
      }),
      'a CPE of an edition': openVexIdentifiers(false, {
        cpe23: 'cpe:2.3:a:openssl:openssl:3.0.7:*:fips:*:*:*:*:*',
      }),
      'a CPE of an edition of software': openVexIdentifiers(false, {
        cpe23: 'cpe:2.3:a:openssl:openssl:3.0.7:*:*:*:premium:*:*:*',
      }),
      'a CPE of a language': openVexIdentifiers(false, { cpe22: 'cpe:/a:openssl:openssl:3.0.7:::de' }),
      'a CPE with a packed edition': openVexIdentifiers(false, {
        cpe22: 'cpe:/a:openssl:openssl:3.0.7::~~~windows~~',
      }),
      'a CPE of another product': openVexIdentifiers(false, {
        cpe23: 'cpe:2.3:a:apache:httpd:*:*:*:*:*:*:*:*',
      }),
      'a CPE with a blank': openVexIdentifiers(false, { cpe23: 'cpe:2.3:a:openssl:open ssl:3.0.7' }),
      'the system in an edition': openVexIdentifiers(false, {
        cpe22: 'cpe:/o:debian:debian_linux:12::server',
      }),
      'another identifier': openVexIdentifiers(false, { gtin: '4006381333931' }),
    },
    {
      nothing,
      'a hash': [
        false,
        (document) => Object.assign(openVexProduct(document), { hashes: { 'sha-256': right } }),
      ],
      'a hash of another kind': [
        false,
        (document) => Object.assign(openVexProduct(document), { hashes: { md5: 'c'.repeat(32) } }),
      ],
    },
    {
      nothing,
      'in the image': [true, inImage({ '@id': 'docker.io/library/app:1' })],
      'in another image': [false, inImage({ '@id': 'docker.io/library/app:2' })],
      'in the tag of docker': [true, inImage({ '@id': 'pkg:docker/library/app@1' })],
      'in another tag of docker': [false, inImage({ '@id': 'pkg:docker/library/app@2' })],
      'in two tags of docker': [false, inImage({ '@id': 'pkg:docker/library/app@1?tag=2' })],
      'with a part that is beside': [
        true,
        ({ statements: [statement] }) => {
          statement.subcomponents = statement.products;
          statement.products = ['app:1'];
        },
      ],
      'of a whole with no part': [
        false,
        ({ statements: [statement] }) => {
          statement.products = [{ '@id': 'app:1', subcomponents: [] }];
        },
      ],
      'with parts in it and beside': [
        false,
        (document) => {
          inImage({ '@id': 'app:1' })(document);
          document['statements'][0].subcomponents = [{ '@id': 'pkg:deb/debian/zlib1g' }];
        },
      ],
      'in the digest': [true, inImage({ '@id': `pkg:oci/app@sha256:${right}` })],
      'in another digest': [false, inImage({ '@id': `pkg:oci/app@sha256:${wrong}` })],
      'in the image of two tags': [false, inImage({ '@id': 'pkg:oci/app?tag=1&tag=2' })],
      'in the image of a hash': [true, inImage({ '@id': 'app:1', hashes: { 'sha-256': right } })],
      'in the image of another hash': [false, inImage({ '@id': 'app:1', hashes: { 'sha-256': wrong } })],
      'in the image of a sha-512': [false, inImage({ '@id': 'app:1', hashes: { 'sha-512': right + right } })],
      'in the image of the system': [true, inImage({ '@id': 'app:1', identifiers: { cpe23: system('12') } })],
      'in the image of another system': [
        false,
        inImage({ '@id': 'app:1', identifiers: { cpe23: system('11') } }),
      ],
      'in the image of an application': [
        false,
        inImage({ '@id': 'app:1', identifiers: { cpe23: app('1') } }),
      ],
    },
    {
      nothing,
      affected: openVexBeside(false, 'affected'),
      'a status in capitals': openVexBeside(false, 'AFFECTED'),
      'a status that is none': openVexBeside(false, 'vulnerable'),
      'affected of another package': openVexBeside(true, 'affected', 'pkg:deb/debian/zlib1g'),
      'affected of another version': openVexBeside(true, 'affected', `${purl}@3.0.6-1`),
      'affected by another flaw': openVexBeside(true, 'affected', purl, 'CVE-2024-2'),
      'affected of an architecture twice': openVexBeside(false, 'affected', `${purl}?arch=arm64&arch=amd64`),
      'affected, of a qualifier that nobody knows': openVexBeside(
        false,
        'affected',
        `${purl}?repository_id=x`,
      ),
      'affected, of a release in another form': openVexBeside(
        false,
        'affected',
        `${purl}?distro=Debian%2012`,
      ),
      'affected, of another release': openVexBeside(true, 'affected', `${purl}?distro=debian-11`),
      'affected, of the source': openVexBeside(false, 'affected', 'pkg:deb/debian/openssl'),
      'affected, of a part of the version': openVexBeside(false, 'affected', `${purl}@3.0.7`),
      'affected, with a blank in the package': openVexBeside(false, 'affected', ` ${purl}`),
      'affected, in capitals': openVexBeside(false, 'affected', 'pkg:deb/Debian/LibSSL3'),
      'affected, with a blank in the flaw': openVexBeside(false, 'affected', purl, ' CVE-2024- 1'),
      'affected, by two flaws in one text': openVexBeside(false, 'affected', purl, 'CVE-2024-2, CVE-2024-1'),
      'affected, by the CPE alone': [
        false,
        ({ statements }) =>
          statements.push({
            ...openVexStatement('affected'),
            products: [{ identifiers: { cpe23: app('3.0.7') } }],
          }),
      ],
    },
  ],
};

const csafProduct = ({ product_tree: { branches } }: Json): Json => {
  let [branch] = branches;
  while (branch.branches) [branch] = branch.branches;
  return branch.product;
};
const csafHelper = (allows: boolean, helper: Json): Saying => [
  allows,
  (document) => Object.assign(csafProduct(document).product_identification_helper, helper),
];
const inBranch = (allows: boolean, category: string, name: string): Saying => [
  allows,
  ({ product_tree: tree }) => {
    tree.branches = [{ category, name, branches: tree.branches }];
  },
];
/** `rest`: of another vulnerability; absent: of the same, as no CVE may stand twice. */
const csafBeside = (allows: boolean, list: string, rest?: Json): Saying => [
  allows,
  ({ vulnerabilities }) => {
    if (rest) vulnerabilities.push({ ...rest, product_status: { [list]: ['P', 'X'] } });
    else Object.assign(vulnerabilities[0].product_status, { [list]: ['P', 'X'] });
  },
];
/** The product in another one, with an identification of its own, by a relationship of 2.0 or a path of 2.1. */
const csafIn = (allows: boolean, other: Json, own: Json = {}): Saying => [
  allows,
  (document) => {
    const { product_tree: tree, vulnerabilities } = document;
    const full = (product_id: string, helper: Json) => ({
      product_id,
      name: product_id,
      ...(Object.keys(helper).length > 0 && { product_identification_helper: helper }),
    });
    tree.full_product_names = [full('O', other)];
    if (document['document'].csaf_version === '2.0')
      tree.relationships = [
        {
          category: 'default_component_of',
          product_reference: 'P',
          relates_to_product_reference: 'O',
          full_product_name: full('X', own),
        },
      ];
    else
      tree.product_paths = [
        {
          beginning_product_reference: 'P',
          subpaths: [{ category: 'installed_on', next_product_reference: 'O' }],
          full_product_name: full('X', own),
        },
      ];
    vulnerabilities[0].product_status = { known_not_affected: ['X'] };
  },
];

const csaf = (csaf_version: string): Format => ({
  base: () => ({
    document: { csaf_version, tracking: { current_release_date: '2026-01-01T00:00:00Z', status: 'final' } },
    product_tree: {
      branches: [
        {
          category: 'product_name',
          name: 'libssl3',
          product: { product_id: 'P', name: 'libssl3', product_identification_helper: { purls: [purl] } },
        },
      ],
      full_product_names: [{ product_id: 'X', name: 'x' }],
    },
    vulnerabilities: [{ cve: 'CVE-2024-1', product_status: { known_not_affected: ['P'] } }],
  }),
  sayings: [
    urlsWith((document, url) => {
      csafProduct(document)['product_identification_helper'].purls = [url];
    }),
    {
      nothing,
      'a CPE': csafHelper(true, { cpe: app('3.0.7') }),
      'a CPE of another version': csafHelper(false, { cpe: app('3.0.6') }),
      'another system': csafHelper(false, { cpe: system('11') }),
      'a serial number': csafHelper(false, { serial_numbers: ['1'] }),
      'an SBOM': csafHelper(true, { sbom_urls: ['https://example.test/sbom.json'] }),
      'a hash': csafHelper(false, {
        hashes: [{ filename: 'x', file_hashes: [{ algorithm: 'sha256', value: right }] }],
      }),
      'a hash of another kind': csafHelper(false, {
        hashes: [{ filename: 'x', file_hashes: [{ algorithm: 'sha512', value: right + right }] }],
      }),
    },
    {
      nothing,
      vendor: inBranch(true, 'vendor', 'Debian'),
      version: inBranch(true, 'product_version', '3.0.7-1'),
      'another version': inBranch(false, 'product_version', '3.0.6-1'),
      'a version with the name': inBranch(false, 'product_version', 'libssl3 3.0.6-1'),
      'the name and a version': inBranch(false, 'product_version', 'libssl3-3.0.6-1'),
      'the name in the place of the version': inBranch(true, 'product_version', 'openssl/libssl3'),
      'a range': inBranch(true, 'product_version_range', 'vers:deb/<3.0.8'),
      'another range': inBranch(false, 'product_version_range', 'vers:deb/<3.0.6'),
      'a category in capitals': inBranch(false, 'PRODUCT_VERSION_RANGE', 'vers:deb/<3.0.6'),
      'a category with a capital': inBranch(false, 'Product_Version', '3.0.7-1'),
      'a category that is none': inBranch(false, 'version', '3.0.6-1'),
      'a patch level': inBranch(false, 'patch_level', '3'),
      'a host': inBranch(false, 'host_name', 'a.example.test'),
      architecture: inBranch(true, 'architecture', 'amd64'),
      'another architecture': inBranch(false, 'architecture', 'arm64'),
    },
    {
      nothing,
      VEX: [true, ({ document }) => Object.assign(document, { category: 'csaf_vex' })],
      'a document that was withdrawn': [
        false,
        ({ document }) => Object.assign(document, { category: 'csaf_withdrawn' }),
      ],
      'a document that another one replaces': [
        false,
        ({ document }) => Object.assign(document, { category: 'csaf_superseded' }),
      ],
    },
    {
      nothing,
      'in the system': csafIn(true, { cpe: system('12') }),
      'in an edition of the system': csafIn(false, { cpe: 'cpe:/o:debian:debian_linux:12::server' }),
      'in another system': csafIn(false, { cpe: system('11') }),
      'in a system of a serial number': csafIn(false, { cpe: system('12'), serial_numbers: ['1'] }),
      'with a CPE of its own': csafIn(true, { cpe: system('12') }, { cpe: app('3.0.7') }),
      'with a CPE of its own of another version': csafIn(false, { cpe: system('12') }, { cpe: app('3.0.6') }),
      'with another system of its own': csafIn(false, { cpe: system('12') }, { cpe: system('11') }),
      'with a hash of its own': csafIn(
        false,
        { cpe: system('12') },
        { hashes: [{ filename: 'x', file_hashes: [{ algorithm: 'sha256', value: right }] }] },
      ),
      'with a package URL of its own': csafIn(true, { cpe: system('12') }, { purls: [`${purl}@3.0.7-1`] }),
      'with a package URL of its own in another system': csafIn(
        false,
        { cpe: system('11') },
        { purls: [`${purl}?distro=debian-12`] },
      ),
      'in a product that is not named': [
        false,
        (document) => {
          csafIn(false, { cpe: system('12') }, { purls: [purl] })[1](document);
          const { relationships, product_paths: paths } = document['product_tree'];
          delete relationships?.[0].relates_to_product_reference;
          delete paths?.[0].subpaths[0].next_product_reference;
        },
      ],
      'in the image of a version': csafIn(false, { purls: ['pkg:oci/app?tag=2'] }),
    },
    {
      nothing,
      recommended: csafBeside(true, 'recommended'),
      affected: csafBeside(false, 'known_affected'),
      unknown: csafBeside(false, 'unknown'),
      'a list with capitals': csafBeside(false, 'Known_Affected'),
      'a list that is none': csafBeside(false, 'wont_fix'),
      'affected by another flaw': csafBeside(true, 'known_affected', { cve: 'CVE-2024-2' }),
      'affected by an id of some products': csafBeside(false, 'known_affected', {
        ids: [{ system_name: 'x', text: 'CVE-2024-1', product_ids: ['P'] }],
      }),
    },
  ],
});

const cycloneDxComponent = (allows: boolean, members: Json): Saying => [
  allows,
  ({ components: [component] }) => Object.assign(component, members),
];
const cycloneDxVersions = (allows: boolean, ...versions: readonly Json[]): Saying => [
  allows,
  ({ vulnerabilities: [{ affects }] }) => Object.assign(affects[0], { versions }),
];
const cycloneDxSubject = (allows: boolean, component: Json): Saying => [
  allows,
  ({ metadata }) => Object.assign(metadata, { component }),
];
const identityOf = (field: string, concludedValue: string) => ({ identity: [{ field, concludedValue }] });
const cycloneDxBeside = (allows: boolean, state: string, id = 'CVE-2024-1'): Saying => [
  allows,
  ({ vulnerabilities }) => vulnerabilities.push({ id, analysis: { state }, affects: [{ ref: 'c1' }] }),
];

const cycloneDx: Format = {
  base: () => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    version: 1,
    metadata: { timestamp: '2026-01-01T00:00:00Z' },
    components: [{ type: 'library', 'bom-ref': 'c1', name: 'libssl3', purl }],
    vulnerabilities: [{ id: 'CVE-2024-1', analysis: { state: 'not_affected' }, affects: [{ ref: 'c1' }] }],
  }),
  sayings: [
    urlsWith(({ components: [component] }, url) => Object.assign(component, { purl: url })),
    {
      nothing,
      version: cycloneDxComponent(true, { version: '3.0.7-1' }),
      'another version': cycloneDxComponent(false, { version: '3.0.6-1' }),
      'a range': cycloneDxComponent(false, { versionRange: 'vers:deb/<3.0.6' }),
      'a CPE': cycloneDxComponent(true, { cpe: app('3.0.7') }),
      'a CPE of another version': cycloneDxComponent(false, { cpe: app('3.0.6') }),
      'another system': cycloneDxComponent(false, { cpe: system('11') }),
      'a hash': cycloneDxComponent(false, { hashes: [{ alg: 'SHA-1', content: 'c'.repeat(40) }] }),
      'a SWID tag': cycloneDxComponent(false, { swid: { tagId: 'x', name: 'x' } }),
      'an OmniBOR id': cycloneDxComponent(false, { omniborId: ['gitoid:blob:sha1:x'] }),
      'evidence of it': cycloneDxComponent(true, { evidence: identityOf('purl', `${purl}@3.0.7-1`) }),
      'evidence of 1.5': cycloneDxComponent(true, { evidence: { identity: { field: 'purl' } } }),
      'evidence of another package': cycloneDxComponent(false, {
        evidence: identityOf('purl', 'pkg:deb/debian/zlib1g'),
      }),
      'evidence of another version': cycloneDxComponent(false, {
        evidence: identityOf('purl', `${purl}@3.0.6-1`),
      }),
      'evidence of 1.5 of another version': cycloneDxComponent(false, {
        evidence: { identity: { field: 'purl', concludedValue: `${purl}@3.0.6-1` } },
      }),
      'evidence of a CPE': cycloneDxComponent(true, { evidence: identityOf('cpe', app('3.0.7')) }),
      'evidence of another CPE': cycloneDxComponent(false, { evidence: identityOf('cpe', app('3.0.6')) }),
      'evidence of the name': cycloneDxComponent(true, { evidence: identityOf('name', 'libssl3') }),
      'evidence of another name': cycloneDxComponent(false, { evidence: identityOf('name', 'zlib1g') }),
      'evidence of a hash': cycloneDxComponent(false, { evidence: identityOf('hash', right) }),
    },
    {
      nothing,
      'about an application': cycloneDxSubject(true, { type: 'application', name: 'shop', version: '2' }),
      'about a system': cycloneDxSubject(true, { type: 'operating-system', name: 'debian', version: '12' }),
      'about the image': cycloneDxSubject(true, { name: 'app', purl: `pkg:oci/app@sha256:${right}` }),
      'about another image': cycloneDxSubject(false, { name: 'app', purl: `pkg:oci/app@sha256:${wrong}` }),
      'about the tag': cycloneDxSubject(true, { type: 'container', name: 'app', purl: 'pkg:docker/app@1' }),
      'about another tag': cycloneDxSubject(false, { name: 'app', purl: 'pkg:docker/app@2' }),
      'about another image, in its reference': cycloneDxSubject(false, {
        type: 'container',
        ...{ 'bom-ref': `pkg:oci/app@sha256:${wrong}`, name: 'app' },
      }),
      'about the name': cycloneDxSubject(true, { type: 'container', name: 'docker.io/library/app:1' }),
      'about the name and tag': cycloneDxSubject(true, { type: 'container', name: 'app', version: '1' }),
      'about another name': cycloneDxSubject(false, { type: 'container', name: 'docker.io/library/app:2' }),
      'about the digest': cycloneDxSubject(true, {
        type: 'container',
        ...{ name: 'x', version: `sha256:${right}` },
      }),
      'about another digest': cycloneDxSubject(false, {
        type: 'container',
        ...{ name: 'app:1', version: `sha256:${wrong}` },
      }),
      'about an image that cannot be read': cycloneDxSubject(false, { name: 'app', purl: 'pkg:oci/' }),
      'about an image with a blank': cycloneDxSubject(false, { name: 'app', purl: ` pkg:oci/app@${wrong}` }),
      'about another image, by its evidence': cycloneDxSubject(false, {
        name: 'app',
        evidence: identityOf('purl', `pkg:oci/app@sha256:${wrong}`),
      }),
      'about the image, by its evidence': cycloneDxSubject(true, {
        name: 'app',
        evidence: identityOf('purl', `pkg:oci/app@sha256:${right}`),
      }),
      'about the name and another hash': cycloneDxSubject(false, {
        type: 'container',
        ...{ name: 'app', version: '1', hashes: [{ alg: 'SHA-256', content: wrong }] },
      }),
      'about the image of another architecture': cycloneDxSubject(false, {
        name: 'app',
        purl: `pkg:oci/app@sha256:${right}?arch=arm64`,
      }),
    },
    {
      nothing,
      'the reference of this document': [
        true,
        ({ vulnerabilities: [{ affects }] }) => {
          affects[0].ref = 'urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#c1';
        },
      ],
      'a reference of another document': [
        false,
        ({ vulnerabilities: [{ affects }] }) => {
          affects[0].ref = 'urn:cdx:00000000-395b-41f5-a30f-a58921a69b79/1#c1';
        },
      ],
    },
    {
      nothing,
      unaffected: cycloneDxVersions(true, { version: '3.0.7-1', status: 'unaffected' }),
      'unaffected in another': cycloneDxVersions(false, { version: '3.0.6-1', status: 'unaffected' }),
      'of no version': cycloneDxVersions(false),
      affected: cycloneDxVersions(
        false,
        { range: 'vers:deb/<4', status: 'unaffected' },
        { version: '3.0.7-1', status: 'affected' },
      ),
      'affected, of no version': cycloneDxVersions(
        false,
        { range: 'vers:deb/<4', status: 'unaffected' },
        { status: 'affected' },
      ),
      'a status in capitals': cycloneDxVersions(
        false,
        { range: 'vers:deb/<4', status: 'unaffected' },
        { version: '3.0.7-1', status: 'AFFECTED' },
      ),
    },
    {
      nothing,
      affected: cycloneDxBeside(false, 'exploitable'),
      'a state in capitals': cycloneDxBeside(false, 'EXPLOITABLE'),
      'affected by another flaw': cycloneDxBeside(true, 'exploitable', 'CVE-2024-2'),
    },
  ],
};

const formats: Readonly<Record<string, Format>> = {
  OpenVEX: openVex,
  'CSAF 2.0': csaf('2.0'),
  'CSAF 2.1': csaf('2.1'),
  CycloneDX: cycloneDx,
};

function documentOf({ base }: Format, sayings: readonly Saying[]): Json {
  const document = base();
  for (const [, say] of sayings) say(document);
  return document;
}

/** A text in which one member has another spelling or type, or is there twice. */
function* misspelled(document: Json): Generator<readonly [what: string, text: string]> {
  for (const [holder, name, pointer] of membersOf(document, '')) {
    const value = holder[name];
    const others: Json = { number: 5, null: null, truth: true };
    // An object of no members says nothing of what they would.
    if (typeof value !== 'object') Object.assign(others, { object: {}, list: [value] });
    // Inventories write an empty text for what they do not know of a component.
    if (!/^\/(?:components\/\d+|metadata\/component)\//.test(pointer)) others['empty'] = '';
    if (typeof value === 'string' && /^[a-z_]+$/.test(value)) others['capitals'] = value.toUpperCase();
    for (const [type, other] of Object.entries(others)) {
      holder[name] = other;
      yield [`${pointer}: ${type}`, JSON.stringify(document)];
    }
    holder[name] = value;
    if (Array.isArray(holder)) continue;
    const text = JSON.stringify(document);
    const entries = Object.entries(holder);
    const own = JSON.stringify(holder);
    const renamed = (to: string) =>
      JSON.stringify(Object.fromEntries(entries.map(([each, one]) => [each === name ? to : each, one])));
    for (const to of [
      name.toUpperCase(),
      name.charAt(0).toUpperCase() + name.slice(1),
      name.replace(/[-_]/, ''),
    ])
      if (to !== name) yield [`${pointer} as ${to}`, text.replace(own, renamed(to))];
    yield [`${pointer} twice`, text.replace(own, `{${JSON.stringify(name)}:null,${own.slice(1)}`)];
  }
}

function* membersOf(
  holder: Json,
  pointer: string,
): Generator<readonly [holder: Json, name: string, pointer: string]> {
  for (const [name, value] of Object.entries(holder)) {
    if (typeof value === 'object' && value !== null) yield* membersOf(value, `${pointer}/${name}`);
    yield [holder, name, `${pointer}/${name}`];
  }
}

describe.each(Object.entries(formats))('%s', (_, format) => {
  it('clears a flaw where all that it says allows that, and only there', () => {
    let cleared = 0;
    const saying = format.sayings.map((each) =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(Object.keys(each)[0]!) },
        fc.constantFrom(...Object.keys(each)),
      ),
    );
    fc.assert(
      fc.property(fc.tuple(...saying), (names) => {
        const said = names.map((name, at) => format.sayings[at]![name]!);
        const is = isCleared(JSON.stringify(documentOf(format, said)));
        cleared += is ? 1 : 0;
        expect(is).toBe(said.every(([allows]) => allows));
      }),
      { numRuns: 1_000, seed: 30 },
    );
    expect(cleared).toBeGreaterThan(50);
  });

  it.each(
    format.sayings.flatMap((each, at) =>
      Object.entries(each).map(([name, saying]) => [at, name, saying] as const),
    ),
  )('%i %s: does not clear more with a member of another type or spelling', (_at, _name, [allows, say]) => {
    const document = format.base();
    say(document);
    expect(isCleared(JSON.stringify(document))).toBe(allows);
    if (allows) return;
    const widened = [...misspelled(document)].filter(([, text]) => isCleared(text)).map(([what]) => what);
    expect(widened).toEqual([]);
  });
});

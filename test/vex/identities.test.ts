import { expect, it } from 'vitest';
import { isScapfeedError } from '../../src/model/error.ts';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { applyVex, type ImageIdentity, readVexDocument } from '../../src/vex/index.ts';
import { deb } from '../support/small-feed.ts';

const digest = 'a'.repeat(64);
/** Debian states no CPE in os-release. */
const image: ImageIdentity = {
  reference: 'registry:localhost:5999/group/project:1',
  digest: `sha256:${digest}`,
  architecture: 'amd64',
  os: { id: 'debian', versionId: '12', found: '/etc/os-release' },
};
const verdict: ViewedVerdict = {
  ...{ vulnerability: 'CVE-2024-1', platform: 'debian-12', package: deb('libssl3', '3.0.7-1', 'openssl') },
  ...{ status: 'affected', fixState: 'none_yet', severity: 'high' },
  ...{ advisories: [], marks: [], evidence: 'x' },
};

/** A document that is refused clears nothing. */
function isCleared(document: object | string): boolean {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  try {
    const read = readVexDocument(Buffer.from(text), 'vex');
    return applyVex([verdict], [read], image, new Date('2026-01-02')).verdicts[0]?.ignored !== undefined;
  } catch (error) {
    if (isScapfeedError(error) && error.code === 'VEX_INVALID') return false;
    throw error;
  }
}

const openVex = (product: object) => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  ...{ '@id': 'https://x.example/vex', author: 'x', timestamp: '2026-01-01T00:00:00Z', version: 1 },
  statements: [
    {
      ...{ vulnerability: { name: 'CVE-2024-1' }, products: [product], status: 'not_affected' },
      justification: 'vulnerable_code_not_present',
    },
  ],
});
const csaf = (tree: object) => ({
  document: {
    ...{
      category: 'csaf_vex',
      csaf_version: '2.0',
      title: 'x',
      publisher: { category: 'vendor', name: 'x' },
    },
    tracking: {
      ...{ id: 'x', status: 'final', version: '1' },
      ...{ initial_release_date: '2026-01-01T00:00:00Z', current_release_date: '2026-01-01T00:00:00Z' },
    },
  },
  product_tree: tree,
  vulnerabilities: [
    {
      ...{ cve: 'CVE-2024-1', product_status: { known_not_affected: ['P'] } },
      flags: [{ label: 'vulnerable_code_not_present', product_ids: ['P'] }],
    },
  ],
});
const within = (system: string, purl = 'pkg:deb/debian/libssl3?distro=debian-12') =>
  csaf({
    full_product_names: [
      { product_id: 'A', name: 'A', product_identification_helper: { purl } },
      { product_id: 'O', name: 'O', product_identification_helper: { cpe: system } },
    ],
    relationships: [
      {
        ...{ category: 'default_component_of', product_reference: 'A', relates_to_product_reference: 'O' },
        full_product_name: { product_id: 'P', name: 'P' },
      },
    ],
  });
const branch = (category: string, name: string, helper: object) =>
  csaf({
    branches: [
      { category, name, product: { product_id: 'P', name: 'P', product_identification_helper: helper } },
    ],
  });

const uuid = 'abcdefab-1111-4111-8111-111111111111';
const cycloneDx = (ref: string, version = '3.0.7-1') => ({
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${uuid}`, version: 1 },
  components: [{ type: 'library', 'bom-ref': 'D', name: 'libssl3', version, purl: 'pkg:deb/debian/libssl3' }],
  vulnerabilities: [{ id: 'CVE-2024-1', analysis: { state: 'not_affected' }, affects: [{ ref }] }],
});
const xml = (versions: string, attribute = 'bom-ref') =>
  `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library" ${attribute}="D"><name>libssl3</name>` +
  '<purl>pkg:deb/debian/libssl3</purl></component></components><vulnerabilities><vulnerability><id>CVE-2024-1</id>' +
  `<analysis><state>not_affected</state></analysis><affects><target><ref>D</ref>${versions}</target></affects>` +
  '</vulnerability></vulnerabilities></bom>';
const listed = (name: string, inside: string, version: string) =>
  `<${name}><version><${inside}>${version}</${inside}><status>unaffected</status></version></${name}>`;
const whole = cycloneDx('D').vulnerabilities[0]!;
const subject = (digest: string) => ({
  ...{ type: 'container', 'bom-ref': 'S', name: 'project', purl: `pkg:oci/project@sha256:${digest}` },
});
const aboutImage = (digest: string) => ({ ...cycloneDx('D'), metadata: { component: subject(digest) } });
const xmlAbout = (digest: string) =>
  xml('').replace(
    '<components>',
    `<metadata><component type="container"><name>project</name><version>sha256:${digest}</version></component></metadata><components>`,
  );
const attestation = (...digests: readonly string[]) => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: digests.map((sha256) => ({ name: 'x', digest: { sha256 } })),
  predicateType: 'https://openvex.dev/ns/v0.2.0',
  predicate: openVex({ '@id': 'pkg:deb/debian/libssl3' }),
});
const envelope = (statement: object) => ({
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
});
const package_ = { '@id': 'pkg:deb/debian/libssl3' };
const statement = openVex(package_).statements[0]!;

it.each<[string, boolean, object | string]>([
  [
    'a vulnerability by its address',
    true,
    {
      ...openVex(package_),
      statements: [{ ...statement, vulnerability: { '@id': 'https://x.example/CVE-2024-1' } }],
    },
  ],
  [
    'another one by its name',
    false,
    {
      ...openVex(package_),
      statements: [
        { ...statement, vulnerability: { name: 'CVE-2024-2', '@id': 'https://x.example/CVE-2024-1' } },
      ],
    },
  ],
  ['an attestation of the image', true, attestation(digest)],
  ['of another image', false, attestation('b'.repeat(64))],
  ['of several', true, attestation('b'.repeat(64), digest)],
  ['of none', false, attestation()],
  ['in an envelope', true, envelope(attestation(digest))],
  ['of another image, in an envelope', false, envelope(attestation('b'.repeat(64)))],
  [
    'CycloneDX about another image, in an attestation of the image',
    false,
    { ...attestation(digest), predicate: aboutImage('b'.repeat(64)) },
  ],
  ['XML about the image', true, xmlAbout(digest)],
  ['XML about another image', false, xmlAbout('b'.repeat(64))],
  ['XML with versions that list none', false, xml('<versions/>')],
  [
    'XML with evidence of another package',
    false,
    xml('').replace(
      '</component>',
      '<evidence><identity><field>purl</field><concludedValue>pkg:deb/debian/zlib1g</concludedValue></identity></evidence></component>',
    ),
  ],
  [
    'the image as a whole, in a document about it',
    true,
    { ...aboutImage(digest), vulnerabilities: [{ ...whole, affects: [{ ref: 'S' }] }] },
  ],
  [
    'another image as a whole, in a document about this one',
    false,
    {
      ...aboutImage(digest),
      vulnerabilities: [{ ...whole, affects: [{ ref: `pkg:oci/project@sha256:${'b'.repeat(64)}` }] }],
    },
  ],
  ['a date in another spelling', false, { ...openVex(package_), Timestamp: '2099-01-01T00:00:00Z' }],
  ['a component', true, cycloneDx('D')],
  ['of another version', false, cycloneDx('D', '3.0.6-1')],
  [
    'by a BOM-Link in other case, of another version',
    false,
    cycloneDx(`urn:cdx:${uuid.toUpperCase()}/1#D`, '3.0.6-1'),
  ],
  [
    'a package URL of another document',
    true,
    cycloneDx('urn:cdx:11111111-1111-4111-8111-111111111111/1#pkg:deb/debian/libssl3'),
  ],
  [
    'a reference to nothing that is the name of the image',
    false,
    cycloneDx('localhost:5999/group/project:1'),
  ],
  [
    'one in another document',
    false,
    cycloneDx('urn:cdx:11111111-1111-4111-8111-111111111111/1#localhost:5999/group/project:1'),
  ],
  ['XML', true, xml('')],
  ['XML with the version', true, xml(listed('versions', 'version', '3.0.7-1'))],
  ['XML with another version', false, xml(listed('versions', 'version', '3.0.6-1'))],
  ['XML with another version in another spelling', false, xml(listed('Versions', 'version', '3.0.6-1'))],
  ['XML with a range in another spelling', false, xml(listed('versions', 'Range', 'vers:deb/<3'))],
  ['XML with a reference in another spelling', false, xml('', 'bomRef')],
  [
    'a product that is defined twice',
    false,
    csaf({
      full_product_names: [
        { product_id: 'P', name: 'P', product_identification_helper: { purl: 'pkg:deb/debian/libssl3' } },
      ],
      branches: [{ category: 'architecture', name: 'arm64', product: { product_id: 'P', name: 'P' } }],
    }),
  ],
  ['a package in the system that its distro names', true, within('cpe:/o:debian:debian_linux:12')],
  ['in any version of that system', false, within('cpe:/o:debian:debian_linux')],
  ['in another system of the same version', false, within('cpe:/o:redhat:enterprise_linux:12')],
  ['in an application of that version', false, within('cpe:/a:debian:debian_linux:12')],
  ['in hardware', false, within('cpe:/h:cisco:router:12')],
  [
    'in a system without a version, by a URL without a distro',
    false,
    within('cpe:/o:siemens:sinec_os', 'pkg:deb/debian/libssl3'),
  ],
  [
    'in a product of OpenVEX that is another system',
    false,
    openVex({
      identifiers: { cpe23: 'cpe:2.3:o:siemens:sinec_os:*:*:*:*:*:*:*:*' },
      subcomponents: [{ '@id': 'pkg:deb/debian/libssl3' }],
    }),
  ],
  [
    'the image of a branch with its architecture',
    true,
    branch('architecture', 'amd64', { purl: 'pkg:oci/project?tag=1' }),
  ],
  ['of a branch with another', false, branch('architecture', 'arm64', { purl: 'pkg:oci/project?tag=1' })],
  ['a range', true, branch('product_version_range', '<3.1', { purl: 'pkg:deb/debian/libssl3' })],
  [
    'a range with an exception',
    false,
    branch('product_version_range', '<3.1 except 3.0.7', { purl: 'pkg:deb/debian/libssl3' }),
  ],
  [
    'a range of vers with words',
    false,
    branch('product_version_range', 'vers:deb/<3.1 only on arm64', { purl: 'pkg:deb/debian/libssl3' }),
  ],
  [
    'a repository as the specification writes it',
    true,
    openVex({ '@id': 'pkg:oci/project?repository_url=localhost:5999/group/project' }),
  ],
  ['as Grype writes it', true, openVex({ '@id': 'pkg:oci/project?repository_url=localhost:5999/group' })],
  [
    'a repository below it',
    false,
    openVex({ '@id': 'pkg:oci/worker?repository_url=localhost:5999/group/project' }),
  ],
  ['the namespace of the image', true, openVex({ '@id': 'pkg:docker/group/project?tag=1' })],
  ['another namespace', false, openVex({ '@id': 'pkg:docker/bitnami/project?tag=1' })],
  ['the tag', true, openVex({ '@id': 'pkg:oci/project?tag=1' })],
  [
    'a tag of another identifier',
    false,
    openVex({ '@id': 'pkg:oci/project', identifiers: { purl: 'pkg:oci/project?tag=2' } }),
  ],
  [
    'its architecture of another identifier',
    false,
    openVex({ '@id': 'pkg:oci/project', identifiers: { purl: 'pkg:oci/project?arch=arm64' } }),
  ],
  [
    'the name of another image',
    false,
    openVex({ '@id': 'ghcr.io/foo/app:2', identifiers: { purl: 'pkg:oci/project' } }),
  ],
  [
    'an identifier that is no name',
    true,
    openVex({ '@id': 'https://x.example/products/1', identifiers: { purl: 'pkg:oci/project?tag=1' } }),
  ],
  ['a qualifier that cannot be confirmed', false, openVex({ '@id': 'pkg:oci/project?tag=1&os=windows' })],
])('%s: %s', (_, clears, document) => {
  expect(isCleared(document)).toBe(clears);
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as basic from '@secvisogram/csaf-validator-lib/basic.js';
import validateCsaf from '@secvisogram/csaf-validator-lib/validate.js';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { PackageURL } from 'packageurl-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { scapfeed } from '../../support/cli.ts';
import { cycloneDxErrors } from '../../support/cyclonedx-schema.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { npmCommand } from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { writeTrivyDb } from '../../support/trivy-db.ts';
import { hostileScan } from './support/hostile-scan.ts';
import { sampleScan } from './support/sample-scan.ts';

const copyright = (licence: string) =>
  `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: somebody\nLicense: ${licence}\n text\n`;

const sample = sampleScan({
  'etc/debian_version': '12.5\n',
  'usr/share/doc/bash/copyright': copyright('GPL-3+'),
  'usr/share/doc/curl/copyright': copyright('curl'),
  'usr/share/doc/openssl/copyright': copyright('Apache-2.0 and (Artistic or GPL-1+)'),
  'usr/share/doc/zlib1g/copyright': 'not in the format',
});

/** The same feed, and an image of which it has no statement. */
const quiet = sampleScan({
  'var/lib/dpkg/status':
    'Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12\n\n',
});

/** By a gate that cannot see one of four flaws. */
const blindScan = (format: string) => sample.scan('-o', format, '--fail-on', 'high').out;

type Json = Record<string, unknown>;

function readJson(...path: string[]): Json {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as Json;
}

interface BomDocument {
  components: { name: string; 'bom-ref': string; licenses?: unknown[] }[];
  vulnerabilities: {
    id: string;
    analysis: { state: string; response?: string[] };
    affects: { ref: string }[];
  }[];
}

describe('CycloneDX', () => {
  it.each([
    ['cyclonedx', '1.6'],
    ['cyclonedx-1.7', '1.7'],
    ['cyclonedx-vex', '1.6'],
    ['dependency-track', '1.6'],
  ])('%s keeps the schema', (format, version) => {
    expect(cycloneDxErrors(sample.scan('-o', format, '--all').out, version)).toEqual([]);
    expect(cycloneDxErrors(hostileScan('-o', format).out, version)).toEqual([]);
    const gated = blindScan(format);
    expect(cycloneDxErrors(gated, version)).toEqual([]);
    expect(JSON.parse(gated).metadata.properties).toEqual([
      { name: 'scapfeed:gate:unseen', value: 'the gate cannot see 1 flaw without a rating' },
    ]);
  });

  it.each([
    ['cyclonedx', '1.6'],
    ['cyclonedx-1.7', '1.7'],
  ])('inventory -o %s keeps the schema', (format, version) => {
    expect(cycloneDxErrors(scapfeed(['inventory', sample.image, '-o', format]).out, version)).toEqual([]);
  });

  it('has licences as SPDX, the state of each analysis, and refers to what is there', () => {
    const { components, vulnerabilities } = JSON.parse(sample.scan('-o', 'cyclonedx').out) as BomDocument;
    const licences = new Map(components.map(({ name, licenses }) => [name, licenses]));
    expect(licences.get('bash')).toEqual([{ license: { id: 'GPL-3.0-or-later' } }]);
    expect(licences.get('curl')).toEqual([{ license: { id: 'curl' } }]);
    expect(licences.get('openssl')).toEqual([{ license: { name: 'Apache-2.0 and (Artistic or GPL-1+)' } }]);
    expect(licences.get('zlib1g')).toBeUndefined();
    expect(
      vulnerabilities.map(({ id, analysis }) => [id, analysis.state, ...(analysis.response ?? [])]),
    ).toEqual([
      ['CVE-2011-3374', 'exploitable'],
      ['CVE-2022-3715', 'exploitable'],
      ['CVE-2023-0286', 'exploitable', 'update'],
      ['CVE-2023-45853', 'exploitable', 'will_not_fix'],
      ['CVE-2024-5555', 'exploitable', 'update'],
      ['CVE-2024-99999', 'in_triage'],
    ]);
    const refs = new Set(components.map((component) => component['bom-ref']));
    const missing = vulnerabilities.flatMap(({ affects }) => affects).filter(({ ref }) => !refs.has(ref));
    expect(missing).toEqual([]);
  });

  it('the same bytes twice', () => {
    expect(sample.scan('-o', 'cyclonedx').out).toBe(sample.scan('-o', 'cyclonedx').out);
  });
});

describe.skipIf(!hasData('schemas'))('SPDX 2.3, by its schema and its rules', () => {
  const validate = () => {
    const ajv = new Ajv({ allErrors: true, strict: false });
    addFormats.default(ajv);
    return ajv.compile(readJson(dataPath('schemas/anchore+syft/schema/spdx-json/spdx-schema-2.3.json')));
  };
  interface SpdxDocument {
    packages: { SPDXID: string; name: string; licenseDeclared: string; filesAnalyzed: boolean }[];
    relationships: { spdxElementId: string; relatedSpdxElement: string; relationshipType: string }[];
    hasExtractedLicensingInfos: { licenseId: string }[];
    documentNamespace: string;
    creationInfo: { created: string };
  }

  it.each([
    ['a scan', () => sample.scan('-o', 'spdx').out],
    ['an inventory', () => scapfeed(['inventory', sample.image, '-o', 'spdx']).out],
    ['hostile texts', () => hostileScan('-o', 'spdx').out],
    ['a gate that cannot see a flaw', () => blindScan('spdx')],
  ])('%s', (_, make) => {
    const check = validate();
    const document = JSON.parse(make()) as SpdxDocument;
    check(document);
    expect(check.errors ?? []).toEqual([]);

    // Requirements that the schema lacks (SPDX 2.3, clauses 3, 6, 7, 10 and 11).
    const ids = document.packages.map(({ SPDXID }) => SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
    const known = new Set([...ids, 'SPDXRef-DOCUMENT']);
    for (const { spdxElementId, relatedSpdxElement } of document.relationships) {
      expect(known.has(spdxElementId) && known.has(relatedSpdxElement)).toBe(true);
    }
    expect(
      document.relationships.filter(({ relationshipType }) => relationshipType === 'DESCRIBES'),
    ).toHaveLength(1);
    expect(document.documentNamespace).toMatch(/^https:\/\/[^#]+$/);
    expect(document.creationInfo.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const refs = new Set(document.hasExtractedLicensingInfos.map(({ licenseId }) => licenseId));
    for (const { licenseDeclared } of document.packages) {
      for (const ref of licenseDeclared.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? [])
        expect(refs).toContain(ref);
    }
  });

  it('has what a packager wrote, as SPDX where it is on the list', () => {
    const { packages } = JSON.parse(sample.scan('-o', 'spdx').out) as SpdxDocument;
    const declared = new Map(packages.map(({ name, licenseDeclared }) => [name, licenseDeclared]));
    expect(declared.get('bash')).toBe('GPL-3.0-or-later');
    expect(declared.get('openssl')).toMatch(/^LicenseRef-Apache-2.0-and-Artistic-or-GPL-1/);
    expect(declared.get('apt')).toBe('NOASSERTION');
  });
});

describe('OpenVEX', () => {
  interface VexDocument {
    statements: VexStatement[];
  }

  it.skipIf(!hasData('schemas')).each([
    ['the sample', () => sample.scan('-o', 'openvex').out],
    ['hostile texts', () => hostileScan('-o', 'openvex').out],
  ])('keeps the schema: %s', (_, make) => {
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    addFormats.default(ajv);
    ajv.addFormat('iri', true);
    const validate = ajv.compile(readJson(dataPath('schemas/openvex+spec/openvex_json_schema.json')));
    validate(JSON.parse(make()));
    expect(validate.errors ?? []).toEqual([]);
  });

  it("says what does not concern the image too, with the vendor's justification", () => {
    const { statements } = JSON.parse(sample.scan('-o', 'openvex', '--severity', 'high').out) as VexDocument;
    expect(
      statements.map(({ vulnerability, status, justification }) => [
        vulnerability.name,
        status,
        justification,
      ]),
    ).toEqual([
      ['CVE-2011-3374', 'affected', undefined],
      ['CVE-2021-1111', 'fixed', undefined],
      ['CVE-2022-3715', 'affected', undefined],
      ['CVE-2023-0286', 'affected', undefined],
      ['CVE-2023-45853', 'affected', undefined],
      ['CVE-2024-2222', 'not_affected', 'vulnerable_code_not_present'],
      ['CVE-2024-5555', 'affected', undefined],
      ['CVE-2024-99999', 'under_investigation', undefined],
    ]);
  });
});

describe("CSAF VEX, judged by BSI's validator", () => {
  it.each([
    ['the sample', () => sample.scan('-o', 'csaf').out],
    ['hostile texts', () => hostileScan('-o', 'csaf').out],
    ['an image of which the vendor says nothing', () => quiet.scan('-o', 'csaf').out],
    ['a gate that cannot see a flaw', () => blindScan('csaf')],
  ])('passes the schema and all mandatory tests: %s', async (_, make) => {
    const result = await validateCsaf(Object.values(basic), JSON.parse(make()));
    const failed = result.tests.flatMap(({ name, errors }: { name: string; errors: unknown[] }) =>
      errors.length > 0 ? [{ name, errors }] : [],
    );
    expect(failed).toEqual([]);
    expect(result.isValid).toBe(true);
  });
});

const trivy = npmCommand('trivy');

interface VexStatement {
  vulnerability: { name: string };
  status: string;
  justification?: string;
  products: { '@id': string }[];
}

/** Compares a product's purl with a package's as go-vex does, which trivy and grype use. */
function isMatch(product: string, pkg: string): boolean {
  const a = PackageURL.fromString(product);
  const b = PackageURL.fromString(pkg);
  const same =
    a.type === b.type && a.namespace === b.namespace && a.name === b.name && a.version === b.version;
  const others = (b.qualifiers ?? {}) as Record<string, string>;
  return same && Object.entries(a.qualifiers ?? {}).every(([name, value]) => others[name] === value);
}

describe.skipIf(!trivy)('trivy matches what we write', () => {
  const folder = temporaryFolder();
  const cache = join(folder, 'cache');

  beforeAll(() => {
    writeTrivyDb(cache, {
      'debian 12': {
        openssl: { 'CVE-2023-0286': '3.0.8-1', 'CVE-2024-2222': '' },
        curl: { 'CVE-2024-5555': '7.88.1-10+deb12u6', 'CVE-2021-1111': '' },
        bash: { 'CVE-2022-3715': '' },
      },
    });
    for (const format of ['cyclonedx', 'spdx']) {
      sample.scan('-o', `${format}=${join(folder, format)}.json`);
    }
  });

  /** Scans an SBOM of ours with trivy, which is without a network and has a database of this test alone. */
  function found(db: string, sbom: string, ...args: string[]): string[] {
    const offline = ['--skip-db-update', '--offline-scan', '--cache-dir', db];
    const { status, stdout, stderr } = spawnSync(
      trivy!,
      ['sbom', join(folder, `${sbom}.json`), '--quiet', '--format', 'json', ...offline, ...args],
      { encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    const { Results = [] } = JSON.parse(stdout) as {
      Results?: { Vulnerabilities?: { VulnerabilityID: string; PkgName: string }[] }[];
    };
    return Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities)
      .map(({ VulnerabilityID, PkgName }) => `${VulnerabilityID} ${PkgName}`)
      .sort();
  }

  const all = [
    'CVE-2021-1111 curl',
    'CVE-2022-3715 bash',
    'CVE-2023-0286 libssl3',
    'CVE-2023-0286 openssl',
    'CVE-2024-2222 libssl3',
    'CVE-2024-2222 openssl',
    'CVE-2024-5555 curl',
  ];
  it.each(['cyclonedx', 'spdx'])('reads the same packages from our %s', (format) => {
    expect(found(cache, format)).toEqual(all);
  });

  it('names packages as trivy does: OpenVEX and CSAF have a purl that matches each of its own', () => {
    const { stdout } = spawnSync(trivy!, ['rootfs', sample.image, '--quiet', '--format', 'cyclonedx'], {
      encoding: 'utf8',
    });
    const { components } = JSON.parse(stdout) as { components: { purl?: string }[] };
    const theirs = components.flatMap(({ purl }) => (purl?.startsWith('pkg:deb/') ? [purl] : []));
    expect(theirs).toHaveLength(6);
    const { statements } = JSON.parse(sample.scan('-o', 'openvex').out) as { statements: VexStatement[] };
    const csaf = JSON.parse(sample.scan('-o', 'csaf').out) as {
      product_tree: {
        branches: { branches: { product: { product_identification_helper: { purl: string } } }[] }[];
      };
    };
    const ours = {
      openvex: statements.flatMap(({ products }) => products.map((product) => product['@id'])),
      csaf: csaf.product_tree.branches.flatMap(({ branches }) =>
        branches.map(({ product }) => product.product_identification_helper.purl),
      ),
    };
    for (const purls of Object.values(ours)) {
      expect(theirs.filter((purl) => !purls.some((product) => isMatch(product, purl)))).toEqual([]);
    }
  });

  it('finds nothing by a database that has nothing', () => {
    const empty = join(folder, 'empty');
    writeTrivyDb(empty, { 'debian 12': {} });
    expect(found(empty, 'cyclonedx')).toEqual([]);
  });
});

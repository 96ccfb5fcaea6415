import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegistryServer, startRegistry } from '../image/support/servers.ts';
import { sampleScan } from '../report/scan/support/sample-scan.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import { debianRelease, scapfeed } from '../support/cli.ts';
import { hasOracle, npmCommand } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { writeTrivyDb } from '../support/trivy-db.ts';

const trivy = npmCommand('trivy');
const isJudged = trivy !== undefined && hasOracle('docker-registry', 'skopeo');
const sample = sampleScan();
const folder = temporaryFolder();
const cache = join(folder, 'cache');
const bom = join(folder, 'bom.json');
const layout = new SignedImage('vex', {
  'etc/os-release': debianRelease('12', 'bookworm'),
  'etc/debian_version': '12.5\n',
  'var/lib/dpkg/status': readFileSync(join(sample.image, 'var/lib/dpkg/status'), 'utf8'),
});
const { digest } = layout.manifest;
let registry: RegistryServer;
/** One platform of the image in a real registry: trivy knows an image that is not of one by its packages only. */
let image: string;

type Json = Record<string, unknown>;

beforeAll(async () => {
  if (!isJudged) return;
  registry = await startRegistry();
  image = `${registry.host}/lab/app:1`;
  const pushed = spawnSync('skopeo', [
    ...['copy', '--insecure-policy', '--override-arch', 'amd64', '--dest-tls-verify=false'],
    ...[`oci:${layout.layout()}:1`, `docker://${image}`],
  ]);
  expect(pushed.status, String(pushed.stderr)).toBe(0);
});
afterAll(() => registry?.stop());

function scan(feed: string, ...args: string[]): string {
  const from = [`registry:${image}`, '--insecure-registry', registry.host, '--feed', feed];
  const run = scapfeed(['scan', ...from, '--max-age', '0', '--allow-uncovered', ...args], {}, folder);
  expect(run.code, run.err).toBe(0);
  return run.out;
}

/** `ID PACKAGE` of what trivy, which takes 2 s each time, still finds. */
function leftByTrivy(vex: Json, ...subject: string[]): string[] {
  const file = save(vex);
  const offline = ['--skip-db-update', '--offline-scan', '--skip-vex-repo-update', '--cache-dir', cache];
  const of = subject.length > 0 ? subject : ['image', '--insecure', '--image-src', 'remote', image];
  const args = [...of, '--quiet', '--scanners', 'vuln', '--format', 'json', '--vex', file, ...offline];
  const run = spawnSync(trivy!, args, { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } });
  expect(run.status, run.stderr).toBe(0);
  const { Results = [] } = JSON.parse(run.stdout) as {
    Results?: { Vulnerabilities?: { VulnerabilityID: string; PkgName: string }[] }[];
  };
  return Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities)
    .map(({ VulnerabilityID, PkgName }) => `${VulnerabilityID} ${PkgName}`)
    .sort();
}

function save(vex: Json): string {
  const file = join(folder, 'vex.json');
  writeFileSync(file, JSON.stringify(vex));
  return file;
}

const affected = [
  'CVE-2022-3715 bash',
  'CVE-2023-0286 libssl3',
  'CVE-2023-0286 openssl',
  'CVE-2023-45853 zlib1g',
  'CVE-2024-5555 curl',
];
/** Flaws only by trivy's database of this test: the vendor states that they do not concern the image. */
const settled = ['CVE-2021-1111 curl', 'CVE-2024-2222 libssl3', 'CVE-2024-2222 openssl'];

interface Statement {
  products: { '@id': string; subcomponents?: unknown }[];
}

describe.skipIf(!isJudged)('what trivy finds with the VEX that we write', () => {
  const document = (format: string) => JSON.parse(scan(sample.feed, '-o', format)) as Json;

  beforeAll(() => {
    writeTrivyDb(cache, {
      'debian 12': {
        openssl: { 'CVE-2023-0286': '3.0.8-1', 'CVE-2024-2222': '' },
        curl: { 'CVE-2024-5555': '7.88.1-10+deb12u6', 'CVE-2021-1111': '' },
        bash: { 'CVE-2022-3715': '' },
        zlib: { 'CVE-2023-45853': '' },
      },
    });
  });

  it('without VEX: everything', () => {
    expect(
      leftByTrivy({ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'x', version: 1, statements: [] }),
    ).toEqual([...affected, ...settled].sort());
  });

  it.each(['openvex', 'csaf'])('%s: what the vendor says does not concern the image is gone', (format) => {
    expect(leftByTrivy(document(format))).toEqual(affected);
  });

  it('cyclonedx-vex: the same of our SBOM, which it links to', () => {
    scan(sample.feed, '-o', `cyclonedx=${bom}`);
    expect(leftByTrivy(document('cyclonedx-vex'), 'sbom', bom)).toEqual(affected);
  });

  it('OpenVEX by the image alone, its packages as subcomponents (anchore/grype#3657)', () => {
    const vex = document('openvex');
    const statements = vex['statements'] as Statement[];
    for (const statement of statements)
      statement.products = statement.products.filter(({ subcomponents }) => subcomponents !== undefined);
    expect(leftByTrivy(vex)).toEqual(affected);
    // Grype asks with repository_url without the name, trivy with it: a purl that has none is found by both.
    for (const { products } of statements) {
      expect(products[0]).toMatchObject({
        '@id': `pkg:oci/app@${encodeURIComponent(digest)}`,
        hashes: { 'sha-256': digest.slice(7) },
      });
    }
  });

  it('OpenVEX by packages alone, the image not named (anchore/grype#3212)', () => {
    const vex = document('openvex');
    for (const statement of vex['statements'] as Statement[])
      statement.products = statement.products.filter(({ subcomponents }) => subcomponents === undefined);
    expect(leftByTrivy(vex)).toEqual(affected);
  });

  it('OpenVEX names no registry, which readers write in two ways (anchore/grype#1836)', () => {
    for (const { products } of document('openvex')['statements'] as Statement[])
      expect(
        products.map(({ '@id': id }) => id).filter((id) => /repository_url|docker\.io/.test(id)),
      ).toEqual([]);
  });

  it('CSAF by components of the image alone', () => {
    const vex = document('csaf');
    for (const { product_status } of vex['vulnerabilities'] as {
      product_status: Record<string, string[]>;
    }[]) {
      for (const [list, ids] of Object.entries(product_status))
        product_status[list] = ids.filter((id) => id.startsWith('image:'));
    }
    expect(leftByTrivy(vex)).toEqual(affected);
  });
});

/** Statements of others about libssl3, each with a vulnerability of its own; those that clear more by us than by trivy say why. */
const libssl = 'pkg:deb/debian/libssl3@3.0.7-1';
const subcomponents = [{ '@id': libssl }];
const other = `sha256:${'b'.repeat(64)}`;
const openVexRows: Record<string, { product: object; status?: string; cleared: boolean; notByTrivy?: true }> =
  {
    'a package': { product: { '@id': libssl }, cleared: true },
    'any version of a package': { product: { '@id': 'pkg:deb/debian/libssl3' }, cleared: true },
    'a package of an architecture': { product: { '@id': `${libssl}?arch=amd64` }, cleared: true },
    'a package of another architecture': { product: { '@id': `${libssl}?arch=arm64` }, cleared: false },
    'a package of another version': { product: { '@id': 'pkg:deb/debian/libssl3@3.0.8-1' }, cleared: false },
    'a package of another distribution': {
      product: { '@id': 'pkg:deb/ubuntu/libssl3@3.0.7-1' },
      cleared: false,
    },
    'a package as an identifier': {
      product: { '@id': 'https://x.test', identifiers: { purl: libssl } },
      cleared: true,
    },
    'a fixed package': { product: { '@id': libssl }, status: 'fixed', cleared: true },
    'an affected package': { product: { '@id': libssl }, status: 'affected', cleared: false },
    'a package that is looked into': {
      product: { '@id': libssl },
      status: 'under_investigation',
      cleared: false,
    },
    'the image as a whole': { product: { '@id': `pkg:oci/app@${digest}` }, cleared: true },
    'the image, a package in it': {
      product: { '@id': `pkg:oci/app@${digest}`, subcomponents },
      cleared: true,
    },
    'the image of an architecture': {
      product: { '@id': `pkg:oci/app@${digest}?arch=amd64`, subcomponents },
      cleared: true,
    },
    'the image of another architecture': {
      product: { '@id': `pkg:oci/app@${digest}?arch=arm64`, subcomponents },
      cleared: false,
    },
    'another package in the image': {
      product: { '@id': `pkg:oci/app@${digest}`, subcomponents: [{ '@id': 'pkg:deb/debian/x@1' }] },
      cleared: false,
    },
    'another image': { product: { '@id': `pkg:oci/app@${other}`, subcomponents }, cleared: false },
    'an image of another name': {
      product: { '@id': `pkg:oci/other@${other}`, subcomponents },
      cleared: false,
    },
    'the source of a package, which trivy does not ask for': {
      product: { '@id': 'pkg:deb/debian/openssl@3.0.7-1?arch=source' },
      cleared: true,
      notByTrivy: true,
    },
    'the code name of the release, which trivy does not write': {
      product: { '@id': `${libssl}?distro=bookworm` },
      cleared: true,
      notByTrivy: true,
    },
    'the image by its digest alone, which trivy takes for another id': {
      product: { '@id': digest, subcomponents },
      cleared: true,
      notByTrivy: true,
    },
    'the image by its hash, which trivy does not compare': {
      product: { '@id': 'https://x.test', hashes: { 'sha-256': digest.slice(7) }, subcomponents },
      cleared: true,
      notByTrivy: true,
    },
  };

const csafRows: Record<string, { purl: string; list: string; inImage?: true; cleared: boolean }> = {
  'a package': { purl: libssl, list: 'known_not_affected', cleared: true },
  'a fixed package': { purl: libssl, list: 'fixed', cleared: true },
  'an affected package': { purl: libssl, list: 'known_affected', cleared: false },
  'a package of another version': {
    purl: 'pkg:deb/debian/libssl3@1',
    list: 'known_not_affected',
    cleared: false,
  },
  'a package in the image': { purl: libssl, list: 'known_not_affected', inImage: true, cleared: true },
  'another package in the image': {
    purl: 'pkg:deb/debian/x@1',
    list: 'known_not_affected',
    inImage: true,
    cleared: false,
  },
};

const idOf = (at: number) => `CVE-2020-${10_000 + at}`;

const openvex = (): Json => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://example.test/vex',
  author: 'somebody',
  timestamp: '2026-01-01T00:00:00Z',
  version: 1,
  statements: Object.values(openVexRows).map(({ product, status = 'not_affected' }, at) => ({
    vulnerability: { name: idOf(at) },
    products: [product],
    status,
    ...(status === 'not_affected' ? { justification: 'inline_mitigations_already_exist' } : {}),
    ...(status === 'affected' ? { action_statement: 'wait' } : {}),
  })),
});

function csaf(): Json {
  const rows = Object.values(csafRows);
  const date = '2026-01-01T00:00:00Z';
  return {
    document: {
      category: 'csaf_vex',
      csaf_version: '2.0',
      title: 't',
      publisher: { category: 'vendor', name: 'n', namespace: 'https://example.test' },
      tracking: {
        id: 'x',
        status: 'final',
        version: '1',
        initial_release_date: date,
        current_release_date: date,
        revision_history: [{ date, number: '1', summary: 's' }],
      },
    },
    product_tree: {
      full_product_names: [
        ...rows.map(({ purl }, at) => ({
          name: `p${at}`,
          product_id: `p${at}`,
          product_identification_helper: { purl },
        })),
        { name: 'i', product_id: 'i', product_identification_helper: { purl: `pkg:oci/app@${digest}` } },
      ],
      relationships: rows.map((_, at) => ({
        category: 'default_component_of',
        product_reference: `p${at}`,
        relates_to_product_reference: 'i',
        full_product_name: { name: `p${at} in i`, product_id: `p${at} in i` },
      })),
    },
    vulnerabilities: rows.map(({ list, inImage }, at) => {
      const product_ids = [inImage ? `p${at} in i` : `p${at}`];
      return {
        cve: idOf(at),
        product_status: { [list]: product_ids },
        threats: [{ category: 'impact', details: 'mitigated', product_ids }],
      };
    }),
  };
}

describe.skipIf(!isJudged)('our result with VEX of others is the one of trivy', () => {
  const count = Math.max(Object.keys(openVexRows).length, Object.keys(csafRows).length);
  const ids = Array.from({ length: count }, (_, at) => idOf(at));
  let feed: string;
  beforeAll(() => {
    feed = writeSmallFeed([
      {
        platform: bookworm,
        statements: ids.map((vulnerability) => ({
          vulnerability,
          package: 'openssl',
          status: 'fixed',
          fixed: '3.0.8-1',
          severity: 'high',
        })),
      },
    ]);
    writeTrivyDb(cache, { 'debian 12': { openssl: Object.fromEntries(ids.map((id) => [id, '3.0.8-1'])) } });
  });

  function leftByUs(vex: Json): string[] {
    const { verdicts } = JSON.parse(scan(feed, '--vex', save(vex), '-o', 'json')) as {
      verdicts: { vulnerability: string; package: { name: string }; ignored?: object }[];
    };
    return verdicts
      .filter(({ ignored }) => ignored === undefined)
      .map(({ vulnerability, package: { name: installed } }) => `${vulnerability} ${installed}`);
  }

  /** Of each statement, whether libssl3 has no longer its vulnerability. */
  const cleared = (rows: object, left: readonly string[]) =>
    Object.fromEntries(Object.keys(rows).map((row, at) => [row, !left.includes(`${idOf(at)} libssl3`)]));

  it(`OpenVEX: ${Object.keys(openVexRows).length} statements`, () => {
    const ours = Object.entries(openVexRows).map(([row, { cleared: is }]) => [row, is]);
    expect(cleared(openVexRows, leftByUs(openvex()))).toEqual(Object.fromEntries(ours));
    const theirs = Object.entries(openVexRows).map(([row, { cleared: is, notByTrivy }]) => [
      row,
      is && !notByTrivy,
    ]);
    expect(cleared(openVexRows, leftByTrivy(openvex()))).toEqual(Object.fromEntries(theirs));
  });

  it(`CSAF: ${Object.keys(csafRows).length} statements`, () => {
    const both = Object.fromEntries(Object.entries(csafRows).map(([row, { cleared: is }]) => [row, is]));
    expect(cleared(csafRows, leftByUs(csaf()))).toEqual(both);
    expect(cleared(csafRows, leftByTrivy(csaf()))).toEqual(both);
  });
});

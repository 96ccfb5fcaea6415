import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RpmPackage } from '../../../prove/trial.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { packagesOf, rpmRoot } from '../../shared/rpm-system.ts';

/** A document's content about its CVE. */
export interface CsafFlaw {
  cve: string;
  /** `name-version-release.arch` by release. */
  fixed?: Readonly<Record<string, readonly string[]>>;
  /** The same for other keys of product_status. */
  others?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  severity?: string;
  /** Number of the advisory. */
  advisory?: string;
  updated?: string;
}

/** A document in the form of openEuler's generator: releases and files of packages are all `product_version`. */
export function csafDocument(flaw: CsafFlaw): object {
  const { cve, fixed = {}, others = {}, severity = 'Medium', advisory = '2026-1000' } = flaw;
  const status: Record<string, string[]> = {};
  const leaves = new Map<string, object[]>();
  const relationships: object[] = [];
  const releases = new Set<string>();
  const leaf = (release: string, name: string) => ({
    category: 'product_version',
    name,
    product: {
      product_identification_helper: { cpe: `cpe:/a:openEuler:openEuler:${release}` },
      product_id: name,
      name,
    },
  });
  for (const [key, byRelease] of Object.entries({ fixed, ...others }))
    for (const [release, files] of Object.entries(byRelease))
      for (const file of files) {
        const [product, arch = ''] = [`openEuler-${release}`, file.split('.').at(-1)];
        releases.add(release);
        leaves.set(arch, [...(leaves.get(arch) ?? []), leaf(release, `${file}.rpm`)]);
        relationships.push({
          relates_to_product_reference: product,
          product_reference: `${file}.rpm`,
          full_product_name: {
            product_id: `${product}:${file}`,
            name: `${file} as a component of ${product}`,
          },
          category: 'default_component_of',
        });
        status[key] = [...(status[key] ?? []), `${product}:${file}`];
      }
  const systems = [...releases].map((release) => leaf(release, `openEuler-${release}`));
  const archs = [...leaves].map(([name, branches]) => ({ category: 'architecture', name, branches }));
  const url = `https://www.openeuler.org/zh/security/security-bulletins/detail/?id=openEuler-SA-${advisory}`;
  const all = Object.values(status).flat();
  return {
    document: {
      aggregate_severity: {
        namespace: 'https://nvd.nist.gov/vuln-metrics/cvss',
        text: severity.toUpperCase(),
      },
      category: 'csaf_vex',
      csaf_version: '2.0',
      notes: [{ category: 'general', title: 'Synopsis', text: 'A flaw' }],
      publisher: { name: 'openEuler', namespace: 'https://www.openeuler.org', category: 'vendor' },
      title: `openEuler cve ${cve}`,
      tracking: {
        id: cve,
        status: 'interim',
        version: '1.0.0',
        current_release_date: flaw.updated ?? '2026-03-29T14:31:48+08:00',
      },
    },
    product_tree: {
      branches: [
        {
          category: 'vendor',
          name: 'openEuler',
          branches: [{ category: 'product_name', name: 'openEuler', branches: systems }, ...archs],
        },
      ],
      relationships,
    },
    vulnerabilities: [
      {
        cve,
        title: cve,
        notes: [
          { category: 'description', title: 'Vulnerability Description', text: 'A flaw of this test.' },
        ],
        product_status: status,
        remediations: [{ product_ids: all, details: 'security update', category: 'vendor_fix', url }],
        threats: [{ details: severity, category: 'impact' }],
        scores: [
          {
            cvss_v3: {
              baseSeverity: 'MEDIUM',
              baseScore: 4.4,
              vectorString: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N',
              version: '3.1',
            },
            products: all,
          },
        ],
      },
    ],
  };
}

export function pathOf({ cve }: Pick<CsafFlaw, 'cve'>): string {
  return `${cve.split('-')[1]}/csaf-openeuler-${cve.toLowerCase()}.json`;
}

/** A mirror with a document for each flaw, and their index; a text is that of the document of a CVE. */
export function writeOpenEulerMirror(
  flaws: readonly (CsafFlaw | readonly [cve: string, text: string])[],
): string {
  const mirror = temporaryFolder('mirror');
  const base = join(mirror, 'repo.openeuler.org/security/data/csaf/cve');
  const paths = flaws.map((flaw) => {
    const [cve, text] = 'cve' in flaw ? [flaw.cve, JSON.stringify(csafDocument(flaw))] : flaw;
    const path = pathOf({ cve });
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
    return path;
  });
  mkdirSync(base, { recursive: true });
  // Its last line has no end.
  writeFileSync(join(base, 'index.txt'), paths.join('\n'));
  return mirror;
}

/** `name-[epoch:]version-release.arch`, by the vendor field alone. */
export const rpm = packagesOf({ vendor: 'http://openeuler.org' });

/** A system of openEuler as its release package makes it: VERSION_ID has no service pack. */
export function openEulerRoot(release: string, packages: readonly RpmPackage[]): string {
  const [version = '', ...parts] = release.split('-');
  const name = `${version} (${parts.join('-')})`;
  const files = {
    'etc/os-release': `NAME="openEuler"\nVERSION="${name}"\nID="openEuler"\nVERSION_ID="${version}"\nPRETTY_NAME="openEuler ${name}"\n`,
    'etc/openEuler-release': `openEuler release ${name}\n`,
    'etc/system-release': `openEuler release ${name}\n`,
  };
  const tag = `oe${release.replace('LTS', '').replace(/\W/g, '').toLowerCase()}`;
  return rpmRoot(files, [
    rpm(`openEuler-release-${version}${parts.join('_')}-57.${tag}.x86_64`),
    ...packages,
  ]);
}

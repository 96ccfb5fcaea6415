import { judges } from './judges.ts';

/** Vendor's name in package URLs (purl specification, types deb and rpm); the ID of os-release where it is the same. */
export function purlNamespace(osId: string): string {
  return judges.find(({ id }) => id === osId)?.purl ?? osId;
}

/** Whether a vendor of feeds has this ID of os-release. */
export function isVendor(osId: string): boolean {
  return judges.some(({ id }) => id === osId);
}

/** The platform's version for a VERSION_ID: 9.4 of RHEL belongs to 9, Ubuntu's 22.04 only to 22.04. */
export function releaseOf(osId: string, versionId: string): string {
  return judges.find(({ id }) => id === osId)?.release?.(versionId) ?? versionId;
}

/** Names of systems that scanners have of their own, with the ID of os-release. */
const families: Readonly<Record<string, string>> = {
  alma: 'almalinux',
  amazon: 'amzn',
  'amazon linux': 'amzn',
  'cbl-mariner': 'mariner',
  opensuse: 'opensuse-leap',
  'opensuse.leap': 'opensuse-leap',
  'opensuse.tumbleweed': 'opensuse-tumbleweed',
  oraclelinux: 'ol',
  slem: 'sle-micro',
  'suse linux enterprise micro': 'sle-micro',
  'suse linux enterprise server': 'sles',
  'red hat enterprise linux': 'rhel',
};

/** Trivy's names of systems whose ID it does not know: it finds no flaws in a system that it does not know. */
const trivyFamilies: Readonly<Record<string, string>> = {
  almalinux: 'alma',
  amzn: 'amazon',
  mariner: 'cbl-mariner',
  ol: 'oracle',
  rhel: 'redhat',
  'sl-micro': 'slem',
  'sle-micro': 'slem',
};

/** The name of a system in an SBOM for other scanners, by its ID; `osIdOf` reads it. */
export function systemName(osId: string): string {
  return trivyFamilies[osId] ?? osId;
}

/** The ID of os-release of a system, by its name and version in a package URL or in a scanner's document. */
export function osIdOf(name: string, version = ''): string {
  const lower = name.toLowerCase();
  const id = judges.find(({ purl }) => purl === lower)?.id ?? families[lower] ?? lower;
  // SUSE renamed it with release 6; scanners have one name for both.
  return id === 'sle-micro' && Number.parseInt(version, 10) >= 6 ? 'sl-micro' : id;
}

import type { Table, Target } from '../target.ts';

const databases = async () => (await import('./databases.ts')).databaseTargets;
const images = async () => (await import('./images.ts')).imageTargets;
const sources = async () => (await import('./sources.ts')).sourceTargets;
const ratings = async () => (await import('./ratings.ts')).ratingTargets;
const vendors = async () => (await import('./vendors.ts')).vendorTargets;
const content = async () => (await import('./content.ts')).contentTargets;
const vendorContent = async () => (await import('./vendor-content.ts')).vendorContentTargets;
const forgedContent = async () => (await import('./forged-content.ts')).forgedContentTargets;
const packages = async () => (await import('./packages.ts')).packageTargets;
const archives = async () => (await import('./java-archives.ts')).javaTargets;
const deltas = async () => (await import('./deltas.ts')).deltaTargets;

/** All kinds of foreign input that are fuzzed. A worker loads no more than the file of its own. */
export const targets: Table = {
  'berkeley-db': databases,
  ndb: databases,
  sqlite: databases,
  'sqlite-log': databases,
  dpkg: databases,
  chisel: databases,
  'status.d': databases,
  pacman: databases,
  portage: databases,
  'application-inventory': databases,
  'archive-stream': images,
  'archive-file': images,
  'registry-document': images,
  'registry-token': images,
  'debian-tracker': sources,
  'debian-advisories': sources,
  'packages-index': sources,
  'redhat-vex': sources,
  'redhat-vex-feed': sources,
  'redhat-advisories': sources,
  'openeuler-csaf': sources,
  'suse-csaf-vex': sources,
  'ubuntu-osv': sources,
  'ubuntu-notices': sources,
  'cve-record': ratings,
  'cve-archive': ratings,
  'cve-release': ratings,
  'nvd-feed': ratings,
  kev: ratings,
  epss: ratings,
  'almalinux-errata': vendors,
  'almalinux-osv': vendors,
  'alpine-secdb': vendors,
  'chainguard-osv': vendors,
  'wolfi-secdb': vendors,
  'arch-groups': vendors,
  'echo-advisories': vendors,
  'gentoo-glsa': vendors,
  'azurelinux-oval': vendors,
  'patch-oval': vendors,
  'osv-record': vendors,
  'package-osv': vendors,
  'rocky-page': vendors,
  'rpm-primary': vendors,
  'rpm-repomd': vendors,
  'rpm-updateinfo': vendors,
  'rocky-osv': vendors,
  'alpine-index': vendors,
  oval: content,
  xccdf: content,
  'selinux-policy': content,
  'vendor-oval': vendorContent,
  'compiled-oval': vendorContent,
  'content-zip': vendorContent,
  'forged-oval': forgedContent,
  'forged-benchmark': forgedContent,
  'npm-package': packages,
  'python-metadata': packages,
  gemspec: packages,
  'composer-installed': packages,
  'component-list': packages,
  'component-document': packages,
  'component-tags': packages,
  'dotnet-deps': packages,
  'go-program': packages,
  'go-older-program': packages,
  'rust-program': packages,
  delta: deltas,
  'java-archive': archives,
};

/** Every target that a file of this folder has, for the test that none is left out of the table. */
export async function allTargets(): Promise<Target[]> {
  const files = [...new Set(Object.values(targets))];
  return (await Promise.all(files.map((load) => load()))).flat();
}

import { compareInEcosystem } from '../ecosystems/ecosystems.ts';
import type { Comparison, InstalledPackage } from '../model/index.ts';
import { compareApk } from '../packaging/apk/version.ts';
import { compareDpkg } from '../packaging/deb/version.ts';
import { compareContainerTags } from '../packaging/oci/version.ts';
import { compareRpmEvr } from '../packaging/rpm/version.ts';

/**
 * Compares an installed package with a fixed version: apk and dpkg packages by their source version, rpm packages and containers
 * by their own.
 */
export function compareVersions(pkg: InstalledPackage, fixed: string): Comparison {
  if (pkg.type === 'oci') return compareContainerTags(pkg.version, fixed);
  if (pkg.type === 'apk') return compareApk(pkg.source.version, fixed);
  if (pkg.type === 'deb') return compareDpkg(pkg.source.version, fixed);
  return pkg.type === 'rpm'
    ? compareRpmEvr(pkg.version, fixed)
    : compareInEcosystem(pkg.type, pkg.version, fixed);
}

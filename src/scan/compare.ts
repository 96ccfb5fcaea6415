import type { Comparison, InstalledPackage } from '../model/index.ts';
import { compareContainerTags } from '../versions/container-tag.ts';
import { compareDpkg } from '../versions/dpkg.ts';
import { compareRpmEvr } from '../versions/rpm.ts';

/** How an installed package stands to a fixed version: dpkg by its source version, rpm and containers by their own. */
export function compareVersions(pkg: InstalledPackage, fixed: string): Comparison {
  if (pkg.type === 'oci') return compareContainerTags(pkg.version, fixed);
  return pkg.type === 'deb' ? compareDpkg(pkg.source.version, fixed) : compareRpmEvr(pkg.version, fixed);
}

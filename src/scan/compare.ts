import type { Comparison, InstalledPackage } from '../model/index.ts';
import { compareDpkg } from '../versions/dpkg.ts';
import { compareRpmEvr } from '../versions/rpm.ts';

/** How an installed package stands to a fixed version: dpkg by its source version, rpm by its own. */
export function compareVersions(pkg: InstalledPackage, fixed: string): Comparison {
  return pkg.type === 'deb' ? compareDpkg(pkg.source.version, fixed) : compareRpmEvr(pkg.version, fixed);
}

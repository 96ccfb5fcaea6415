import { compareInEcosystem } from '../ecosystems/ecosystems.ts';
import type { InstalledPackage } from '../model/inventory/index.ts';
import type { Comparison } from '../model/order.ts';
import { compareAlpm } from '../packaging/alpm/version.ts';
import { compareApk } from '../packaging/apk/version.ts';
import { compareDpkg } from '../packaging/deb/version.ts';
import { compareEbuild } from '../packaging/ebuild/version.ts';
import { compareContainerTags } from '../packaging/oci/version.ts';
import { compareRpmEvr } from '../packaging/rpm/version.ts';

/**
 * The version of the rules by which packages are judged. A change after which the same feed gives the same package another verdict
 * raises it: a fleet keeps verdicts, and makes them all again where this number is another than the one they were made by.
 */
export const rulesVersion = 2;

/**
 * The runtime: judges an inventory by a compiled feed. It reads nothing by itself and uses no module of Node's: a host gives it the
 * lines of the feed's files. Published as `scapfeed/runtime`; in Node with the host of `node.ts`.
 */

export { type Feed, feedOf, type Shard } from '../feed/read/feed.ts';
export type { FeedFiles, SortedLines } from '../feed/read/feed-files.ts';
export type * from '../model/compliance/index.ts';
export type * from '../model/environment.ts';
export type * from '../model/error.ts';
export { ScapfeedError } from '../model/error.ts';
export type * from '../model/feed/index.ts';
export {
  cvssSeverity,
  decideSeverity,
  expandEvidence,
  lifePhaseOn,
  ratingSources,
  severities,
  severityAtLeast,
} from '../model/feed/index.ts';
export type * from '../model/fleet/index.ts';
export type * from '../model/inventory/index.ts';
export type * from '../model/order.ts';
export type * from '../model/progress.ts';
export type * from '../model/verdict/index.ts';
export { riskOf } from '../model/verdict/index.ts';
export { compareDpkg } from '../packaging/deb/version.ts';
export { compareRpmEvr } from '../packaging/rpm/version.ts';
export { ageInDays } from './age.ts';
export { type AssessOptions, assessOptions, assessVerdicts, vendorRating } from './assess.ts';
export { assessmentOrigins, hasData, hasRatings } from './assessment-origins.ts';
export { contextGaps, recordGaps, releaseGaps, systemGaps } from './context-gaps.ts';
export { type JudgeOptions, judge } from './judge.ts';
export { type MatchOptions, matchInventory, ruleOf } from './match.ts';
export { databaseGap, requireComplete, requireDatabase, requirePackages } from './package-databases.ts';
export {
  chooseJudging,
  choosePlatform,
  type PlatformChoice,
  type PlatformOptions,
  platformName,
  requireDistributions,
} from './platform.ts';
export { sortVerdicts, type VerdictOrder, verdictOrders, viewVerdicts } from './view.ts';

/**
 * Compares an installed package with a fixed version: apk and dpkg packages by their source version, packages of rpm, pacman and portage
 * and containers by their own.
 */
export function compareVersions(pkg: InstalledPackage, fixed: string): Comparison {
  if (pkg.type === 'oci') return compareContainerTags(pkg.version, fixed);
  if (pkg.type === 'alpm') return compareAlpm(pkg.version, fixed);
  if (pkg.type === 'ebuild') return compareEbuild(pkg.version, fixed);
  if (pkg.type === 'apk') return compareApk(pkg.source.version, fixed);
  if (pkg.type === 'deb') return compareDpkg(pkg.source.version, fixed);
  return pkg.type === 'rpm'
    ? compareRpmEvr(pkg.version, fixed)
    : compareInEcosystem(pkg.type, pkg.version, fixed);
}

/**
 * The runtime: opens a compiled feed and judges an inventory. It has no dependencies besides Node.
 * Published as `scapfeed/runtime`.
 */

export { type Feed, openFeed, type Shard } from '../feed/read/feed.ts';
export type * from '../model/index.ts';
export {
  cvssSeverity,
  decideSeverity,
  expandEvidence,
  lifePhaseOn,
  ratingSources,
  riskOf,
  ScapfeedError,
  severities,
  severityAtLeast,
} from '../model/index.ts';
export { compareDpkg } from '../packaging/deb/version.ts';
export { compareRpmEvr } from '../packaging/rpm/version.ts';
export { ageInDays } from './age.ts';
export { type AssessOptions, assessOptions, assessVerdicts, vendorRating } from './assess.ts';
export { assessmentOrigins, hasRatings } from './assessment-origins.ts';
export { compareVersions } from './compare.ts';
export { contextGaps } from './context-gaps.ts';
export { type JudgeOptions, judge } from './judge.ts';
export { type MatchOptions, matchInventory, ruleOf } from './match.ts';
export { databaseGap, requireComplete, requireDatabase, requirePackages } from './package-databases.ts';
export { choosePlatform, type PlatformChoice, type PlatformOptions, platformName } from './platform.ts';
export { recordGaps, releaseGaps } from './platform-gaps.ts';
export { rulesVersion } from './rules-version.ts';
export { sortVerdicts, type VerdictOrder, verdictOrders, viewVerdicts } from './view.ts';

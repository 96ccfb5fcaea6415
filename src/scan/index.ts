/**
 * The runtime: opens a precompiled feed and judges an inventory. Needs nothing but Node.
 * Published as `scapfeed/runtime`.
 */
export type * from '../model/index.ts';
export { ScapfeedError, expandEvidence, lifePhaseOn, severities, severityAtLeast } from '../model/index.ts';
export { type Feed, type Shard, openFeed } from './feed.ts';
export { type MatchOptions, matchInventory } from './match.ts';
export { type PlatformChoice, type PlatformOptions, choosePlatform, osName } from './platform.ts';
export { viewVerdicts } from './view.ts';
export { compareDpkg } from '../versions/dpkg.ts';
export { compareRpmEvr } from '../versions/rpm.ts';
export { compareVersions } from './compare.ts';

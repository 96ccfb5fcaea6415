import type { Feed } from '../feed/read/feed.ts';
import {
  type FeedPlatform,
  type Gap,
  type Inventory,
  isUnrated,
  type Judgement,
  lifePhaseOn,
  type MatchResult,
  type UncoveredPackage,
} from '../model/index.ts';
import { type MatchOptions, matchInventory } from './match.ts';
import { databaseGap, requireDatabase } from './package-databases.ts';
import { choosePlatform, type PlatformOptions } from './platform.ts';
import { viewVerdicts } from './view.ts';

export interface JudgeOptions extends PlatformOptions, Pick<MatchOptions, 'all' | 'settings'> {
  /** The day (YYYY-MM-DD) whose phase of the release's life counts; default today, in UTC. */
  day?: string;
}

/**
 * What a feed says of an image: chooses the platform, judges every package by its rows, and tells every reason why that is
 * not about the whole image (`gaps`). `scapfeed scan` prints what this returns.
 * @throws {ScapfeedError} PLATFORM_UNKNOWN, PLATFORM_NOT_COVERED, PACKAGE_DATABASE_MISSING, or FEED_CORRUPT of the feed
 */
export function judge(feed: Feed, inventory: Inventory, options: JudgeOptions = {}): Judgement {
  requireDatabase(inventory);
  const { platform, marks } = choosePlatform(feed.manifest.platforms, inventory, options);
  const matched = matchInventory(feed, feed.shard(platform.id)!, inventory, {
    ...(options.all === undefined ? {} : { all: options.all }),
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    mapped: marks.includes('mapped'),
  });
  const { day = new Date().toISOString().slice(0, 10) } = options;
  return judgementOf(platform, marks, inventory, matched, lifePhaseOn(platform, day));
}

function judgementOf(
  platform: FeedPlatform,
  marks: readonly string[],
  inventory: Inventory,
  matched: MatchResult,
  phase: string,
): Judgement {
  const { id, name, updated } = platform;
  const verdicts = viewVerdicts(matched.verdicts);
  const uncovered = [...matched.uncovered, ...halfInstalled(inventory)];
  return {
    platform: { id, name, updated, phase, marks: [...(platform.marks ?? []), ...marks] },
    verdicts,
    unrated: verdicts.filter((verdict) => verdict.hidden === undefined && isUnrated(verdict)).length,
    judged: matched.judged,
    uncovered,
    notes: matched.notes,
    gaps: gapsOf(inventory, phase, uncovered.length),
  };
}

/** Half-installed packages may have files in place or not: dpkg cannot tell, and neither can we. */
function halfInstalled({ halfInstalled: packages = [] }: Inventory): UncoveredPackage[] {
  return packages.map((pkg) => ({ package: pkg, reason: 'half_installed' }));
}

function gapsOf(inventory: Inventory, phase: string, uncovered: number): Gap[] {
  const database = databaseGap(inventory);
  return [
    ...(phase === 'end_of_life'
      ? [{ code: phase, detail: 'the vendor no longer speaks of this release' } as const]
      : []),
    ...(database ? [database] : []),
    ...(uncovered > 0
      ? [{ code: 'uncovered_packages', detail: `${uncovered} without data in this feed` } as const]
      : []),
  ];
}

import type { Feed } from '../feed/read/feed.ts';
import { knownDate } from '../model/data-date.ts';
import { type FeedPlatform, lifePhaseOn, type RatingSource } from '../model/feed/index.ts';
import {
  type EcosystemId,
  type Inventory,
  type InventoryNote,
  judgedLanguage,
} from '../model/inventory/index.ts';
import { whole } from '../model/progress.ts';
import {
  countedFlaws,
  type Gap,
  isUnrated,
  type Judgement,
  type UncoveredPackage,
  type ViewedVerdict,
} from '../model/verdict/index.ts';
import { ageInDays } from './age.ts';
import { assessOptions, assessVerdicts } from './assess.ts';
import { assessmentOrigins } from './assessment-origins.ts';
import { contextGaps, recordGaps, releaseGaps, systemGaps } from './context-gaps.ts';
import { chosenLanguages, languageGaps, languagePlatforms, ownerNotes } from './languages.ts';
import { type JudgeStep, type MatchOptions, matchInSteps } from './match.ts';
import { databaseGap, requireOwnDatabase, requirePackages } from './package-databases.ts';
import { chooseJudging, type PlatformOptions } from './platform.ts';
import { sortVerdicts, viewVerdicts } from './view.ts';

export interface JudgeOptions extends PlatformOptions, Pick<MatchOptions, 'all' | 'stream'> {
  /** The time from which the age of the data and the support phase are computed. Default: now. */
  now?: Date;
  /** Maximum age of the vendor data in milliseconds; 0: any age. Default: no limit. */
  maxAge?: number;
  /** The rating sources that decide a severity, in order of precedence. Default: the feed's own order, or `ratingSources`. */
  severityFrom?: readonly RatingSource[];
  /** Ecosystems to judge; empty: none. Default: all that the feed has. */
  languages?: readonly EcosystemId[];
}

/**
 * Judges an image against a feed: chooses the platform, judges every package, and lists every reason why the result does not
 * cover the whole image (`gaps`). `scapfeed scan` prints the result.
 * @throws {ScapfeedError} PLATFORM_UNKNOWN, PLATFORM_NOT_COVERED, PACKAGE_DATABASE_MISSING, FEED_STALE, or FEED_CORRUPT
 */
export function judge(feed: Feed, inventory: Inventory, options: JudgeOptions = {}): Judgement {
  return whole(judgeInSteps(feed, inventory, options));
}

/** Does the same as `judge`, with pauses in which the caller can do other work or stop. */
export function* judgeInSteps(
  feed: Feed,
  given: Inventory,
  options: JudgeOptions = {},
): Generator<JudgeStep, Judgement> {
  requirePackages(given);
  const { inventory, left } = chosenLanguages(given, options.languages);
  const { now = new Date(), maxAge, all = false, stream } = options;
  const {
    platform,
    marks,
    beside,
    uncovered: system,
  } = chooseJudging(feed.manifest.platforms, inventory, options);
  requireOwnDatabase(inventory, platform);
  const ageDays = ageInDays(platform, now, maxAge);
  if (beside) ageInDays(beside, now, maxAge);
  const ofLanguages = languagePlatforms(feed, inventory, system !== undefined);
  for (const each of ofLanguages) ageInDays(each, now, maxAge);
  const mapped = marks.includes('mapped');
  const matched = yield* matchInSteps(feed, feed.shard(platform.id)!, inventory, {
    all,
    mapped,
    stream,
    ...(beside && { beside: beside.id }),
    uncovered: system?.message,
  });
  const { id, name } = platform;
  const updated = knownDate(platform.updated);
  const phase = lifePhaseOn(platform, now.toISOString().slice(0, 10));
  const assessments = assessmentOrigins(feed.manifest, now);
  const { severityFrom } = options;
  const assessing = assessOptions(feed.manifest, platform, assessments, severityFrom);
  const assessed = assessVerdicts(feed, matched.verdicts, assessing);
  const verdicts = sortVerdicts(viewVerdicts(assessed));
  const uncovered = [...matched.uncovered, ...halfInstalled(inventory)];
  return {
    platform: {
      id,
      name,
      ...(updated !== undefined && { updated, ageDays }),
      phase,
      marks: [...(platform.marks ?? []), ...marks],
    },
    severityFrom: assessing.order,
    assessments,
    verdicts,
    unrated: unratedFlaws(verdicts),
    judged: matched.judged,
    uncovered,
    unjudged: matched.unjudged,
    notes: [
      ...matched.notes,
      ...ofLanguages.map(languageNote),
      ...(system ? ownerNotes(inventory) : []),
      ...left,
      ...missingRatings(severityFrom ?? [], assessing.order),
    ],
    gaps: [
      ...systemGaps(system),
      ...gapsOf(
        inventory,
        languageGaps(feed, inventory, options.languages),
        [platform, ...ofLanguages],
        now,
        uncovered.length - matched.unread,
        matched.unread,
      ),
    ],
  };
}

function unratedFlaws(verdicts: readonly ViewedVerdict[]): number {
  const listed = verdicts.filter(({ status, hidden }) => status === 'affected' && hidden === undefined);
  return countedFlaws(listed).filter(({ verdict }) => isUnrated(verdict)).length;
}

/** The data that judged packages of a language, which has a date of its own. */
function languageNote({ id, updated }: FeedPlatform): InventoryNote {
  return { code: judgedLanguage, where: id, detail: `by data of ${updated}` };
}

/** Sources that were asked for by name, and of which the feed has nothing. */
function missingRatings(asked: readonly RatingSource[], found: readonly RatingSource[]): InventoryNote[] {
  const missing = asked.filter((source) => !found.includes(source));
  if (missing.length === 0) return [];
  return [{ code: 'no_ratings_in_feed', where: 'severity', detail: missing.join(', ') }];
}

/** A half-installed package may have its files or not: dpkg does not know, so it is not judged. */
function halfInstalled({ halfInstalled: packages = [] }: Inventory): UncoveredPackage[] {
  return packages.map((pkg) => ({ package: pkg, reason: 'half_installed' }));
}

function gapsOf(
  inventory: Inventory,
  languages: readonly Gap[],
  platforms: readonly FeedPlatform[],
  now: Date,
  absent: number,
  unread: number,
): Gap[] {
  const uncovered = [
    ...(absent > 0 ? [`${absent} without data in this feed`] : []),
    ...(unread > 0 ? [`${unread} with statements that could not be read when the feed was built`] : []),
  ];
  const database = databaseGap(inventory);
  return [
    ...platforms.flatMap((platform) => releaseGaps(platform, now)),
    ...(database ? [database] : []),
    ...contextGaps(inventory),
    // It names no platform: one says it of all.
    ...platforms.flatMap(recordGaps).slice(0, 1),
    ...languages,
    ...(uncovered.length > 0 ? [{ code: 'uncovered_packages', detail: uncovered.join(', ') } as const] : []),
  ];
}

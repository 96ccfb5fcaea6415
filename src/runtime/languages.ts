import type { JudgedInventory, Matcher } from '../distros/contract.ts';
import { type Ecosystem, ecosystems } from '../ecosystems/ecosystems.ts';
import { ecosystemJudge } from '../ecosystems/judge.ts';
import type { Feed } from '../feed/read/feed.ts';
import {
  type FeedPlatform,
  type InstalledPackage,
  type MatchResult,
  unjudgedBeside,
} from '../model/index.ts';
import { type JudgeStep, matchPackages } from './match-packages.ts';

/** Adds what the ecosystems of the feed say about packages of languages; those that it has no data about stay counted. */
export function* withLanguages(
  own: MatchResult,
  feed: Feed,
  { languages = [], unjudged = [] }: JudgedInventory,
  all: boolean,
): Generator<JudgeStep, MatchResult> {
  const results = [own];
  const judged: InstalledPackage[] = [];
  for (const ecosystem of ecosystems) {
    const packages = languages.filter(({ type }) => type === ecosystem.id);
    const matcher = packages.length > 0 ? languageMatcher(ecosystem, feed, all) : undefined;
    if (!matcher) continue;
    const { platform } = feed.shard(ecosystem.id)!;
    results.push(yield* matchPackages(matcher, platform, distinct(packages)));
    judged.push(...packages);
  }
  return {
    verdicts: results.flatMap(({ verdicts }) => verdicts),
    judged: results.reduce((sum, each) => sum + each.judged, 0),
    uncovered: results.flatMap(({ uncovered }) => uncovered),
    unread: results.reduce((sum, { unread }) => sum + unread, 0),
    unjudged: unjudgedBeside(unjudged, judged),
    notes: results.flatMap(({ notes }) => notes),
  };
}

/** The ecosystems of the feed that have packages in the inventory. */
export function languagePlatforms(feed: Feed, { languages = [] }: JudgedInventory): FeedPlatform[] {
  const types = new Set<string>(languages.map(({ type }) => type));
  return feed.manifest.platforms.filter(({ id }) => types.has(id));
}

/** Undefined: the feed has nothing of the ecosystem. */
export function languageMatcher(ecosystem: Ecosystem, feed: Feed, all: boolean): Matcher | undefined {
  const shard = feed.shard(ecosystem.id);
  const context = { feed, inventory: { packages: [] }, all, mapped: false, stream: undefined };
  return shard && ecosystemJudge(ecosystem).matcher({ ...context, shard });
}

/** A copy of a package at another place has the same flaws. */
function distinct(packages: readonly InstalledPackage[]): InstalledPackage[] {
  return [...new Map(packages.map((pkg) => [`${pkg.name}\0${pkg.version}`, pkg])).values()];
}

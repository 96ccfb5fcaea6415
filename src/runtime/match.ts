import type { Judge, JudgedInventory } from '../distros/contract.ts';
import { foreignTo } from '../distros/databases.ts';
import { judges } from '../distros/judges.ts';
import { ecosystemOf } from '../ecosystems/ecosystems.ts';
import { ecosystemJudge } from '../ecosystems/judge.ts';
import type { Feed, Shard } from '../feed/read/feed.ts';
import type { VerdictRule } from '../model/compliance/index.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FeedPlatform } from '../model/feed/index.ts';
import { type InstalledPackage, isDatabaseType, isOfEcosystem } from '../model/inventory/index.ts';
import { whole } from '../model/progress.ts';
import type { MatchResult, Verdict } from '../model/verdict/index.ts';

import { languageMatcher, withLanguages, withoutDistribution } from './languages.ts';
import { type JudgeStep, matchPackages } from './match-packages.ts';

export type { JudgeStep } from './match-packages.ts';

export interface MatchOptions {
  /** Also returns verdicts `fixed` and `not_affected`. */
  all?: boolean;
  /** The image is of another distribution and is judged by this platform on request. */
  mapped?: boolean;
  /** Id of a second platform whose statements are used where this one has none (PlatformChoice.beside). */
  beside?: string;
  /** Why the feed does not cover the distribution, if the platform is an ecosystem (PlatformChoice.uncovered). */
  uncovered?: string | undefined;
  /**
   * The stream of updates that the image gets, in place of what it says itself: `main`, or one of a distribution (`pro`, `ltss`,
   * `eus`), which others ignore.
   */
  stream?: string | undefined;
}

/**
 * Matches the packages of an inventory, and the container products that the image declares, with a platform's statements. Each is
 * judged or listed as uncovered. Gaps (an incomplete database, half-installed packages, end of life) are added by `judge`.
 */
export function matchInventory(
  feed: Feed,
  shard: Shard,
  inventory: JudgedInventory,
  options: MatchOptions = {},
): MatchResult {
  return whole(matchInSteps(feed, shard, inventory, options));
}

/** Does the same as `matchInventory`, with pauses in which the caller can do other work or stop. */
export function* matchInSteps(
  feed: Feed,
  shard: Shard,
  inventory: JudgedInventory,
  { all = false, mapped = false, stream, beside, uncovered }: MatchOptions = {},
): Generator<JudgeStep, MatchResult> {
  const { platform } = shard;
  if (isOfEcosystem({ type: platform.os.id })) {
    const detail = uncovered ?? `${platform.name} is no distribution`;
    return yield* withLanguages(withoutDistribution(inventory.packages, detail), feed, inventory, all);
  }
  if (beside !== undefined) {
    const own = yield* matchInSteps(feed, shard, inventory, { all: true, mapped, stream });
    return yield* withWordOf(beside, own, feed, inventory, { all, stream });
  }
  const matcher = judgeFor(platform).matcher({ feed, shard, inventory, all, mapped, stream });
  const result = yield* matchPackages(matcher, platform, inventory.packages);
  for (const { verdicts, uncovered, notes } of matcher.products?.() ?? []) {
    result.verdicts.push(...verdicts);
    result.uncovered.push(...uncovered);
    result.notes.push(...notes);
  }
  if (mapped) result.verdicts = result.verdicts.map(asMapped);
  return yield* withLanguages(result, feed, inventory, all);
}

const asMapped = (verdict: Verdict): Verdict => ({ ...verdict, marks: [...verdict.marks, 'mapped'] });

/**
 * Adds what another platform says of the judged packages where their own says nothing: each such verdict is `mapped`. Other
 * packages stay uncovered: they are of neither.
 */
function* withWordOf(
  platform: string,
  own: MatchResult,
  feed: Feed,
  inventory: JudgedInventory,
  { all, stream }: Required<Pick<MatchOptions, 'all' | 'stream'>>,
): Generator<JudgeStep, MatchResult> {
  const spoken = new Map<InstalledPackage, Set<string>>();
  for (const { package: pkg, vulnerability } of own.verdicts)
    spoken.set(pkg, (spoken.get(pkg) ?? new Set()).add(vulnerability));
  const uncovered = new Set(own.uncovered.map(({ package: pkg }) => pkg).filter((pkg) => !spoken.has(pkg)));
  const packages = inventory.packages.filter((pkg) => !uncovered.has(pkg));
  const asked = { ...inventory, packages, products: [], languages: [] };
  const beside = yield* matchInSteps(feed, feed.shard(platform)!, asked, { all, mapped: true, stream });
  const added = beside.verdicts.filter(
    ({ package: pkg, vulnerability }) => !spoken.get(pkg)?.has(vulnerability),
  );
  const verdicts = own.verdicts.filter(
    ({ status }) => all || status === 'affected' || status === 'under_investigation',
  );
  return {
    ...own,
    verdicts: [...verdicts, ...added],
    notes: [...own.notes, ...beside.notes],
  };
}

/**
 * Returns the rule that decides for a package of an inventory about one vulnerability, or `undefined` if no statement applies.
 */
export function ruleOf(
  feed: Feed,
  shard: Shard,
  inventory: JudgedInventory,
  { mapped = false, stream, beside }: MatchOptions,
): (pkg: InstalledPackage, vulnerability: string) => VerdictRule | undefined {
  const { platform } = shard;
  const matcher = judgeFor(platform).matcher({ feed, shard, inventory, all: true, mapped, stream });
  const own = (pkg: InstalledPackage, vulnerability: string) => {
    const ecosystem = ecosystemOf(pkg.type);
    if (ecosystem) return languageMatcher(ecosystem, feed, true)?.rule(pkg, vulnerability);
    if (isOfEcosystem({ type: platform.os.id })) return undefined;
    return foreignTo(platform.os.id, pkg) === undefined ? matcher.rule(pkg, vulnerability) : undefined;
  };
  if (beside === undefined) return own;
  const other = ruleOf(feed, feed.shard(beside)!, inventory, { mapped: true, stream });
  return (pkg, vulnerability) => own(pkg, vulnerability) ?? other(pkg, vulnerability);
}

/**
 * The judge of a platform. The feed may have been made by a scapfeed that knows more distributions and kinds of packages.
 * @throws {ScapfeedError} PLATFORM_NOT_COVERED
 */
export function judgeFor({ id, os, packaging }: FeedPlatform): Judge {
  const judge = judges.find((each) => each.id === os.id);
  if (judge && isDatabaseType(packaging)) return judge;
  const ecosystem = ecosystemOf(os.id);
  if (ecosystem) return ecosystemJudge(ecosystem);
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `this scapfeed has no rule for ${id}`,
    remedy: 'use the version of scapfeed that made the feed',
  });
}

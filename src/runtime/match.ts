import type { Judge, JudgedInventory, Matcher } from '../distros/contract.ts';
import { foreignTo } from '../distros/databases.ts';
import { judges } from '../distros/judges.ts';
import type { Feed, Shard } from '../feed/read/feed.ts';
import {
  compareCodeUnits,
  type FeedPlatform,
  type InstalledPackage,
  type MatchResult,
  ScapfeedError,
  type VerdictRule,
  whole,
} from '../model/index.ts';

export interface MatchOptions {
  /** Also returns verdicts `fixed` and `not_affected`. */
  all?: boolean;
  /** The image is of another distribution and is judged by this platform on request. */
  mapped?: boolean;
  /** Id of a second platform whose statements are used where this one has none (PlatformChoice.beside). */
  beside?: string;
  /**
   * The stream of updates that the image gets, in place of what it says itself: `main`, or one of a distribution (`pro`, `ltss`,
   * `eus`), which others ignore.
   */
  stream?: string | undefined;
}

/** Progress of judging the packages of an inventory. */
export interface JudgeStep {
  done: number;
  total: number;
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

/** Packages after which long work pauses: a few milliseconds. */
const stepSize = 128;

/** Does the same as `matchInventory`, with pauses in which the caller can do other work or stop. */
export function* matchInSteps(
  feed: Feed,
  shard: Shard,
  inventory: JudgedInventory,
  { all = false, mapped = false, stream, beside }: MatchOptions = {},
): Generator<JudgeStep, MatchResult> {
  if (beside !== undefined) {
    const own = yield* matchInSteps(feed, shard, inventory, { all: true, mapped, stream });
    return yield* withWordOf(beside, own, feed, inventory, { all, stream });
  }
  const matcher = judgeFor(shard.platform).matcher({ feed, shard, inventory, all, mapped, stream });
  const result: MatchResult = { verdicts: [], judged: 0, uncovered: [], unread: 0, notes: [] };
  let done = 0;
  for (const pkg of inShardOrder(inventory.packages)) {
    if (done > 0 && done % stepSize === 0) yield { done, total: inventory.packages.length };
    matchPackage(pkg, matcher, shard.platform, result);
    done += 1;
  }
  for (const { verdicts, uncovered, notes } of matcher.products?.() ?? []) {
    result.verdicts.push(...verdicts);
    result.uncovered.push(...uncovered);
    result.notes.push(...notes);
  }
  return result;
}

/**
 * Adds what another platform says of the judged packages where their own says nothing: each such verdict is marked. Other
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
  const asked = { ...inventory, packages, products: [] };
  const beside = yield* matchInSteps(feed, feed.shard(platform)!, asked, { all, mapped: true, stream });
  const added = beside.verdicts.filter(
    ({ package: pkg, vulnerability }) => !spoken.get(pkg)?.has(vulnerability),
  );
  const verdicts = own.verdicts.filter(
    ({ status }) => all || status === 'affected' || status === 'under_investigation',
  );
  return {
    ...own,
    verdicts: [
      ...verdicts,
      ...added.map((verdict) => ({ ...verdict, marks: [...new Set([...verdict.marks, 'mapped'])] })),
    ],
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
  const own = (pkg: InstalledPackage, vulnerability: string) =>
    foreignTo(platform.os.id, pkg) === undefined ? matcher.rule(pkg, vulnerability) : undefined;
  if (beside === undefined) return own;
  const other = ruleOf(feed, feed.shard(beside)!, inventory, { mapped: true, stream });
  return (pkg, vulnerability) => own(pkg, vulnerability) ?? other(pkg, vulnerability);
}

/** Facts that an SBOM must state about a package so that a rule can apply to it. */
const needed = {
  source: 'the SBOM does not say of which source it was built',
  release: 'the SBOM says that it is of another system',
} as const;

function matchPackage(
  pkg: InstalledPackage,
  matcher: Matcher,
  platform: FeedPlatform,
  result: MatchResult,
): void {
  const foreign = foreignTo(platform.os.id, pkg);
  if (foreign !== undefined) {
    result.uncovered.push({ package: pkg, reason: 'not_covered', detail: foreign });
    return;
  }
  const missing = pkg.unstated?.find((what) => what !== 'signature');
  if (missing !== undefined) {
    result.uncovered.push({ package: pkg, reason: 'undecidable', detail: needed[missing] });
    return;
  }
  const matched = matcher.match(pkg);
  if ('uncovered' in matched) {
    result.uncovered.push(matched.uncovered);
    return;
  }
  for (const verdict of matched.verdicts) result.verdicts.push(verdict);
  if (matched.unread === undefined) {
    result.judged += 1;
    return;
  }
  result.unread += 1;
  const { count, records } = matched.unread;
  const detail = unreadWords(count);
  result.uncovered.push({ package: pkg, reason: 'undecidable', detail, unread: records });
}

/** The readable statements about the package still count: it has verdicts, but they are not all. */
function unreadWords(count: number): string {
  return count === 1
    ? "one of the vendor's statements about it could not be read when the feed was built"
    : `${count} of the vendor's statements about it could not be read when the feed was built`;
}

/** The feed may have been made by a scapfeed that knows more distributions. */
export function judgeFor({ id, os }: FeedPlatform): Judge {
  const judge = judges.find((each) => each.id === os.id);
  if (judge) return judge;
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `this scapfeed has no rule for ${id}`,
    remedy: 'use the version of scapfeed that made the feed',
  });
}

/** In this order each block of the shard is read once. */
function inShardOrder(packages: readonly InstalledPackage[]): InstalledPackage[] {
  return [...packages].sort(
    (a, b) =>
      compareCodeUnits(a.source.name, b.source.name) ||
      compareCodeUnits(a.name, b.name) ||
      compareCodeUnits(a.arch, b.arch),
  );
}

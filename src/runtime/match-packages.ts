import type { Matcher } from '../distros/contract.ts';
import { foreignTo, judgesOwnNames } from '../distros/databases.ts';
import type { FeedPlatform } from '../model/feed/index.ts';
import type { InstalledPackage } from '../model/inventory/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import type { MatchResult } from '../model/verdict/index.ts';

/** Progress of judging the packages of an inventory. */
export interface JudgeStep {
  done: number;
  total: number;
}

/** Packages after which long work pauses: a few milliseconds. */
const stepSize = 128;

/** Judges packages one by one. */
export function* matchPackages(
  matcher: Matcher,
  platform: FeedPlatform,
  packages: readonly InstalledPackage[],
): Generator<JudgeStep, MatchResult> {
  const result: MatchResult = { verdicts: [], judged: 0, uncovered: [], unread: 0, unjudged: [], notes: [] };
  let done = 0;
  for (const pkg of inShardOrder(packages)) {
    if (done > 0 && done % stepSize === 0) yield { done, total: packages.length };
    matchPackage(pkg, matcher, platform, result);
    done += 1;
  }
  return result;
}

/** Facts that the list of a package (an SBOM, the manifest of chisel) must state so that a rule can apply to it. */
const needed = {
  source: 'what lists it does not say of which source it was built',
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
  const missing = pkg.unstated?.find(
    (what): what is keyof typeof needed =>
      what === 'release' || (what === 'source' && !judgesOwnNames(platform.os.id)),
  );
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
  for (const notice of matched.notices ?? []) result.notes.push(notice);
  if (matched.undecided !== undefined) {
    result.uncovered.push({ package: pkg, reason: 'undecidable', detail: matched.undecided });
    return;
  }
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

/** In this order each block of the shard is read once. */
function inShardOrder(packages: readonly InstalledPackage[]): InstalledPackage[] {
  return [...packages].sort(
    (a, b) =>
      compareCodeUnits(a.source.name, b.source.name) ||
      compareCodeUnits(a.name, b.name) ||
      compareCodeUnits(a.arch, b.arch),
  );
}

import type { Feed } from '../../feed/read/feed.ts';
import type { FeedPlatform } from '../../model/feed/index.ts';
import { isOfEcosystem } from '../../model/inventory/index.ts';
import type { UncoveredPackage, ViewedVerdict } from '../../model/verdict/index.ts';
import {
  assessmentOrigins,
  assessOptions,
  assessVerdicts,
  matchInventory,
  viewVerdicts,
} from '../../runtime/index.ts';
import { judgedInventory, type PackageFacts, type SystemFacts } from '../kept-parts.ts';
import type { SystemCoverage } from './coverage.ts';
import type { FleetJudging } from './options.ts';

export interface KeptFacts {
  id: number;
  facts: PackageFacts;
}

/** Verdicts of a feed on packages of one system, by the packages' numbers. */
export interface JudgedPackages {
  verdicts: Map<number, ViewedVerdict[]>;
  uncovered: Map<number, UncoveredPackage[]>;
  /** Rows of the feed's tables that the system's judge asked for. */
  rows: Set<string>;
}

/**
 * Judges packages as a scan does that has them in its image: by the same matcher and the same order of ratings. `all`: also with
 * verdicts `fixed` and `not_affected`.
 */
export function judgePackages(
  feed: Feed,
  system: SystemFacts,
  { platform: id, marks, message }: SystemCoverage,
  packages: readonly KeptFacts[],
  judging: FleetJudging,
  { all = false } = {},
): JudgedPackages {
  const judged: JudgedPackages = { verdicts: new Map(), uncovered: new Map(), rows: new Set() };
  const noted = notingRows(feed, judged.rows);
  const platform = noted.manifest.platforms.find((each) => each.id === id)!;
  const context = {
    feed: noted,
    platform,
    mapped: marks.includes('mapped'),
    uncovered: message,
    judging,
    all,
  };
  judgeInstalled(system, packages, context, judged);
  // Each product alone: its verdicts name a package that the matcher makes.
  for (const each of packages) if ('product' in each.facts) judgeProduct(system, each, context, judged);
  return judged;
}

interface JudgingContext {
  feed: Feed;
  platform: FeedPlatform;
  mapped: boolean;
  /** Why the feed does not cover the distribution, if the platform is an ecosystem. */
  uncovered: string | undefined;
  judging: FleetJudging;
  all: boolean;
}

function judgeInstalled(
  system: SystemFacts,
  packages: readonly KeptFacts[],
  context: JudgingContext,
  judged: JudgedPackages,
): void {
  const installed = packages.filter(({ facts }) => 'package' in facts);
  const inventory = judgedInventory(
    system,
    installed.map(({ facts }) => facts),
  );
  const ofLanguage = (isOf: boolean) =>
    installed.filter(({ facts }) => 'package' in facts && isOfEcosystem(facts.package) === isOf);
  const numbers = new Map([
    ...ofLanguage(false).map(({ id }, at) => [inventory.packages[at], id] as const),
    ...ofLanguage(true).map(({ id }, at) => [inventory.languages?.[at], id] as const),
  ]);
  const { verdicts, uncovered } = match(inventory, context);
  // Owners of packages of languages have verdicts of their own elsewhere.
  for (const verdict of verdicts) pushOf(judged.verdicts, numbers.get(verdict.package), verdict);
  for (const each of uncovered) pushOf(judged.uncovered, numbers.get(each.package), each);
}

function judgeProduct(
  system: SystemFacts,
  { id, facts }: KeptFacts,
  context: JudgingContext,
  judged: JudgedPackages,
): void {
  const { verdicts, uncovered } = match(judgedInventory(system, [facts]), context);
  for (const verdict of verdicts) push(judged.verdicts, id, verdict);
  for (const each of uncovered) push(judged.uncovered, id, each);
}

function match(
  inventory: ReturnType<typeof judgedInventory>,
  { feed, platform, mapped, uncovered, judging, all }: JudgingContext,
): { verdicts: readonly ViewedVerdict[]; uncovered: readonly UncoveredPackage[] } {
  const { stream, severityFrom } = judging;
  const matched = matchInventory(feed, feed.shard(platform.id)!, inventory, {
    all,
    mapped,
    stream,
    uncovered,
  });
  const origins = assessmentOrigins(feed.manifest, new Date(feed.manifest.created));
  const options = assessOptions(feed.manifest, platform, origins, severityFrom);
  return {
    verdicts: viewVerdicts(assessVerdicts(feed, matched.verdicts, options)),
    uncovered: matched.uncovered,
  };
}

function notingRows(feed: Feed, rows: Set<string>): Feed {
  return {
    ...feed,
    row(table, id) {
      rows.add(`${table}/${id}`);
      return feed.row(table, id);
    },
  };
}

function pushOf<T>(lists: Map<number, T[]>, key: number | undefined, value: T): void {
  if (key !== undefined) push(lists, key, value);
}

function push<T>(lists: Map<number, T[]>, key: number, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

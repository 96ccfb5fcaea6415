import { shrinkages, shrinkageText, usualLoss } from '../../feed/shrinkage.ts';
import { isFrozen } from '../../model/data-date.ts';
import { type FeedSource, isPastEndOfLife, isUnread, type ShardLine } from '../../model/feed/index.ts';
import { isAssessmentPart } from '../../published/assessment-parts.ts';
import type { PlatformChanges } from '../changes/changes.ts';
import { isOffsets } from '../feed/lines.ts';
import type { FeedPart } from '../feed/part.ts';
import { packagesOf } from '../feed/shard.ts';
import { inputDates } from './input-dates.ts';

/** The gates, in the order of the report. */
export const gateNames = [
  'missing',
  'shrink',
  'flip',
  'vanished-year',
  'vanished-package',
  'late-input',
  'frozen',
  'findings',
  'content',
  'validity',
  'sentinel',
] as const;
export type GateName = (typeof gateNames)[number];

/** Why a gate holds a platform back. */
export interface GateFinding {
  gate: GateName;
  platform: string;
  /** The expected and the actual value, for display. */
  message: string;
}

/** Limits of the gates. Shares are relative to the last good feed. */
export interface GateLimits {
  /** Share of statements or packages lost. */
  shrink: number;
  /** Share of statements whose status changed. */
  flip: number;
  /** Share of ids lost of one of the last years. */
  year: number;
  /** A package with at least this many ids must not disappear. */
  packageIds: number;
  /** Share of a source's records that could not be read, above its usual share. */
  findings: number;
  /** Multiple of the usual time between two inputs, and the minimum in milliseconds. */
  lateFactor: number;
  lateLeast: number;
}

const day = 86_400_000;

export const defaultLimits: GateLimits = {
  shrink: 0.05,
  flip: 0.05,
  year: 0.2,
  packageIds: 50,
  findings: 0.1,
  lateFactor: 3,
  lateLeast: 2 * day,
};

/** With fewer statements than this no shares are computed: three changes of twenty are not suspicious. */
const leastStatements = 200;

/** `absent`: the feed must not have a statement about it. */
export const sentinelStatuses = [
  'affected',
  'fixed',
  'not_affected',
  'under_investigation',
  'absent',
] as const;

/** A condition that every published feed must meet. */
export interface Sentinel {
  platform: string;
  package: string;
  vulnerability: string;
  status: (typeof sentinelStatuses)[number];
  fixed?: string;
}

export interface GateInput {
  part: FeedPart;
  last: FeedPart | undefined;
  changes: PlatformChanges;
  /** Dates of earlier inputs by input id, newest first: how often a vendor publishes. */
  inputDates: ReadonlyMap<string, readonly string[]>;
  sentinels: readonly Sentinel[];
  /** Violations found by validation, one line each. */
  invalid: readonly string[];
  limits: GateLimits;
  date: Date;
}

/** Returns every reason to hold a platform back; none: it is published. */
export function judgePart(input: GateInput): GateFinding[] {
  const platform = input.part.platform;
  const messages: [GateName, string[]][] = [
    ['shrink', shrunk(input)],
    ['flip', flipped(input)],
    ['vanished-year', vanishedYears(input)],
    ['vanished-package', vanishedPackages(input)],
    ['late-input', lateInputs(input)],
    ['frozen', frozen(input)],
    ['findings', overBudget(input)],
    ['content', lostContent(input)],
    ['validity', [...input.invalid]],
    ['sentinel', brokenSentinels(input)],
  ];
  return messages.flatMap(([gate, found]) => found.map((message) => ({ gate, platform, message })));
}

function shrunk({ part, last, limits }: GateInput): string[] {
  if (!last) return [];
  const allowed = Math.max(usualLoss, limits.shrink);
  const inputs = shrinkages(last.manifest, part.manifest, allowed).map(
    (input) => `${shrinkageText(input)}; allowed is a loss of ${percent(allowed)}`,
  );
  if (isAssessmentPart(part.platform)) return [...shrunkFiles(part, last), ...inputs];
  return [...shrunkPlatform(part, last, limits), ...inputs];
}

/** Ratings and scores follow the statements of all platforms: only a loss of half of a file is suspicious. */
function shrunkFiles(part: FeedPart, last: FeedPart): string[] {
  const now = new Map(part.manifest.outputs.map(({ path, size }) => [path, size]));
  return last.manifest.outputs.flatMap(({ path, size }) => {
    if (isOffsets(path) || size < leastBytes) return [];
    const has = now.get(path) ?? 0;
    const lost = (size - has) / size;
    return lost > usualLoss
      ? `${percent(lost)} of ${path} is gone: ${size} bytes before, ${has} now; allowed is a loss of ${percent(usualLoss)}`
      : [];
  });
}

const leastBytes = 10_000;

function shrunkPlatform(part: FeedPart, last: FeedPart, limits: GateLimits): string[] {
  const now = part.manifest.platforms[0]!;
  const before = last.manifest.platforms[0]!;
  if (before.statements < leastStatements) return [];
  return (['statements', 'packages'] as const).flatMap((what) => {
    const lost = (before[what] - now[what]) / before[what];
    return lost > limits.shrink
      ? `${percent(lost)} of the ${what} are gone: ${before[what]} before, ${now[what]} now; allowed are ${percent(limits.shrink)}`
      : [];
  });
}

function flipped({ last, changes, limits }: GateInput): string[] {
  const before = last?.manifest.platforms[0]?.statements ?? 0;
  if (before < leastStatements) return [];
  const { now_affected, now_fixed, status_changed } = changes.counts;
  const flips = now_affected + now_fixed + status_changed;
  return flips / before > limits.flip
    ? [
        `${flips} of ${before} statements changed their status at once (${percent(flips / before)}); allowed are ${percent(limits.flip)}`,
      ]
    : [];
}

const recentYears = 3;

function vanishedYears({ part, last, limits, date }: GateInput): string[] {
  if (!last) return [];
  const before = idsByYear(last);
  const now = idsByYear(part);
  const newest = date.getUTCFullYear();
  const years = Array.from({ length: recentYears }, (_, at) => String(newest - at));
  return years.flatMap((year) => {
    const had = before.get(year) ?? 0;
    const has = now.get(year) ?? 0;
    return had >= limits.packageIds && (had - has) / had > limits.year
      ? `of the year ${year} ${had} vulnerabilities were known, now ${has}; allowed is a loss of ${percent(limits.year)}`
      : [];
  });
}

function vanishedPackages({ part, last, limits }: GateInput): string[] {
  if (!last) return [];
  const now = new Set(packagesOf(part).map(({ package: name }) => name));
  return packagesOf(last).flatMap((line) => {
    if (now.has(line.package)) return [];
    const ids = countIds(line);
    return ids >= limits.packageIds ? `the package ${line.package} with ${ids} vulnerabilities vanished` : [];
  });
}

function lateInputs({ part, last, inputDates: known, limits, date }: GateInput): string[] {
  // Scans report the age of each of these sources, and an old catalog is better than none.
  if (isAssessmentPart(part.platform)) return [];
  const dates = inputDates(part, last, known, date.toISOString());
  return [...dates].flatMap(([id, newest]) => {
    const gap = usualGap([newest, ...(known.get(id) ?? [])]);
    if (gap === undefined) return [];
    const age = date.getTime() - Date.parse(newest);
    const allowed = Math.max(limits.lateLeast, gap * limits.lateFactor);
    return age > allowed
      ? `the input ${id} is of ${newest}, ${days(age)} old; by its rhythm ${days(allowed)} are allowed`
      : [];
  });
}

/** The source answers and should have had newer data: than at the last publication, or at the first one than what it has. */
function frozen({ part: { manifest }, last, date }: GateInput): string[] {
  const before = last?.manifest.platforms[0];
  return manifest.platforms.flatMap((platform) => {
    const source = manifest.sources.find(({ id }) => id === platform.source);
    const { usualDays } = source ?? {};
    if (usualDays === undefined || source?.failed !== undefined || isPastEndOfLife(platform, date)) return [];
    const { updated } = platform;
    return (before === undefined || updated === before.updated) && isFrozen(updated, date, usualDays)
      ? `${source!.id} answers, and its newest data is still of ${updated}; usually there is newer within ${usualDays} days`
      : [];
  });
}

/** Median time between an input's dates; undefined with fewer than three dates. */
function usualGap(dates: readonly string[]): number | undefined {
  const times = [...new Set(dates)].map((text) => Date.parse(text)).sort((a, b) => a - b);
  if (times.length < 3) return undefined;
  const gaps = times.slice(1).map((time, at) => time - times[at]!);
  return gaps.sort((a, b) => a - b)[gaps.length >> 1];
}

/** Records about what is not compiled say nothing of how well a source is read: only those count that should have been. */
function overBudget({ part, last, limits }: GateInput): string[] {
  const before = new Map(last?.manifest.sources.map((source) => [source.id, source]));
  return part.manifest.sources.flatMap((source) => {
    const { unread, readable } = readingOf(source);
    const known = before.get(source.id);
    const usual = known === undefined ? 0 : shareOf(readingOf(known));
    const allowed = usual + limits.findings;
    const share = shareOf({ unread, readable });
    return share > allowed
      ? `of ${readable} records of ${source.id} ${unread} could not be read (${percent(share)}); allowed are ${percent(allowed)}`
      : [];
  });
}

function readingOf({ records, dropped, findings }: FeedSource): { unread: number; readable: number } {
  const unread = findings
    .filter((finding) => finding.dropped && isUnread(finding.reason))
    .reduce((sum, { count }) => sum + count, 0);
  return { unread, readable: records - dropped + unread };
}

function shareOf({ unread, readable }: { unread: number; readable: number }): number {
  return readable > 0 ? unread / readable : 0;
}

/** Share of a profile's rules that a new version of a benchmark may drop. */
const usualRulesLost = 0.2;

/** Benchmarks and profiles that users name in their pipelines, and profiles that would pass because they check less. */
function lostContent({ part, last }: GateInput): string[] {
  const now = part.manifest.content ?? [];
  return (last?.manifest.content ?? []).flatMap(({ product, profiles }) => {
    const found = now.find((content) => content.product === product);
    if (!found) return [`the SCAP content ${product} with ${profiles.length} profiles is gone`];
    return profiles.flatMap(({ id, rules }) => {
      const has = found.profiles.find((profile) => profile.id === id)?.rules;
      if (has === undefined) return [`the profile ${id} of the SCAP content ${product} is gone`];
      const lost = (rules - has) / rules;
      return lost > usualRulesLost
        ? [
            `the profile ${id} of the SCAP content ${product} has ${has} rules, ${rules} before; allowed is a loss of ` +
              percent(usualRulesLost),
          ]
        : [];
    });
  });
}

function brokenSentinels({ part, sentinels }: GateInput): string[] {
  const own = sentinels.filter(({ platform }) => platform === part.platform);
  if (own.length === 0) return [];
  const lines = new Map(packagesOf(part).map((line) => [line.package, line]));
  return own.flatMap((sentinel) => {
    const found =
      lines.get(sentinel.package)?.claims.filter(({ ids }) => ids.includes(sentinel.vulnerability)) ?? [];
    const holds =
      sentinel.status === 'absent'
        ? found.length === 0
        : found.some(
            ({ status, fixed }) =>
              status === sentinel.status && (sentinel.fixed === undefined || fixed === sentinel.fixed),
          );
    if (holds) return [];
    const says = found.map(({ status, fixed }) => [status, fixed].filter(Boolean).join(' ')).join(', ');
    const wanted = [sentinel.status, sentinel.fixed].filter(Boolean).join(' ');
    return `${sentinel.vulnerability} in ${sentinel.package}: expected ${wanted}, found ${says || 'nothing'}`;
  });
}

function idsByYear(part: FeedPart): Map<string, number> {
  const ids = new Set<string>();
  for (const { claims } of packagesOf(part)) {
    for (const claim of claims) for (const id of claim.ids) ids.add(id);
  }
  const years = new Map<string, number>();
  for (const id of ids) {
    const year = /^CVE-(\d{4})-/.exec(id)?.[1];
    if (year) years.set(year, (years.get(year) ?? 0) + 1);
  }
  return years;
}

function countIds({ claims }: ShardLine): number {
  return new Set(claims.flatMap(({ ids }) => ids)).size;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function days(milliseconds: number): string {
  return `${(milliseconds / day).toFixed(1)} days`;
}

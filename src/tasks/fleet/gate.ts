import type { Queries } from '../../fleet/store/database.ts';
import { type FleetDue, fleetDue, slaRules } from '../../fleet/store/sla.ts';
import { dayOf } from '../../fleet/waivers/acting-waivers.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type Manifest, severityAtLeast } from '../../model/feed/index.ts';
import {
  countedNews,
  type FleetRunSummary,
  leavesOpen,
  type NewsDocument,
  type NewsItem,
  type NewsKind,
} from '../../model/fleet/index.ts';
import { plural, thousands } from '../../report/text-table.ts';
import { assessmentOrigins } from '../../runtime/index.ts';
import { type GateOutcome, type OptionSpelling, worst } from '../outcome.ts';
import type { OrUndefined } from '../parameters.ts';
import { requireSources, systemsOf } from '../scan/gate.ts';
import { wordThreshold } from '../scan/thresholds.ts';
import type { NewsPolicyOptions, RunPolicyOptions } from './options.ts';

/** A gate that no flaw of the feed can trip would let every night through. @throws {ScapfeedError} FEED_LACKS_SOURCE */
export function requireRatings(
  { failOnNew, allowUnrated = false }: OrUndefined<NewsPolicyOptions>,
  manifest: Manifest,
  names: OptionSpelling,
): void {
  if (failOnNew === undefined) return;
  requireSources(
    { thresholds: [wordThreshold(failOnNew)], unratedFails: false, allowUnrated },
    assessmentOrigins(manifest, new Date(manifest.created)),
    systemsOf(manifest),
    { names, option: 'failOnNew', words: [] },
  );
}

/** By days that nobody named, nothing is overdue, and a gate would let every night through. @throws {ScapfeedError} USAGE */
export async function requireSla(queries: Queries, option: string): Promise<void> {
  if (await slaRules(queries)) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `${option}: the fleet keeps no SLA`,
    remedy: 'keep the section `sla` of a policy with `scapfeed fleet sla --policy FILE`',
  });
}

/** Overdue flaws for the gate; undefined if no option asks for them. */
export async function dueForGate(
  queries: Queries,
  { failOnOverdue }: OrUndefined<RunPolicyOptions>,
  now: Date,
): Promise<FleetDue | undefined> {
  return failOnOverdue ? fleetDue(queries, dayOf(now)) : undefined;
}

/**
 * The outcome of a run with its news; 3: the data are too old. `due`: what {@link dueForGate} found. `pullFailed`: the data could not be
 * renewed before the run, which judged by the last good ones.
 */
export function runOutcome(
  summary: FleetRunSummary,
  news: NewsDocument,
  gate: OrUndefined<RunPolicyOptions>,
  as: OptionSpelling,
  { due, pullFailed = false }: { due: FleetDue | undefined; pullFailed?: boolean },
): GateOutcome<0 | 1 | 3 | 4> {
  const isPartly = gate.failOnUncovered && (summary.open?.withoutData ?? 0) > 0;
  const isOpen = leavesOpen(summary) && !gate.allowUncovered;
  // The news are reported even if another reason determines the exit code.
  const ofNews = changesOutcome(news, gate, as);
  const ofSla = due ? overdueOutcome(due, gate, as) : { exitCode: 0 as const, reasons: [] };
  const exitCode = worst(ofNews.exitCode, ofSla.exitCode);
  const reasons = [...ofNews.reasons, ...ofSla.reasons];
  if (summary.stale.length > 0 || pullFailed) return { exitCode: 3, reasons };
  if (isOpen || isPartly || summary.unsigned > 0) return { exitCode: 4, reasons };
  return { exitCode: summary.refused > 0 ? worst(1, exitCode) : exitCode, reasons };
}

/** The outcome of news on their own: as of a run, and 4 if none ended, or the last one had no image. */
export function newsOutcome(
  news: NewsDocument,
  gate: OrUndefined<NewsPolicyOptions>,
  as: OptionSpelling,
): GateOutcome {
  const last = news.runs.at(-1);
  if (gate.failOnNew === undefined || (last && !last.isEmpty)) return changesOutcome(news, gate, as);
  const why = last ? 'the fleet has no image' : 'no run ended';
  return { exitCode: 4, reasons: [`not judged: ${as('failOnNew')}: ${why}`] };
}

/** 4 if most of the changes cannot be seen by the gate, 1 if one fails. */
function changesOutcome(
  news: NewsDocument,
  { failOnNew, allowNewImages = false, allowUnrated = false }: OrUndefined<NewsPolicyOptions>,
  as: OptionSpelling,
): GateOutcome {
  if (failOnNew === undefined) return { exitCode: 0, reasons: [] };
  const changes = gatedNews(news, allowNewImages);
  const unrated = changes.filter(({ severity }) => severity === undefined || severity === 'unknown').length;
  if (!allowUnrated && unrated * 2 > changes.length) {
    const unseen = `${as('failOnNew')} cannot see ${thousands(unrated)} of ${plural(changes.length, 'change')}`;
    const reason = `not judged: ${unseen}: nobody has rated the flaws; ${as('allowUnrated')} accepts that`;
    return { exitCode: 4, reasons: [reason] };
  }
  const failing = changes.filter(
    ({ severity }) => severity !== undefined && severityAtLeast(severity, failOnNew),
  ).length;
  if (failing === 0) return { exitCode: 0, reasons: [] };
  return {
    exitCode: 1,
    reasons: [`policy: ${plural(failing, 'change')} at or above ${as('failOnNew')} ${failOnNew}`],
  };
}

/** The outcome of the SLA: 4 if it has no day for most of the flaws because nobody has rated them, 1 if a flaw is overdue. */
function overdueOutcome(
  { images, overdue, flaws, unrated }: FleetDue,
  { allowUnrated = false }: OrUndefined<RunPolicyOptions>,
  as: OptionSpelling,
): GateOutcome {
  const late =
    overdue === 0
      ? []
      : [`policy: ${plural(overdue, 'overdue flaw')} in ${plural(images, 'image')} (${as('failOnOverdue')})`];
  if (!allowUnrated && unrated * 2 > flaws) {
    const unseen = `${as('failOnOverdue')} has no day for ${thousands(unrated)} of ${plural(flaws, 'flaw')}`;
    const reason = `not judged: ${unseen}: nobody has rated them, and the SLA has no limit for unknown; ${as('allowUnrated')} accepts that`;
    return { exitCode: 4, reasons: [reason, ...late] };
  }
  return { exitCode: overdue > 0 ? 1 : 0, reasons: late };
}

const ofFlaws: ReadonlySet<NewsKind> = new Set(['new', 'exploited', 'severity']);

/** News that the gate looks at. An image that is new, or judged for the first time, has the severity of the worst of its flaws. */
function gatedNews({ runs }: NewsDocument, allowNewImages: boolean): NewsItem[] {
  return runs
    .flatMap(({ items }) => items)
    .filter(({ kind, severity, waived }) => {
      if (waived !== undefined) return false;
      if (kind === 'added' && allowNewImages) return false;
      return ofFlaws.has(kind) || (countedNews.has(kind) && severity !== undefined);
    });
}

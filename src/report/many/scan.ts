import type { BaselineUse, FeedOrigin, PolicyOutcome, PolicyUse, VexUse } from '../../model/verdict/index.ts';
import type { ScanCounts } from '../scan/counts.ts';
import { leftOpen } from '../scan/left-open.ts';
import type { ScanReport } from '../scan/report.ts';
import { systemName } from '../system-name.ts';
import {
  type Action,
  type DoneTarget,
  type ManyResults,
  type MergedFormat,
  passedWord,
  type TargetOutcome,
} from './results.ts';

/** The input of every merged report of a scan of several images. */
export interface ManyScan extends ManyResults<ScanFacts> {
  feed: FeedOrigin & { digest: string };
  /** The date that formats give which need one: SOURCE_DATE_EPOCH, else that of the newest vendor data, if it has one. */
  date: string | undefined;
  totals: ScanTotals;
  exceptions: SharedUse;
}

export const scanning: Action = { command: 'scan', verb: 'scan', done: 'scanned' };

export type ScannedTarget = DoneTarget<ScanFacts>;
export type MergedScan = MergedFormat<ScanReport, ManyScan>;

/** The kept facts of each image. */
export interface ScanFacts {
  reference: string;
  digest?: string;
  system: string;
  platform: { id: string; name: string };
  counts: ScanCounts;
  /** Flaws that reports list, by severity. */
  listed: Readonly<Record<string, number>>;
  gaps: readonly string[];
  /** Accepted gaps and unjudged packages, a phrase each; see `leftOpen`. */
  leftOpen: readonly string[];
  policy: PolicyOutcome;
}

/** Sums over all images. Flaws in two images are two; a vulnerability is counted once. */
export interface ScanTotals extends Omit<ScanCounts, 'hidden' | 'origins'> {
  targets: number;
  /** Images by what a scan of each alone would end with. */
  passed: number;
  failed: number;
  notCovered: number;
  notScanned: number;
}

/** The effect of the exceptions over all images: an entry is unused if it was unused in each. */
export interface SharedUse {
  policy?: PolicyUse;
  vex?: readonly VexUse[];
  baseline?: BaselineUse;
}

export function factsOf(report: ScanReport): ScanFacts {
  const { result, policy } = report;
  const { image, inventory, platform, gaps } = result;
  const listed: Record<string, number> = {};
  for (const { verdict } of report.flaws()) listed[verdict.severity] = (listed[verdict.severity] ?? 0) + 1;
  return {
    reference: image.reference,
    ...(image.digest === undefined ? {} : { digest: image.digest }),
    system: systemName(inventory.os) ?? 'unknown',
    platform: { id: platform.id, name: platform.name },
    counts: report.counts(),
    listed,
    gaps: gaps.map(
      ({ code, where, detail }) =>
        `${code.replaceAll('_', ' ')}: ${where === undefined ? '' : `${where}: `}${detail}`,
    ),
    leftOpen: leftOpen(report),
    policy,
  };
}

/** In a word or three, how it stands with an image. */
export function standing(
  { exitCode, facts, error }: TargetOutcome<ScanFacts>,
  scan: Pick<ManyScan, 'isGated'>,
): string {
  if (error) return 'not scanned';
  if (exitCode === 4) return 'not covered';
  if (exitCode === 1) return 'failed';
  const { counts, leftOpen: open } = facts!;
  if (counts.flaws > 0) return passedWord(scan, scanning);
  if (open.length === 0) return 'no flaws';
  return counts.packages.judged === 0 ? 'not judged' : passedWord(scan, scanning);
}

export function differentVulnerabilities({ vulnerabilities }: ScanTotals): string {
  return vulnerabilities === 1 ? '1 vulnerability' : `${vulnerabilities} different vulnerabilities`;
}

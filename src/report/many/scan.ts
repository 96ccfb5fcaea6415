import type {
  BaselineUse,
  ErrorDetails,
  FeedOrigin,
  PolicyOutcome,
  PolicyUse,
  Severity,
  VexUse,
} from '../../model/index.ts';
import { countsOf, type ScanCounts } from '../scan/counts.ts';
import { flawsOf } from '../scan/flaws.ts';
import type { ScanReport } from '../scan/report.ts';

/** What every merged report of several images is made of. */
export interface ManyScan {
  tool: string;
  toolVersion: string;
  feed: FeedOrigin & { digest: string };
  /** The date that formats give which need one: SOURCE_DATE_EPOCH, else that of the newest vendor data. */
  date: string;
  /** In the order in which they were given. */
  targets: readonly DoneTarget[];
  totals: ScanTotals;
  exceptions: SharedUse;
  /** What was given more than once, and is here once. */
  repeated: readonly string[];
  exitCode: ExitCode;
}

export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** What became of one of the images. */
export interface TargetOutcome {
  /** As it was given. */
  target: string;
  /** What CI systems know it by; no two of a scan have the same. */
  name: string;
  exitCode: ExitCode;
  /** Why it was not judged; such an image is never clean. */
  error?: TargetError;
  /** Absent: it was not judged. */
  facts?: TargetFacts;
}

export type TargetError = Pick<ErrorDetails, 'code' | 'message' | 'where' | 'remedy'>;

/** An image with what a format said of it; nothing, if it was not judged. */
export interface DoneTarget extends TargetOutcome {
  part(): Iterable<string>;
}

/** What is kept of each image until the end. */
export interface TargetFacts {
  reference: string;
  digest?: string;
  system: string;
  platform: { id: string; name: string };
  counts: ScanCounts;
  /** Flaws that reports list, by severity. */
  listed: Readonly<Record<string, number>>;
  gaps: readonly string[];
  policy: PolicyOutcome;
}

/** Sums over all images. Flaws in two images are two; a vulnerability is counted once. */
export interface ScanTotals {
  targets: number;
  /** Images by what a scan of each alone would end with. */
  passed: number;
  failed: number;
  notCovered: number;
  notScanned: number;
  vulnerabilities: number;
  flaws: number;
  verdicts: number;
  severities: Record<Severity, number>;
  fixable: number;
  unrated: number;
  ignored: number;
  filtered: number;
  packages: ScanCounts['packages'];
}

/** What became of the exceptions, over all images: an entry is unused if it was unused in each. */
export interface SharedUse {
  policy?: PolicyUse;
  vex?: readonly VexUse[];
  baseline?: BaselineUse;
}

/** A format of one report about several images. */
export interface MergedFormat {
  /** What it keeps of one image; `count`: how many there are. */
  part(report: ScanReport, of: { count: number; at: number; target: string }): Iterable<string>;
  whole(scan: ManyScan): Iterable<string>;
}

export function factsOf(report: ScanReport): TargetFacts {
  const { result, policy, shown } = report;
  const { image, inventory, platform, gaps } = result;
  const listed: Record<string, number> = {};
  for (const { verdict } of flawsOf(shown)) listed[verdict.severity] = (listed[verdict.severity] ?? 0) + 1;
  return {
    reference: image.reference,
    ...(image.digest === undefined ? {} : { digest: image.digest }),
    system: inventory.os?.prettyName ?? inventory.os?.id ?? 'unknown',
    platform: { id: platform.id, name: platform.name },
    counts: countsOf(report),
    listed,
    gaps: gaps.map(
      ({ code, where, detail }) =>
        `${code.replaceAll('_', ' ')}: ${where === undefined ? '' : `${where}: `}${detail}`,
    ),
    policy,
  };
}

/** When several codes apply, the first of these is used: what could not be judged comes before what was. */
const order: readonly ExitCode[] = [2, 3, 4, 1, 0];

export function worstCode(codes: Iterable<ExitCode>): ExitCode {
  const all = new Set(codes);
  return order.find((code) => all.has(code)) ?? 0;
}

/** In a word or three, how it stands with an image. */
export function standing({ exitCode, facts, error }: TargetOutcome): string {
  if (error) return 'not scanned';
  if (exitCode === 4) return 'not covered';
  if (exitCode === 1) return 'failed';
  return facts!.counts.flaws === 0 ? 'no flaws' : 'passed';
}

export function differentVulnerabilities({ vulnerabilities }: ScanTotals): string {
  return vulnerabilities === 1 ? '1 vulnerability' : `${vulnerabilities} different vulnerabilities`;
}

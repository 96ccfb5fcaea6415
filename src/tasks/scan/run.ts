import {
  documentDate,
  type Image,
  type Inventory,
  type PolicyOutcome,
  type ScanResult,
  type SignatureGate,
  type ViewedVerdict,
} from '../../model/index.ts';
import { noteText } from '../../report/note-text.ts';
import type { ScanReport } from '../../report/scan/report.ts';
import { requireComplete, sortVerdicts, type VerdictOrder } from '../../runtime/index.ts';
import type { ChosenFeed } from '../feed.ts';
import { isoSeconds } from '../iso-seconds.ts';
import { errorOf, type GateOutcome, type OptionSpelling } from '../outcome.ts';
import { type GivenExceptions, withExceptions } from '../policy/exceptions.ts';
import { judgePolicy, requireSources, type ScanPolicy } from './gate.ts';
import { scanReport } from './report.ts';

/** The subject of a scan, with the user's settings for it. */
export interface ScanSubject {
  image: Image;
  /** The name by which CI systems identify it. */
  name: string;
  inventory: Inventory;
  signed: SignatureGate | undefined;
  exceptions?: GivenExceptions;
}

export interface ScanSettings {
  feed: ChosenFeed;
  policy: ScanPolicy;
  sort?: VerdictOrder | undefined;
  /** Verdicts that exceptions put aside are listed too. */
  showsIgnored: boolean;
  now: Date;
  /** For formats that give one, ISO 8601 in seconds; absent: that of the vendor data. */
  date?: string | undefined;
  settled(): readonly ViewedVerdict[];
  /** Spelling of options in messages. */
  names: OptionSpelling;
}

/** An image judged by a feed and by the user's policy. */
export interface JudgedScan {
  report: ScanReport;
  outcome: PolicyOutcome;
  /** Notes of exceptions, and the reasons of the policy's outcome. */
  messages: readonly string[];
  /** All verdicts that the default view and the exceptions leave, whatever filters show. */
  listed: readonly ViewedVerdict[];
}

/** Applies exceptions, filters and gate to a result. */
export async function judgeScan(
  judged: ScanResult,
  { image, name, inventory, signed, exceptions = {} }: ScanSubject,
  { feed, policy, sort, showsIgnored, now, date, settled, names }: ScanSettings,
): Promise<JudgedScan> {
  const told = { ...judged, ...(signed && { signed }) };
  const sorted = sort ? { ...told, verdicts: sortVerdicts(told.verdicts, sort) } : told;
  const result = await withExceptions(sorted, exceptions, now);
  const listed = result.verdicts.filter(
    ({ hidden, ignored }) => (policy.all || hidden === undefined) && (showsIgnored || ignored === undefined),
  );
  const shown = listed.filter(policy.shows);
  requireSources(policy, result.assessments, [systemOf(result, feed)], { names });
  const { outcome, messages: ofPolicy, gaps } = judgePolicy(result, shown, policy, names);
  // Side effects of exceptions are printed with the gate's outcome: a pipeline may show no report.
  const ofExceptions = result.inventory.notes.slice(sorted.inventory.notes.length).map(noteText);
  const report = scanReport({
    feed,
    name,
    image,
    result: { ...result, gaps: [...result.gaps, ...gaps] },
    inventory,
    asked: result.verdicts.filter(policy.shows),
    shown,
    policy: outcome,
    fails: (verdict) => verdict.ignored === undefined && policy.reports(verdict),
    date: date ?? dateOf(result.platform.updated, feed.manifest.created),
    settled,
  });
  return { report, outcome, messages: [...ofExceptions, ...ofPolicy], listed };
}

function dateOf(updated: string, created: string): string | undefined {
  const date = documentDate(updated, created);
  return date === undefined ? undefined : isoSeconds(new Date(date));
}

/** The ID in os-release of the platform that judged. */
function systemOf({ platform: { id } }: ScanResult, { manifest }: ChosenFeed): string {
  return manifest.platforms.find((platform) => platform.id === id)?.os.id ?? id;
}

/** The outcome of a scan: that of its policy, and an error for a package database that lists fewer packages than it declares. */
export function scanOutcome(
  { outcome, messages }: Pick<JudgedScan, 'outcome' | 'messages'>,
  inventory: Inventory,
): GateOutcome {
  const error = errorOf(() => requireComplete(inventory));
  return { exitCode: error ? 4 : outcome.exitCode, reasons: messages, ...(error && { error }) };
}

import type { Image, Inventory, PolicyOutcome, ScanResult, SignatureGate } from '../model/index.ts';
import { packageTable } from '../report/scan/package-table.ts';
import type { ScanReport } from '../report/scan/report.ts';
import { scanTable } from '../report/scan/table.ts';
import { sortVerdicts } from '../runtime/index.ts';
import type { OptionValues } from './option.ts';
import { type GivenExceptions, withExceptions } from './options/exceptions.ts';
import type { ageOptions, ChosenFeed } from './options/feed-choice.ts';
import { judgeImage, type judgingOptions, settledVerdicts } from './options/judging.ts';
import { judgePolicy, type policyOptions, readPolicy } from './options/policy.ts';
import type { ReportView } from './outputs.ts';
import { scanReport } from './scan-reports.ts';
import { isoSeconds, sourceDate } from './source-date.ts';
import type { Terminal } from './terminal.ts';

type ScanChoice = OptionValues<typeof ageOptions & typeof judgingOptions & typeof policyOptions> & {
  readonly 'show-ignored'?: boolean;
};

/** What is scanned, with what the user says of it. */
export interface ScanSubject {
  image: Image;
  /** What CI systems know it by. */
  name: string;
  inventory: Inventory;
  signed: SignatureGate | undefined;
  exceptions?: GivenExceptions;
}

/** An image judged by a feed and by the user's policy. */
export interface Scanned {
  report: ScanReport;
  outcome: PolicyOutcome;
  /** What the policy says of it, for stderr. */
  messages: readonly string[];
  /** `of`: the same result with what else is told of it elsewhere. */
  table(view: ReportView, of?: ScanResult): string;
}

/** Judges an inventory by a feed: what `scan` does once the image has been read. */
export async function scanImage(
  feed: ChosenFeed,
  { image, name, inventory, signed, exceptions = {} }: ScanSubject,
  given: ScanChoice,
  now: Date,
  { env, ...screen }: Pick<Terminal, 'env' | 'color' | 'links' | 'columns'>,
): Promise<Scanned> {
  const policy = readPolicy(given);
  const judged = { ...judgeImage(feed, image, inventory, given, now), ...(signed && { signed }) };
  const sorted = given.sort ? { ...judged, verdicts: sortVerdicts(judged.verdicts, given.sort) } : judged;
  const result = await withExceptions(sorted, exceptions, now);
  const showsIgnored = given['show-ignored'] ?? false;
  const listed = result.verdicts.filter(
    ({ hidden, ignored }) => (policy.all || hidden === undefined) && (showsIgnored || ignored === undefined),
  );
  const shown = listed.filter(policy.shows);
  const { outcome, messages } = judgePolicy(result, shown, policy);
  const report = scanReport({
    feed,
    name,
    image,
    result,
    inventory,
    asked: result.verdicts.filter(policy.shows),
    shown,
    policy: outcome,
    fails: (verdict) => verdict.ignored === undefined && policy.reports(verdict),
    date: isoSeconds(sourceDate(env) ?? new Date(result.platform.updated)),
    settled: () => settledVerdicts(feed, inventory, given, now),
  });
  return {
    report,
    outcome,
    messages,
    table: ({ toTerminal }, of = result) =>
      scanTable(of, shown, {
        color: screen.color && toTerminal,
        ...(toTerminal && screen.columns ? { columns: screen.columns } : {}),
        ...(toTerminal && screen.links ? { page: report.names.flawPage } : {}),
        all: policy.all,
        ...(given.by === 'package'
          ? { byPackage: () => packageTable(report, toTerminal ? screen.columns : undefined) }
          : {}),
        ignored: showsIgnored,
        filtered: listed.filter((verdict) => !policy.shows(verdict)),
      }),
  };
}

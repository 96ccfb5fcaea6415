import { judgeImage, settledVerdicts } from '../acts/judge-image.ts';
import type { ScanResult } from '../model/index.ts';
import { packageTable } from '../report/scan/package-table.ts';
import { scanTable } from '../report/scan/table.ts';
import type { OptionValues } from '../tasks/option.ts';
import { flagNames } from '../tasks/outcome.ts';
import { parametersOf } from '../tasks/parameters.ts';
import { policyOf } from '../tasks/scan/gate.ts';
import type { policyOptions } from '../tasks/scan/options.ts';
import { type JudgedScan, judgeScan, type ScanSubject } from '../tasks/scan/run.ts';
import type { ageOptions, ChosenFeed } from './options/feed-choice.ts';
import { judgeChoice, type judgingOptions } from './options/judging.ts';
import type { ReportView } from './outputs.ts';
import { isoSeconds, sourceDate } from './source-date.ts';
import type { Terminal } from './terminal.ts';

type ScanChoice = OptionValues<typeof ageOptions & typeof judgingOptions & typeof policyOptions> & {
  readonly 'show-ignored'?: boolean;
};

/** An image judged by a feed and by the user's policy. */
export interface Scanned extends Omit<JudgedScan, 'listed'> {
  /** `of`: the same result with the facts that are reported elsewhere. */
  table(view: ReportView, of?: ScanResult): string;
}

/** Judges an inventory by a feed: what `scan` does once the image has been read. */
export async function scanImage(
  feed: ChosenFeed,
  subject: ScanSubject,
  given: ScanChoice,
  now: Date,
  { env, ...screen }: Pick<Terminal, 'env' | 'color' | 'links' | 'columns'>,
): Promise<Scanned> {
  const policy = policyOf(parametersOf(given));
  const showsIgnored = given['show-ignored'] ?? false;
  const how = judgeChoice(given, now);
  const date = sourceDate(env);
  const { listed, ...scanned } = await judgeScan(
    judgeImage(feed, subject.image, subject.inventory, how),
    subject,
    {
      feed,
      policy,
      showsIgnored,
      now,
      ...(given.sort && { sort: given.sort }),
      ...(date && { date: isoSeconds(date) }),
      settled: () => settledVerdicts(feed, subject.inventory, how),
      names: flagNames,
    },
  );
  const { report } = scanned;
  return {
    ...scanned,
    table: ({ toTerminal }, of = report.result) =>
      scanTable(of, report.shown, {
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

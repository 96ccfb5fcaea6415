import type { readTemplate } from '../acts/scan-report.ts';
import {
  type BaselineUse,
  documentDate,
  type Exceptions,
  type Severity,
  severities,
} from '../model/index.ts';
import { mergedCsv } from '../report/many/csv.ts';
import { mergedGithub } from '../report/many/github.ts';
import { mergedGitlab } from '../report/many/gitlab.ts';
import { mergedHtml } from '../report/many/html.ts';
import { mergedJson } from '../report/many/json.ts';
import { mergedJunit } from '../report/many/junit.ts';
import { mergedMarkdown } from '../report/many/markdown.ts';
import { type MergedFormat, sharedPolicy } from '../report/many/results.ts';
import { mergedSarif } from '../report/many/sarif.ts';
import {
  factsOf,
  type ManyScan,
  type MergedScan,
  type ScannedTarget,
  type ScanTotals,
  type SharedUse,
} from '../report/many/scan.ts';
import { mergedTable } from '../report/many/table.ts';
import { mergedTemplate } from '../report/many/template.ts';
import type { ScanReport } from '../report/scan/report.ts';
import type { TargetRun } from './for-targets.ts';
import type { FormatOf } from './output-formats.ts';
import type { OutputChoice } from './outputs.ts';
import type { FoundScan, ScanSetting } from './scan-target.ts';
import { severalTargets } from './several-targets.ts';
import { isoSeconds, sourceDate } from './source-date.ts';

type Format = FormatOf<'scan'>;

/** Scans several images into one report of each format. */
export function scanTargets(
  run: TargetRun<Format, FoundScan>,
  { feed, terminal }: ScanSetting,
  read: typeof readTemplate,
): Promise<number> {
  const sums = new Sums();
  return severalTargets<Format, FoundScan, ReturnType<typeof factsOf>, ManyScan>(run, {
    format: (choice) => formatOf(choice, read),
    facts: ({ report }, at) => {
      sums.add(report, at);
      return factsOf(report);
    },
    whole: (results) => ({
      ...results,
      feed: { ...feed.origin, digest: feed.digest() },
      date: dateOf(sourceDate(terminal.env), sums.newest, feed.origin.created),
      totals: totalsOf(results.targets, sums.vulnerabilities.size),
      exceptions: sums.exceptions(),
    }),
  });
}

function dateOf(given: Date | undefined, newest: string | undefined, created: string): string | undefined {
  const date = given ?? documentDate(newest ?? created, created);
  return date === undefined ? undefined : isoSeconds(new Date(date));
}

const table: MergedFormat<FoundScan, ManyScan> = {
  part: ({ table: tableOf, report }, { toTerminal }) => [
    tableOf({ toTerminal }, withoutShared(report).result),
  ],
  whole: mergedTable,
};

const formats: Partial<Record<Format, MergedScan>> = {
  sarif: mergedSarif,
  junit: mergedJunit,
  gitlab: mergedGitlab,
  github: mergedGithub,
  markdown: mergedMarkdown,
  csv: mergedCsv,
  html: mergedHtml,
};

function formatOf(
  { format, made = '' }: OutputChoice<Format>,
  read: typeof readTemplate,
): MergedFormat<FoundScan, ManyScan> | undefined {
  if (format === 'table') return table;
  // These include the effect of exceptions for each image; others state it once for all.
  if (format === 'template') return ofReport(mergedTemplate(read(made), made), (report) => report);
  if (format === 'json') return ofReport(mergedJson, (report) => report);
  const merged = formats[format];
  return merged && ofReport(merged, withoutShared);
}

function ofReport(
  { part, whole }: MergedScan,
  told: (report: ScanReport) => ScanReport,
): MergedFormat<FoundScan, ManyScan> {
  return { part: ({ report }, of) => part(told(report), of), whole };
}

/** Shared exceptions are reported once for all images: an entry that only one image needs is not unused. */
function withoutShared(report: ScanReport): ScanReport {
  const { exceptions } = report.result;
  if (!exceptions) return report;
  const own: Exceptions = exceptions.baseline ? { baseline: exceptions.baseline } : {};
  return { ...report, result: { ...report.result, exceptions: own } };
}

/** Sums over images, added as they are done, in any order; the sums do not depend on it. */
class Sums {
  readonly vulnerabilities = new Set<string>();
  newest: string | undefined;
  readonly #policies: NonNullable<Exceptions['policy']>[] = [];
  readonly #vex = new Map<string, { at: number; use: NonNullable<Exceptions['vex']>[number] }>();
  #baseline: BaselineUse | undefined;

  add({ result, shown }: ScanReport, at: number): void {
    for (const { vulnerability, status, ignored } of shown)
      if (status === 'affected' && ignored === undefined) this.vulnerabilities.add(vulnerability);
    const { updated } = result.platform;
    if (this.newest === undefined || updated > this.newest) this.newest = updated;
    const { policy, vex = [], baseline } = result.exceptions ?? {};
    if (policy) this.#policies.push(policy);
    for (const use of vex) this.#addVex(use, at);
    if (baseline) {
      const { known = 0, gone = 0 } = this.#baseline ?? {};
      this.#baseline = { file: baseline.file, known: known + baseline.known, gone: gone + baseline.gone };
    }
  }

  exceptions(): SharedUse {
    const policy = sharedPolicy(this.#policies);
    const vex = [...this.#vex.values()].map(({ use }) => use);
    return {
      ...(policy && { policy }),
      ...(vex.length > 0 && {
        vex: vex.sort((a, b) => (a.document < b.document ? -1 : a.document > b.document ? 1 : 0)),
      }),
      ...(this.#baseline && { baseline: this.#baseline }),
    };
  }

  /** A statement is unused if no image used it; the reason is that of the first image. */
  #addVex(use: NonNullable<Exceptions['vex']>[number], at: number): void {
    const known = this.#vex.get(use.document);
    if (!known) {
      this.#vex.set(use.document, { at, use });
      return;
    }
    const [first, other] = at < known.at ? [use, known.use] : [known.use, use];
    const left = new Set(other.unused.map(({ where }) => where));
    const unused = first.unused.filter(({ where }) => left.has(where));
    const merged = { ...first, unused, used: first.statements - unused.length };
    this.#vex.set(use.document, { at: Math.min(at, known.at), use: merged });
  }
}

function totalsOf(targets: readonly ScannedTarget[], vulnerabilities: number): ScanTotals {
  const counts = targets.flatMap(({ facts }) => facts?.counts ?? []);
  const sum = (of: (one: (typeof counts)[number]) => number) =>
    counts.reduce((total, one) => total + of(one), 0);
  const count = (is: (target: ScannedTarget) => boolean) => targets.filter(is).length;
  return {
    targets: targets.length,
    passed: count(({ exitCode }) => exitCode === 0),
    failed: count(({ exitCode, error }) => exitCode === 1 && !error),
    notCovered: count(({ exitCode, error }) => exitCode === 4 && !error),
    notScanned: count(({ error }) => error !== undefined),
    vulnerabilities,
    flaws: sum(({ flaws }) => flaws),
    verdicts: sum(({ verdicts }) => verdicts),
    severities: Object.fromEntries(
      severities.toReversed().map((severity) => [severity, sum((one) => one.severities[severity])]),
    ) as Record<Severity, number>,
    fixable: sum(({ fixable }) => fixable),
    unrated: sum(({ unrated }) => unrated),
    ignored: sum(({ ignored }) => ignored),
    filtered: sum(({ filtered }) => filtered),
    packages: {
      installed: sum(({ packages }) => packages.installed),
      judged: sum(({ packages }) => packages.judged),
      uncovered: sum(({ packages }) => packages.uncovered),
      affected: sum(({ packages }) => packages.affected),
    },
  };
}

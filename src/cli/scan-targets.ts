import { resolve } from 'node:path';
import type { lateWriters, readTemplate } from '../acts/scan-report.ts';
import { someAtOnce } from '../io/at-once.ts';
import { type Kept, Spool } from '../io/spool.ts';
import {
  type BaselineUse,
  type Exceptions,
  isScapfeedError,
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
import { mergedSarif, mostSarifTargets } from '../report/many/sarif.ts';
import {
  factsOf,
  type ManyScan,
  type MergedFormat,
  type ScanTotals,
  type SharedUse,
  type TargetError,
  type TargetOutcome,
  worstCode,
} from '../report/many/scan.ts';
import { mergedTable } from '../report/many/table.ts';
import { mergedTemplate } from '../report/many/template.ts';
import type { ScanReport } from '../report/scan/report.ts';
import { requireComplete } from '../runtime/index.ts';
import { failureLines } from './failure.ts';
import { readTargets, type Target } from './options/target-list.ts';
import type { TargetChoice } from './options/targets.ts';
import type { FormatOf } from './output-formats.ts';
import { forOneTarget, isForEach, type OutputChoice, writeOutput, writeOutputs } from './outputs.ts';
import type { ScanSetting, scanTarget } from './scan-target.ts';
import type { Scanned } from './scanned.ts';
import { isoSeconds, sourceDate } from './source-date.ts';
import type { Terminal } from './terminal.ts';
import { usage } from './usage.ts';
import { toolVersion } from './version.ts';

type Format = FormatOf<'scan'>;
type Choice = OutputChoice<Format>;

/** What a scan of one image has loaded already. */
export interface OneScan {
  scanTarget: typeof scanTarget;
  lateWriters: typeof lateWriters;
  readTemplate: typeof readTemplate;
}

/** Images that are read at once: the network is waited for, and each holds its databases in memory. */
const atOnce = 4;

/**
 * Scans several images into one report of each format, in the order in which they were given. One that cannot be read does
 * not stop the others. What a report says of an image is put away when it is done: memory does not grow with their number.
 */
export async function scanTargets(
  asked: TargetChoice,
  outputs: readonly Choice[],
  setting: ScanSetting,
  terminal: Terminal,
  one: OneScan,
): Promise<number> {
  const { targets, repeated } = readTargets(asked);
  requireFormats(outputs, targets);
  const spool = new Spool();
  const merged = outputs.filter((choice) => !isForEach(choice)).map((choice) => mergedAs(choice, one));
  const sums = new Sums();
  let done = 0;
  try {
    const results = await someAtOnce(
      targets,
      async (target, at) => {
        terminal.progress(`reading ${target.text} (${done} of ${targets.length} done)`);
        const result = await scanOne(target, at);
        done += 1;
        return result;
      },
      { width: atOnce },
    );
    const scan = manyScan(results.map(({ outcome }) => outcome));
    for (const [nth, { choice, format }] of merged.entries()) {
      const done = results.map(({ outcome, parts }) => ({ ...outcome, part: () => textOf(parts[nth]) }));
      writeOutput(terminal, choice, (format?.whole ?? mergedTable)({ ...scan, targets: done }));
    }
    for (const [at, { said }] of results.entries())
      for (const line of said) terminal.err(`${targets[at]!.text}: ${line}`);
    return scan.exitCode;
  } finally {
    spool.close();
  }

  async function scanOne(target: Target, at: number): Promise<DoneScan> {
    try {
      if (target.fault) throw target.fault;
      return await one.scanTarget(target.text, setting, (scanned) => keep(scanned, target, at), target.name);
    } catch (error) {
      if (isOfOutput(error)) throw error;
      const { text, name } = target;
      const outcome = { target: text, name, exitCode: exitCodeOf(error), error: errorOf(error) };
      return { outcome, parts: [], said: linesOf(error) };
    }
  }

  async function keep(scanned: Scanned, target: Target, at: number): Promise<DoneScan> {
    const { report, outcome, messages } = scanned;
    const said: string[] = [];
    const alone = withoutShared(report);
    const of = { count: targets.length, at, target: target.text };
    const parts = merged.map(({ choice, format, sharesExceptions }) =>
      format === undefined
        ? spool.keep([scanned.table({ toTerminal: choice.file === undefined }, alone.result)])
        : spool.keep(format.part(sharesExceptions ? report : alone, of)),
    );
    const own = outputs.filter(isForEach);
    if (own.length > 0) {
      const collecting = { ...terminal, err: (line: string) => said.push(line) };
      const writers = { ...one.lateWriters(report), table: scanned.table };
      await writeOutputs(collecting, forOneTarget(own, target.name), writers);
    }
    said.push(...messages);
    try {
      requireComplete(report.inventory);
    } catch (error) {
      said.push(...linesOf(error));
    }
    sums.add(report, at);
    const exitCode = outcome.exitCode;
    return {
      outcome: { target: target.text, name: target.name, exitCode, facts: factsOf(report) },
      parts,
      said,
    };
  }

  function manyScan(outcomes: readonly TargetOutcome[]): Omit<ManyScan, 'targets'> {
    const { feed } = setting;
    return {
      tool: `scapfeed ${toolVersion}`,
      toolVersion,
      feed: { ...feed.origin, digest: feed.digest() },
      date: isoSeconds(sourceDate(terminal.env) ?? new Date(sums.newest ?? feed.origin.created)),
      totals: totalsOf(outcomes, sums.vulnerabilities.size),
      exceptions: sums.exceptions(),
      repeated,
      exitCode: worstCode(outcomes.map(({ exitCode }) => exitCode)),
    };
  }

  function textOf(kept: Kept | undefined): Iterable<string> {
    return kept ? spool.read(kept) : [];
  }
}

interface DoneScan {
  outcome: TargetOutcome;
  /** One for each merged report; none, if the image was not judged. */
  parts: readonly Kept[];
  /** For stderr. */
  said: readonly string[];
}

interface MergedOutput {
  choice: Choice;
  /** Absent: the table, which a scan of one image makes. */
  format?: MergedFormat;
  /** It has what each image made of the exceptions; others tell it once for all. */
  sharesExceptions: boolean;
}

const mergedFormats: Partial<Record<Format, MergedFormat>> = {
  json: mergedJson,
  sarif: mergedSarif,
  junit: mergedJunit,
  gitlab: mergedGitlab,
  github: mergedGithub,
  markdown: mergedMarkdown,
  csv: mergedCsv,
  html: mergedHtml,
};

function mergedAs(choice: Choice, { readTemplate: read }: OneScan): MergedOutput {
  const { format: name, made = '' } = choice;
  if (name === 'template')
    return { choice, format: mergedTemplate(read(made), made), sharesExceptions: true };
  const format = mergedFormats[name];
  return { choice, ...(format && { format }), sharesExceptions: name === 'json' };
}

/** Formats about one image have no form for several: a reader would take their packages for those of one system. */
function requireFormats(outputs: readonly Choice[], targets: readonly Target[]): void {
  for (const choice of outputs) {
    const { format } = choice;
    if (isForEach(choice)) continue;
    const isMerged = format === 'table' || format === 'template' || mergedFormats[format] !== undefined;
    if (!isMerged) {
      throw usage(
        'scan',
        `-o ${format} describes one image, and several are scanned`,
        `write one for each: -o ${format}={name}.${format}.json`,
      );
    }
    if (format === 'sarif' && targets.length > mostSarifTargets) {
      throw usage(
        'scan',
        `-o sarif: GitHub refuses a file about more than ${mostSarifTargets} images, ${targets.length} are given`,
        'write one for each: -o sarif={name}.sarif',
      );
    }
  }
  const files = [
    ...outputs.filter((choice) => !isForEach(choice)),
    ...targets.flatMap(({ name }) => forOneTarget(outputs.filter(isForEach), name)),
  ].flatMap(({ file }) => (file === undefined ? [] : [resolve(file)]));
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined)
    throw usage('scan', `two reports go to ${twice}`, 'give each -o a file of its own');
}

/** What shared exceptions did is told once for all images: an entry that one of them does not need is not unused. */
function withoutShared(report: ScanReport): ScanReport {
  const { exceptions } = report.result;
  if (!exceptions) return report;
  const own: Exceptions = exceptions.baseline ? { baseline: exceptions.baseline } : {};
  return { ...report, result: { ...report.result, exceptions: own } };
}

/** The image stands before them. */
function linesOf(error: unknown): string[] {
  return failureLines(error).map((line) => line.replace(/^scapfeed: /, ''));
}

/** A report that cannot be written ends the run: that is no fault of an image. */
function isOfOutput(error: unknown): boolean {
  return isScapfeedError(error) && (error.code === 'OUTPUT_NOT_WRITABLE' || error.code === 'DISK_FULL');
}

function exitCodeOf(error: unknown): TargetOutcome['exitCode'] {
  return isScapfeedError(error) ? (error.exitCode as TargetOutcome['exitCode']) : 2;
}

function errorOf(error: unknown): TargetError {
  if (!isScapfeedError(error))
    return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
  const { code, message, where, remedy } = error;
  return { code, message, ...(where !== undefined && { where }), ...(remedy !== undefined && { remedy }) };
}

/** What is summed up while images are done, in any order; the sums do not depend on it. */
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
    const [first] = this.#policies;
    const vex = [...this.#vex.values()].map(({ use }) => use);
    return {
      ...(first && {
        policy: { ...first, entries: first.entries.map((entry, nth) => this.#entry(entry, nth)) },
      }),
      ...(vex.length > 0 && {
        vex: vex.sort((a, b) => (a.document < b.document ? -1 : a.document > b.document ? 1 : 0)),
      }),
      ...(this.#baseline && { baseline: this.#baseline }),
    };
  }

  #entry<E extends { state: string; verdicts: number }>(entry: E, nth: number): E {
    const all = this.#policies.map(({ entries }) => entries[nth]!);
    const used = all.find(({ state }) => state === 'used');
    const verdicts = all.reduce((sum, one) => sum + one.verdicts, 0);
    return { ...entry, state: used?.state ?? entry.state, verdicts };
  }

  /** Unused is what no image used; why, the first image says. */
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

function totalsOf(outcomes: readonly TargetOutcome[], vulnerabilities: number): ScanTotals {
  const counts = outcomes.flatMap(({ facts }) => facts?.counts ?? []);
  const sum = (of: (one: (typeof counts)[number]) => number) =>
    counts.reduce((total, one) => total + of(one), 0);
  const count = (is: (outcome: TargetOutcome) => boolean) => outcomes.filter(is).length;
  return {
    targets: outcomes.length,
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

import { type Severity, severities } from '../../model/feed/index.ts';
import type { BaselineUse, Exceptions } from '../../model/verdict/index.ts';
import type { ScanReport } from '../scan/report.ts';
import { type Summary, sharedPolicy } from './results.ts';
import {
  factsOf,
  type ManyScan,
  type ScanFacts,
  type ScannedTarget,
  type ScanTotals,
  type SharedUse,
} from './scan.ts';

/** The totals of one scan of several images, and the effect of its exceptions over all of them. */
export function scanSummary({
  feed,
  dateOf,
}: {
  feed(): ManyScan['feed'];
  /** `newest`: the date of the newest vendor data of the images, if any was judged. */
  dateOf(newest: string | undefined): ManyScan['date'];
}): Summary<{ report: ScanReport }, ScanFacts, ManyScan> {
  const sums = new Sums();
  return {
    facts: ({ report }, at) => {
      sums.add(report, at);
      return factsOf(report);
    },
    whole: (results) => ({
      ...results,
      feed: feed(),
      date: dateOf(sums.newest),
      totals: totalsOf(results.targets, sums.vulnerabilities.size),
      exceptions: sums.exceptions(),
    }),
  };
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
    if (updated !== undefined && !(this.newest !== undefined && updated <= this.newest))
      this.newest = updated;
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

import { type Severity, severities } from '../../model/feed/index.ts';
import {
  countedFlaws,
  type HiddenClass,
  isFixable,
  isUnrated,
  type ScanResult,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { type OriginCounts, originCounts } from './base-text.ts';

/**
 * Totals of a scan. A vulnerability is an id; a flaw is a vulnerability in a source package; a verdict is a flaw in an
 * installed package. `flaws` and what follows are of what the report shows and is affected.
 */
export interface ScanCounts {
  packages: { installed: number; judged: number; uncovered: number; affected: number };
  vulnerabilities: number;
  flaws: number;
  verdicts: number;
  /** Flaws by severity, the worst first. */
  severities: Record<Severity, number>;
  /** Flaws with a fix to install. */
  fixable: number;
  /** Flaws that the vendor has not rated. */
  unrated: number;
  /** Flaws that the default view hides, by class, shown or not. */
  hidden: Partial<Record<HiddenClass, number>>;
  /** Flaws that exceptions put aside. */
  ignored: number;
  /** Flaws that --severity and --only-fixed leave out. */
  filtered: number;
  /** Flaws by the origin of their packages. Absent without a base image. */
  origins?: OriginCounts;
}

/** Parts of a report. */
interface Counted {
  result: ScanResult;
  asked: readonly ViewedVerdict[];
  shown: readonly ViewedVerdict[];
}

export function countsOf({ result, asked, shown }: Counted): ScanCounts {
  const affected = shown.filter(({ status, ignored }) => status === 'affected' && ignored === undefined);
  const flaws = countedFlaws(affected);
  const bySeverity = Object.fromEntries(severities.toReversed().map((severity) => [severity, 0]));
  for (const { verdict } of flaws) bySeverity[verdict.severity] = (bySeverity[verdict.severity] ?? 0) + 1;
  const kept = new Set(asked);
  const [counted, aside] = parted(result.verdicts);
  const left = counted.filter((verdict) => verdict.hidden === undefined && !kept.has(verdict));
  return {
    packages: {
      installed: result.inventory.packages + (result.inventory.languages ?? 0),
      judged: result.judged,
      uncovered: result.uncovered.length,
      affected: new Set(affected.map((verdict) => verdict.package)).size,
    },
    vulnerabilities: new Set(affected.map(({ vulnerability }) => vulnerability)).size,
    flaws: flaws.length,
    verdicts: affected.length,
    severities: bySeverity as Record<Severity, number>,
    fixable: flaws.filter(isFixable).length,
    unrated: flaws.filter(({ verdict }) => isUnrated(verdict)).length,
    hidden: hiddenFlaws(counted),
    ignored: countedFlaws(aside).length,
    filtered: countedFlaws(left).length,
    ...(result.bases && { origins: originCounts(flaws) }),
  };
}

function parted(verdicts: ScanResult['verdicts']): [ViewedVerdict[], ViewedVerdict[]] {
  const aside = verdicts.filter(({ ignored }) => ignored !== undefined);
  return [verdicts.filter(({ ignored }) => ignored === undefined), aside];
}

/** Flaws of each class that the default view hides. */
export function hiddenFlaws(verdicts: ScanResult['verdicts']): Partial<Record<HiddenClass, number>> {
  const classes = new Map<HiddenClass, (typeof verdicts)[number][]>();
  for (const verdict of verdicts) {
    if (verdict.hidden === undefined) continue;
    const known = classes.get(verdict.hidden);
    if (known) known.push(verdict);
    else classes.set(verdict.hidden, [verdict]);
  }
  return Object.fromEntries([...classes].map(([kind, hidden]) => [kind, countedFlaws(hidden).length]));
}

/** Those of them that the report does not list either. */
export function unlistedFlaws({ result, shown }: Counted): ReturnType<typeof hiddenFlaws> {
  const listed = new Set(shown);
  return hiddenFlaws(
    result.verdicts.filter((verdict) => verdict.ignored === undefined && !listed.has(verdict)),
  );
}

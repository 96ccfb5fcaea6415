import { type Severity, severities } from '../model/feed/index.ts';
import { compareCodeUnits } from '../model/order.ts';
import type { HiddenClass, Verdict, ViewedVerdict } from '../model/verdict/index.ts';
import { isKernel } from './context-gaps.ts';

/**
 * Marks the verdicts that the default view hides: flaws that the vendor rates as not applying to the binary package, kernel
 * packages as the distribution names them, and flaws that the vendor has not investigated yet. Sorts them for reading.
 */
export function viewVerdicts(verdicts: readonly ViewedVerdict[]): ViewedVerdict[] {
  // Grouped by severity and source first: sorting all verdicts at once would take as long as the matching.
  const groups = new Map<Severity, Map<string, ViewedVerdict[]>>();
  for (const verdict of verdicts) {
    const hidden = hiddenClass(verdict);
    const viewed = hidden === undefined ? verdict : { ...verdict, hidden };
    const sources = groups.get(verdict.severity) ?? new Map<string, ViewedVerdict[]>();
    if (sources.size === 0) groups.set(verdict.severity, sources);
    const group = sources.get(verdict.package.source.name);
    if (group) group.push(viewed);
    else sources.set(verdict.package.source.name, [viewed]);
  }
  const sorted: ViewedVerdict[] = [];
  for (const severity of severities.toReversed()) {
    const sources = groups.get(severity);
    for (const name of sources ? [...sources.keys()].sort() : []) {
      for (const verdict of sources!.get(name)!.sort(byVulnerability)) sorted.push(verdict);
    }
  }
  return sorted;
}

/** The orders that verdicts can be sorted in. */
export const verdictOrders = ['risk', 'severity', 'epss', 'package'] as const;

export type VerdictOrder = (typeof verdictOrders)[number];

/**
 * Sorts the result of `viewVerdicts`; verdicts with equal rank keep their order. Default: known exploited flaws first, then by
 * severity, then by risk. Verdicts without a risk or EPSS score come last.
 */
export function sortVerdicts(verdicts: readonly ViewedVerdict[], by?: VerdictOrder): ViewedVerdict[] {
  if (by === 'package')
    return [...verdicts].sort((a, b) => compareCodeUnits(a.package.source.name, b.package.source.name));
  const rank = by === undefined ? urgencyRank : ranks[by];
  // Each rank is computed once: a comparison is made ten times as often.
  const ranked = Float64Array.from(verdicts, rank);
  const places = Array.from(ranked.keys()).sort((a, b) => ranked[b]! - ranked[a]!);
  return places.map((at) => verdicts[at]!);
}

function urgencyRank(verdict: ViewedVerdict): number {
  return (verdict.exploited ? 10_000 : 0) + severityRank(verdict);
}

/** A risk is at most 100, and weighs less than a severity. */
function severityRank(verdict: ViewedVerdict): number {
  return 1000 * severities.indexOf(verdict.severity) + riskRank(verdict);
}

function riskRank({ risk }: ViewedVerdict): number {
  return risk ?? -1;
}

const ranks: Readonly<Record<Exclude<VerdictOrder, 'package'>, (verdict: ViewedVerdict) => number>> = {
  risk: riskRank,
  severity: severityRank,
  epss: ({ epss }) => epss?.probability ?? -1,
};

function hiddenClass({
  status,
  suppressed,
  fixState,
  platform,
  package: pkg,
}: Verdict): HiddenClass | undefined {
  if (status === 'under_investigation') return 'unsettled';
  if (status !== 'affected') return undefined;
  if (suppressed === 'unimportant') return 'unimportant';
  if (suppressed === 'negligible' && fixState !== 'available') return 'negligible';
  return isKernel(pkg, platform) ? 'kernel' : undefined;
}

function byVulnerability(a: Verdict, b: Verdict): number {
  return (
    compareCodeUnits(a.vulnerability, b.vulnerability) ||
    compareCodeUnits(a.package.name, b.package.name) ||
    compareCodeUnits(a.package.arch, b.package.arch)
  );
}

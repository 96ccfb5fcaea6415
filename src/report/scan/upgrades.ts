import { type Severity, severities, worseSeverity } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { countedFlaws, sourceKey } from '../../model/verdict/index.ts';
import { type Flaw, packageNames } from './flaws.ts';

/** The effect of one upgrade of a source package. */
export interface Upgrade {
  source: string;
  installed: string;
  /** The version with which all of these flaws are gone. */
  to: string;
  packages: string[];
  /** Number of flaws. */
  flaws: number;
  worst: Severity;
}

/** Compares two versions of one installed package: negative, if the first is older. */
export type CompareVersions = (flaw: Flaw, a: string, b: string) => number;

/** The upgrades that the lines of a list ask for: one for each source package and installed version, the worst first. */
export function upgradesOf(flaws: readonly Flaw[], compare: CompareVersions): Upgrade[] {
  const groups = new Map<string, Flaw[]>();
  for (const flaw of flaws) {
    const { status, fixState, fixedVersion, package: pkg } = flaw.verdict;
    if (status !== 'affected' || fixState !== 'available' || fixedVersion === undefined) continue;
    const key = JSON.stringify([sourceKey(pkg), pkg.source.version]);
    const group = groups.get(key);
    if (group) group.push(flaw);
    else groups.set(key, [flaw]);
  }
  return [...groups.values()].map((group) => upgradeOf(group, compare)).sort(byWorth);
}

function upgradeOf(flaws: Flaw[], compare: CompareVersions): Upgrade {
  const [first] = flaws;
  const { source } = first!.verdict.package;
  const newest = flaws.reduce((most, flaw) => {
    const version = flaw.verdict.fixedVersion!;
    return most !== version && compare(flaw, most, version) < 0 ? version : most;
  }, first!.verdict.fixedVersion!);
  const worst = flaws.reduce<Severity>(
    (most, { verdict }) => worseSeverity(most, verdict.severity),
    'unknown',
  );
  const packages = [...new Set(flaws.flatMap(packageNames))].sort(compareCodeUnits);
  const count = countedFlaws(flaws.flatMap(({ verdicts }) => verdicts)).length;
  return { source: source.name, installed: source.version, to: newest, packages, flaws: count, worst };
}

function byWorth(a: Upgrade, b: Upgrade): number {
  return (
    severities.indexOf(b.worst) - severities.indexOf(a.worst) ||
    b.flaws - a.flaws ||
    compareCodeUnits(a.source, b.source) ||
    compareCodeUnits(a.installed, b.installed)
  );
}

import { severities, type ViewedVerdict } from '../../model/index.ts';

/** One vulnerability in one source package: what a vendor fixes. It has a verdict for each installed package of that source. */
export interface Flaw {
  /** The first of its verdicts; they differ in the installed package only. */
  verdict: ViewedVerdict;
  verdicts: ViewedVerdict[];
}

/** Groups verdicts that differ only in the installed package into one flaw, in their order. */
export function flawsOf(verdicts: readonly ViewedVerdict[]): Flaw[] {
  const flaws: Flaw[] = [];
  const byVulnerability = new Map<string, Map<string, Flaw>>();
  for (const verdict of verdicts) {
    let known = byVulnerability.get(verdict.vulnerability);
    if (!known) {
      known = new Map();
      byVulnerability.set(verdict.vulnerability, known);
    }
    const key = flawKey(verdict);
    const flaw = known.get(key);
    if (flaw) {
      flaw.verdicts.push(verdict);
      continue;
    }
    const first = { verdict, verdicts: [verdict] };
    flaws.push(first);
    known.set(key, first);
  }
  return flaws;
}

/**
 * The flaws to count, one for each vulnerability in a source package: binaries that are fixed in different versions, or one
 * without a fix, are lines of their own in a list, and one flaw. `verdict` is the worst of them; with a fix, if any has one.
 */
export function countedFlaws(verdicts: readonly ViewedVerdict[]): Flaw[] {
  const counted = new Map<string, Flaw>();
  for (const verdict of verdicts) {
    const key = `${verdict.vulnerability} ${verdict.package.source.name}`;
    const known = counted.get(key);
    if (known) {
      known.verdicts.push(verdict);
      known.verdict = worse(known.verdict, verdict);
    } else counted.set(key, { verdict, verdicts: [verdict] });
  }
  return [...counted.values()];
}

function worse(a: ViewedVerdict, b: ViewedVerdict): ViewedVerdict {
  const order = severities.indexOf(b.severity) - severities.indexOf(a.severity);
  if (order !== 0) return order > 0 ? b : a;
  return a.fixState !== 'available' && b.fixState === 'available' ? b : a;
}

/** Whether any package of a flaw has a fix to install. */
export function isFixable({ verdicts }: Flaw): boolean {
  return verdicts.some(({ fixState }) => fixState === 'available');
}

/**
 * Key of a flaw among those of one vulnerability; ignored ones have keys of their own. Lengths are part of it, so that no name
 * can imitate another key.
 */
function flawKey({ package: { source }, status, fixState, fixedVersion, ignored }: ViewedVerdict): string {
  return `${ignored === undefined ? '' : `${ignored.where} `}${source.name.length} ${source.name}${source.version.length} ${source.version}${status} ${fixState} ${fixedVersion}`;
}

/** Flaws that an exception of the user puts aside and that the default view would list; none of them is in `shown` besides. */
export function ignoredFlaws(asked: readonly ViewedVerdict[], shown: readonly ViewedVerdict[]): Flaw[] {
  const listed = new Set(shown);
  return flawsOf(
    asked.filter(
      (verdict) => verdict.ignored !== undefined && verdict.hidden === undefined && !listed.has(verdict),
    ),
  );
}

/** Names of a flaw's installed packages; of one that is there for several architectures, with it. */
export function packageNames({ verdicts }: Flaw): string[] {
  const names = new Set<string>();
  return verdicts.map(({ package: { name, arch } }) => {
    if (names.has(name)) return `${name}:${arch}`;
    names.add(name);
    return name;
  });
}

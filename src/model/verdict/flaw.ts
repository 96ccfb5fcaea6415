import { severities } from '../feed/severity.ts';
import { type InstalledPackage, isOfEcosystem } from '../inventory/inventory.ts';
import type { ViewedVerdict } from './scan-result.ts';

/** One vulnerability in one source package: what a vendor fixes. It has a verdict for each installed package of that source. */
export interface Flaw {
  /** Stands for all of them. */
  verdict: ViewedVerdict;
  verdicts: ViewedVerdict[];
}

/** Source name that is unique over ecosystems and the distribution, which share names. */
export function sourceKey({
  type,
  source,
}: {
  type: string;
  source: Pick<InstalledPackage['source'], 'name'>;
}): string {
  return isOfEcosystem({ type }) ? `${type}:${source.name}` : source.name;
}

/** The identity of a flaw wherever flaws are counted. Neither name can contain a NUL. */
export function flawKey({ vulnerability, source }: { vulnerability: string; source: string }): string {
  return `${vulnerability}\0${source}`;
}

/**
 * The flaws, one for each vulnerability in a source package, also if its binaries are fixed in different versions, or one of them has
 * no fix. `verdict` is an affected one, the worst of them, with a fix if any has one. What an exception puts aside is apart from what
 * it leaves.
 */
export function countedFlaws(verdicts: readonly ViewedVerdict[]): Flaw[] {
  const counted = new Map<string, Flaw>();
  for (const verdict of verdicts) {
    const { vulnerability, package: pkg, ignored } = verdict;
    const key = `${flawKey({ vulnerability, source: sourceKey(pkg) })}${ignored ? '\0' : ''}`;
    const known = counted.get(key);
    if (known) {
      known.verdicts.push(verdict);
      known.verdict = worse(known.verdict, verdict);
    } else counted.set(key, { verdict, verdicts: [verdict] });
  }
  return [...counted.values()];
}

function worse(a: ViewedVerdict, b: ViewedVerdict): ViewedVerdict {
  const order =
    Number(b.status === 'affected') - Number(a.status === 'affected') ||
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    Number(b.fixState === 'available') - Number(a.fixState === 'available');
  return order > 0 ? b : a;
}

/** Whether any package of a flaw has a fix to install. */
export function isFixable({ verdicts }: Flaw): boolean {
  return verdicts.some(({ fixState }) => fixState === 'available');
}

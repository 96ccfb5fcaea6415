import { type HiddenClass, severities, type Verdict, type ViewedVerdict } from '../model/index.ts';

/**
 * Marks what the default view hides: flaws the vendor rates as none of the binary package, the kernel of a container
 * (linux-libc-dev, its headers, is no kernel) and what nobody has looked into yet. Sorted for reading.
 */
export function viewVerdicts(verdicts: readonly Verdict[]): ViewedVerdict[] {
  const viewed = verdicts.map((verdict): ViewedVerdict => {
    const hidden = hiddenClass(verdict);
    return hidden === undefined ? verdict : { ...verdict, hidden };
  });
  return viewed.sort(forReading);
}

function hiddenClass(verdict: Verdict): HiddenClass | undefined {
  if (verdict.status === 'under_investigation') return 'unsettled';
  if (verdict.status !== 'affected') return undefined;
  if (verdict.suppressed === 'unimportant') return 'unimportant';
  if (verdict.suppressed === 'negligible' && verdict.fixState !== 'available') return 'negligible';
  return isKernel(verdict) ? 'kernel' : undefined;
}

function isKernel({ package: { name, type, source } }: Verdict): boolean {
  if (type === 'rpm') return /^kernel(-|$)/.test(name) && name !== 'kernel-headers';
  return (
    /^linux(-|$)/.test(source.name) && /^linux-(image|modules|headers|signed|buildinfo|tools)/.test(name)
  );
}

function forReading(a: Verdict, b: Verdict): number {
  return (
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    order(a.package.source.name, b.package.source.name) ||
    order(a.vulnerability, b.vulnerability) ||
    order(a.package.name, b.package.name) ||
    order(a.package.arch, b.package.arch)
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

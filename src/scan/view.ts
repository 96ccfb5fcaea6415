import {
  type HiddenClass,
  type InstalledPackage,
  type Severity,
  severities,
  type Verdict,
  type ViewedVerdict,
} from '../model/index.ts';

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

function hiddenClass({ status, suppressed, fixState, package: pkg }: Verdict): HiddenClass | undefined {
  if (status === 'under_investigation') return 'unsettled';
  if (status !== 'affected') return undefined;
  if (suppressed === 'unimportant') return 'unimportant';
  if (suppressed === 'negligible' && fixState !== 'available') return 'negligible';
  return isKernel(pkg) ? 'kernel' : undefined;
}

function isKernel({ name, type, source }: InstalledPackage): boolean {
  if (type === 'rpm') return /^kernel(-|$)/.test(name) && name !== 'kernel-headers';
  if (!source.name.startsWith('linux')) return false;
  // Flavours stand at either place: linux-image-azure, linux-azure-tools-5.15.0-1050 (Ubuntu).
  return /^linux(-|$)/.test(source.name) && /^linux-(?!(?:libc-dev|base|firmware)$)/.test(name);
}

const rank = Object.fromEntries(severities.map((severity, at) => [severity, at])) as Record<Severity, number>;

function forReading(a: Verdict, b: Verdict): number {
  return (
    rank[b.severity] - rank[a.severity] ||
    order(a.package.source.name, b.package.source.name) ||
    order(a.vulnerability, b.vulnerability) ||
    order(a.package.name, b.package.name) ||
    order(a.package.arch, b.package.arch)
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

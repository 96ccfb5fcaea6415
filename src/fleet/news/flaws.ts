/** The part of a verdict that news and counts are made of. */
export interface FlawVerdict {
  package: number;
  name: string;
  source: string;
  vulnerability: string;
  platform: string;
  status: string;
  fix_state: string | null;
  fixed_version: string | null;
  severity: string;
  exploited: boolean;
  hidden: string | null;
}

/** Columns of a `FlawVerdict` where verdicts and packages are joined. */
export const flawColumns = `verdicts.package, packages.name, packages.source, vulnerability, platform, status, fix_state, fixed_version, severity,
  exploited, hidden`;

/** A flaw by the default view of a scan: the vendor calls the package affected, and nothing hides it. */
export function isOpenFlaw({ status, hidden }: Pick<FlawVerdict, 'status' | 'hidden'>): boolean {
  return status === 'affected' && hidden === null;
}

/** `affected, fixed in 1.2-3`; `affected, no fix yet`. */
export function flawText({ status, fix_state: state, fixed_version: fixed }: FlawVerdict): string {
  if (state === 'available') return `${status}, fixed in ${fixed}`;
  if (state === null) return status.replaceAll('_', ' ');
  return `${status}, ${state === 'none_yet' ? 'no fix yet' : state.replaceAll('_', ' ')}`;
}

/** One vulnerability in one source package: what policies and counts call a flaw. */
export function flawKey({ vulnerability, source }: Pick<FlawVerdict, 'vulnerability' | 'source'>): string {
  return `${vulnerability}\0${source}`;
}

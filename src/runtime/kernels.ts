import { judges } from '../distros/judges.ts';
import type { InstalledPackage } from '../model/index.ts';

/**
 * Whether a package is of a Linux kernel by the names of the distribution that judges it; a platform's id begins with that of its
 * system. What no distribution names is none.
 */
export function isKernel(pkg: InstalledPackage, platform: string): boolean {
  const judge = judges.find(({ id }) => platform === id || platform.startsWith(`${id}-`));
  return judge?.kernel?.(pkg) ?? false;
}

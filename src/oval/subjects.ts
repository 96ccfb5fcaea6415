import type { Platform, PlatformIndex, ShardLine } from '../model/index.ts';

/** What definitions speak of: a package by its line, or packages that share their flaws and so their definitions. */
export interface Subject {
  name: string;
  lines: readonly ShardLine[];
}

/** All of Ubuntu's kernels: one flaw of the kernel is one of some 70 sources there, each with a fix of its own. */
export const ubuntuKernels = 'linux-kernels';

/** Sources of Ubuntu that are named as kernels are, and are none. */
const noKernel = /^linux-(?:atm|base|firmware|ftpd|igd|minidisc|sgx|show-player|user-chroot|wlan-ng)/;

/** The name that a package's flaws have in definitions. */
export function subjectOf({ os }: Platform, name: string): string {
  const kernel = os.id === 'ubuntu' && /^linux(?:-|$)/.test(name) && !noKernel.test(name);
  return kernel ? ubuntuKernels : name;
}

/** All lines in their order; those of one subject stand together where the first of them does. */
export function* subjectsOf({ platform, lines }: PlatformIndex): Generator<Subject> {
  const together = new Map<string, ShardLine[]>();
  for (const line of lines) {
    const name = subjectOf(platform, line.package);
    if (name === line.package) continue;
    const known = together.get(name);
    if (known) known.push(line);
    else together.set(name, [line]);
  }
  for (const line of lines) {
    const name = subjectOf(platform, line.package);
    if (name === line.package) yield { name, lines: [line] };
    else if (together.get(name)?.[0] === line) yield { name, lines: together.get(name)! };
  }
}

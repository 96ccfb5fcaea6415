import type { InstalledPackage } from '../../../model/index.ts';
import { kernelFamilies, kernelNames } from '../../shared/kernel.ts';

/** `linux`, `linux-6.1` (LTS), `linux-signed-amd64`; `linux-latest` and `linux-tools` until Debian 9. */
const sources = kernelNames('linux', 'signed amd64 arm64 i386 latest tools kbuild grsec');

/** Their binaries in the indexes of all suites, without user space such as linux-perf, linux-cpupower and linux-bpf-dev. */
const families = kernelFamilies(
  'image headers modules binary kbuild support compiler config source doc manual patch template',
);

export function isDebianKernel({ name, source }: InstalledPackage): boolean {
  return sources(source.name) && families(name);
}

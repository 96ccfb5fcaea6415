import type { InstalledPackage } from '../../../model/index.ts';
import { isKernelBinary, kernelNames } from '../../shared/kernel.ts';

/** `linux`, `linux-6.1` (LTS), `linux-signed-amd64`; `linux-latest` and `linux-tools` until Debian 9. */
const sources = kernelNames('linux', 'signed amd64 arm64 i386 latest tools kbuild grsec');

export function isDebianKernel({ name, source }: InstalledPackage): boolean {
  return sources(source.name) && isKernelBinary(name);
}

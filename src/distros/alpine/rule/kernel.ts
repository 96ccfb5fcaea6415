import type { InstalledPackage } from '../../../model/index.ts';

/** The sources of kernels in the repositories of all branches. */
const sources = new Set([
  ...['linux-lts', 'linux-edge', 'linux-stable', 'linux-mainline', 'linux-rpi', 'linux-rpi2', 'linux-rpi4'],
  ...['linux-virt', 'linux-vanilla', 'linux-hardened', 'linux-grsec', 'linux-virtgrsec', 'linux-openpax'],
  ...['linux-asahi', 'linux-elm', 'linux-gru'],
]);

export function isAlpineKernel({ source }: InstalledPackage): boolean {
  return sources.has(source.name);
}

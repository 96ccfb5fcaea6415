import type { InstalledPackage } from '../../../model/index.ts';
import { kernelNames } from '../../shared/kernel.ts';

/** The words of what SUSE builds of its kernels. */
const binaries = kernelNames(
  'kernel',
  [
    '64kb azure base bigsmp build coco debug debuginfo debugsource default desktop devel docs ec2 extra html kgraft',
    'kvmsmall livepatch longterm lpae macros man obs optional pae pdf ppc64 preempt qa rt rt_debug rt_trace source syms trace',
    'vanilla vdso xen zfcpdump',
  ].join(' '),
);

/** `kernel-livepatch-5_14_21-150400_24_11-default`. */
const livePatch = /^kernel-livepatch-\d+(?:_\d+)+-\d+(?:_\d+)*-(?:azure|default|rt)$/;

export function isSuseKernel({ name }: InstalledPackage): boolean {
  return binaries(name) || livePatch.test(name);
}

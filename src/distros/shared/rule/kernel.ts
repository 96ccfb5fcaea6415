import type { InstalledPackage } from '../../../model/index.ts';
import { kernelNames } from '../kernel.ts';

/** The words of what RHEL and its rebuilds build of `kernel`, `kernel-rt` and `kernel-uek`, in errata and CSAF. */
const binaries = kernelNames(
  'kernel',
  [
    '16k 64k PAE abi addons alt bootwrapper common core cross debug debuginfo devel doc extra headers internal',
    'ipaclones kdump kvm libs matched modules partner rt selftests stablelists tools trace uek uki virt whitelists xen zfcpdump',
    'aarch64 i686 ppc64 ppc64le s390x x86_64',
  ].join(' '),
);

/** The headers of the C library are not of the kernel that runs. */
export function isRedHatKernel({ name }: InstalledPackage): boolean {
  return binaries(name) && name !== 'kernel-headers';
}

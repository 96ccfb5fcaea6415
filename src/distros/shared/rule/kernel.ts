import type { InstalledPackage } from '../../../model/index.ts';
import { kernelNames } from '../kernel.ts';

/** The words of what RHEL and its rebuilds build of `kernel`, `kernel-rt` and `kernel-uek`, in errata and CSAF. */
const binaries = kernelNames(
  'kernel',
  [
    '16k 64k PAE abi addons alt bootwrapper common core debug debuginfo devel doc extra internal',
    'ipaclones kdump kvm matched modules partner rt selftests stablelists trace uek uki virt whitelists xen zfcpdump',
    'aarch64 i686 ppc64 ppc64le s390x x86_64',
  ].join(' '),
);

/** Of user space are kernel-tools, kernel-tools-libs and the headers of the C library: kernel-headers, kernel-cross-headers. */
export function isRedHatKernel({ name }: InstalledPackage): boolean {
  return binaries(name);
}

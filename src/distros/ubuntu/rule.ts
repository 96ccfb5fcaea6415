import type { ReferencePages } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Judge } from '../contract.ts';
import { kernelFamilies, kernelNames } from '../shared/kernel.ts';
import { sourceMatcher } from '../shared/match-source.ts';
import { ubuntuRule } from './rule-channels.ts';

const notices = 'https://ubuntu.com/security/notices/';

export const ubuntuPages: ReferencePages = {
  flaws: 'https://ubuntu.com/security/',
  advisories: { USN: notices, LSN: notices },
};

export const ubuntuJudge: Judge = {
  id: 'ubuntu',
  databases: ['deb'],
  rates: true,
  pages: ubuntuPages,
  kernel: isUbuntuKernel,
  publishesCvss: true,
  streams: ['pro'],
  matcher: (context) => sourceMatcher(ubuntuRule(context), context.all),
};

/** The words of all sources of kernels in Ubuntu's CVE tracker and OSV records, and of the packages that are made of them. */
const words = [
  'allwinner arale armadaxp aws azure bluefield cvm dell300x ec2 edge euclid fde fips flo fsl imx51 gcp gke gkeop',
  'goldfish grouper hwe ibm intel iot iotg joule krillin kvm laptop linaro omap shared vexpress lowlatency maguro mako',
  'manta mvl dove nvidia tegra igx oem osp1 oracle qcm msm raspi raspi2 realtime riscv snapdragon starfive ti omap4',
  'vegetahd xilinx zynqmp lts backport maverick natty oneiric precise quantal raring saucy trusty utopic vivid wily',
  'xenial meta signed restricted generate modules signatures',
].join(' ');
const sources = kernelNames('linux', words);

/** Binaries that they build, by Ubuntu's OSV records, except for linux-tools, linux-cloud-tools, linux-perf and other user space. */
const families = kernelFamilies(
  'image modules headers buildinfo source doc rust udebs objects signatures restricted crashdump',
);

/** Packages that depend on the newest kernel of a flavour: `linux-aws`, `linux-generic-hwe-22.04`. */
const flavours = kernelNames('linux', `${words} generic virtual server`);

function isUbuntuKernel({ name, source }: InstalledPackage): boolean {
  return sources(source.name) && (families(name) || flavours(name));
}

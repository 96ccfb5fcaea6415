import { describe, expect, it } from 'vitest';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import { isKernel } from '../../src/runtime/context-gaps.ts';

function pkg(type: InstalledPackage['type'], name: string, source = name): InstalledPackage {
  return { name, type, version: '1', arch: 'x', source: { name: source, version: '1' }, database: '/' };
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Every source of a kernel in Ubuntu's CVE tracker and OSV records, each version once. */
const ubuntuSources = words(`
  linux linux-5.4 linux-6.8 linux-hwe linux-hwe-6.5 linux-hwe-edge linux-lts-trusty linux-lts-xenial linux-lts-vivid
  linux-lts-utopic linux-lts-wily linux-lts-raring linux-lts-quantal linux-lts-saucy linux-lts-backport-oneiric
  linux-lts-backport-maverick linux-raspi linux-raspi-5.4 linux-raspi2 linux-raspi2-5.3 linux-raspi-realtime
  linux-snapdragon linux-aws linux-aws-5.15 linux-aws-hwe linux-aws-fips linux-azure linux-azure-6.8 linux-azure-edge
  linux-azure-fde linux-azure-fde-5.15 linux-azure-fips linux-azure-nvidia linux-azure-nvidia-6.14 linux-gcp
  linux-gcp-4.15 linux-gcp-edge linux-gcp-fips linux-gke linux-gke-5.0 linux-gkeop linux-gkeop-5.4 linux-kvm linux-oem
  linux-oem-6.5 linux-oem-osp1 linux-oracle linux-oracle-5.0 linux-manta linux-mako linux-maguro linux-grouper
  linux-goldfish linux-flo linux-euclid linux-ti-omap4 linux-qcm-msm linux-linaro-vexpress linux-linaro-shared
  linux-linaro-omap linux-armadaxp linux-vegetahd linux-krillin linux-fsl-imx51 linux-mvl-dove linux-ec2 linux-riscv
  linux-riscv-5.15 linux-lowlatency linux-lowlatency-hwe-6.5 linux-fips linux-joule linux-nvidia linux-nvidia-6.5
  linux-nvidia-lowlatency linux-nvidia-tegra linux-nvidia-tegra-igx linux-realtime linux-realtime-6.8
  linux-starfive-6.5 linux-ibm linux-ibm-5.15 linux-intel linux-intel-5.13 linux-intel-iotg linux-intel-iotg-5.15
  linux-intel-iot-realtime linux-xilinx linux-xilinx-zynqmp linux-bluefield linux-iot linux-allwinner-5.19 linux-arale`);

describe('kernels, by the names of each distribution', () => {
  it.each(ubuntuSources)('Ubuntu: %s', (source) => {
    expect(isKernel(pkg('deb', 'linux-image-5.15.0-1-generic', source), 'ubuntu-22.04')).toBe(true);
  });

  it.each([
    ['deb', 'ubuntu-22.04', 'linux-generic', 'linux-meta'],
    ['deb', 'ubuntu-22.04', 'linux-image-oem-22.04', 'linux-meta-oem-6.5'],
    ['deb', 'ubuntu-22.04', 'linux-image-5.15.0-91-generic', 'linux-signed'],
    ['deb', 'ubuntu-22.04', 'linux-modules-nvidia-535-aws', 'linux-restricted-modules-aws-6.5'],
    ['deb', 'debian-12', 'linux-image-6.1.0-13-amd64', 'linux'],
    ['deb', 'debian-12', 'linux-image-amd64', 'linux-signed-amd64'],
    ['deb', 'debian-11', 'linux-image-6.1.0-0.deb11.13-amd64', 'linux-6.1'],
    ['deb', 'debian-11', 'linux-headers-6.1.0-0.deb11.13-amd64', 'linux-signed-6.1-amd64'],
    ['rpm', 'rhel-9', 'kernel', 'kernel'],
    ['rpm', 'rhel-9', 'kernel-rt-debug-modules-extra', 'kernel-rt'],
    ['rpm', 'rhel-layered-openshift-4', 'kernel-rt-core', 'kernel-rt'],
    ['rpm', 'almalinux-9', 'kernel-64k-debug-devel-matched', 'kernel'],
    ['rpm', 'almalinux-9', 'kernel-debuginfo-common-x86_64', 'kernel'],
    ['rpm', 'rocky-9', 'kernel-uki-virt-addons', 'kernel'],
    ['rpm', 'sles-15.6', 'kernel-default', 'kernel-default'],
    ['rpm', 'sles-15.6', 'kernel-azure-devel', 'kernel-azure'],
    [
      'rpm',
      'sles-15.4',
      'kernel-livepatch-5_14_21-150400_24_11-default',
      'kernel-livepatch-SLE15-SP4_Update_3',
    ],
    ['rpm', 'sl-micro-6.0', 'kernel-rt', 'kernel-rt'],
    ['rpm', 'opensuse-tumbleweed', 'kernel-longterm', 'kernel-longterm'],
    ['rpm', 'opensuse-leap-15.6', 'kernel-64kb-extra', 'kernel-64kb'],
    ['apk', 'alpine-3.20', 'linux-virt', 'linux-lts'],
    ['apk', 'alpine-3.20', 'linux-rpi-dev', 'linux-rpi'],
    ['apk', 'alpine-3.8', 'linux-vanilla', 'linux-vanilla'],
  ] as const)('%s %s: %s of %s', (type, platform, name, source) => {
    expect(isKernel(pkg(type, name, source), platform)).toBe(true);
  });

  it.each([
    [
      'alpine-3.20',
      'apk',
      'linux-pam linux-pam-dev linux-firmware linux-firmware-none linux-headers linuxptp linux-tools',
    ],
    [
      'debian-12',
      'deb',
      `linux-base linux-atm linuxptp linux-ftpd linux-ftpd-ssl linux-minidisc linux-show-player linux-apfs-rw linuxtv-dvb-apps
       linux-gpib-user linux-firewire-utils linux-voice-assistant linux-vulnerability-mitigation linuxcnc linuxdoc-tools
       linux86 kernel-handbook kernel-wedge kernelshark kerneltop kernel-hardening-checker linux-pam`,
    ],
    [
      'ubuntu-22.04',
      'deb',
      'linux-firmware linux-base linux-atm linuxptp linux-pam linux-ftpd linux-new-flavour',
    ],
    [
      'rhel-9',
      'rpm',
      'kernel-headers kernel-srpm-macros kernel-rpm-macros kernel-firmware kernelshark linux-firmware',
    ],
    ['rocky-9', 'rpm', 'kernel-headers kernel-srpm-macros kernel-for-rhel'],
    ['sles-15.6', 'rpm', 'kernel-firmware kernel-firmware-amdgpu kernel-firmware-all kernelshark'],
  ] as const)('none of %s', (platform, type, names) => {
    expect(words(names).filter((name) => isKernel(pkg(type, name), platform))).toEqual([]);
  });

  it.each([
    [
      'debian-13',
      'deb',
      'linux',
      'linux-perf linux-perf-6.12 linux-cpupower linux-misc-tools linux-bpf-dev bpftool usbip',
    ],
    [
      'debian-13',
      'deb',
      'linux',
      'hyperv-daemons libcpupower1 rtla linux-libc-dev linux-libc-dev-arm64-cross',
    ],
    ['debian-8', 'deb', 'linux-tools', 'linux-tools-3.16'],
    [
      'ubuntu-24.04',
      'deb',
      'linux',
      'linux-tools-common linux-tools-6.8.0-40 linux-cloud-tools-6.8.0-40-generic',
    ],
    ['ubuntu-24.04', 'deb', 'linux', 'linux-libc-dev linux-perf linux-bpf-dev bpftool'],
    ['ubuntu-22.04', 'deb', 'linux-gcp-6.5', 'linux-gcp-6.5-tools-6.5.0-1022 linux-tools-6.5.0-1022-gcp'],
    ['rhel-9', 'rpm', 'kernel', 'kernel-tools kernel-tools-libs kernel-tools-libs-devel perf bpftool'],
    ['almalinux-8', 'rpm', 'kernel', 'kernel-headers kernel-cross-headers'],
  ] as const)('user space of a kernel is none, whatever source it is built from: %s %s %s', (...row) => {
    const [platform, type, source, names] = row;
    expect(words(names).filter((name) => isKernel(pkg(type, name, source), platform))).toEqual([]);
  });

  it.each([
    [
      'debian-13',
      'linux',
      `linux-headers-6.12.48+deb13-common-rt linux-image-6.12.48+deb13-amd64-unsigned linux-image-rt-amd64-dbg
       linux-binary-unsigned-7.0-amd64 linux-modules-7.0-amd64 linux-support-6.12.48+deb13 linux-kbuild-6.12.48+deb13
       linux-config-6.12 linux-source-6.12 linux-doc-6.12 linux-compiler-gcc-12-x86 linux-image-amd64-signed-template`,
    ],
    [
      'ubuntu-24.04',
      'linux-gcp-6.11',
      `linux-image-unsigned-6.11.0-1017-gcp linux-modules-extra-6.11.0-1017-gcp linux-buildinfo-6.11.0-1017-gcp
       linux-gcp-6.11-headers-6.11.0-1017 linux-gcp-6.11-lib-rust-6.11.0-1017-gcp linux-image-hmac-5.4.0-1026-fips`,
    ],
  ])('what %s builds of %s for a kernel is one', (platform, source, names) => {
    expect(words(names).filter((name) => !isKernel(pkg('deb', name, source), platform))).toEqual([]);
  });
});

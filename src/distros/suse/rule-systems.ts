import type { RpmVendor } from '../shared/rule/origin.ts';

/** The systems whose packages SUSE's documents cover. */
export const suseSystems = ['sles', 'sle-micro', 'sl-micro', 'opensuse-leap', 'opensuse-tumbleweed'] as const;

export type SuseSystem = (typeof suseSystems)[number];

interface SystemFacts {
  name: string;
  /** Vendor's name in package URLs (purl specification, type rpm). */
  purl: string;
  vendor: RpmVendor;
  /** The package whose version is the release's. */
  releasePackage: string;
}

/** Leap 15 takes the packages of SUSE Linux Enterprise as they are; SUSE's systems have none of openSUSE. */
const suse: RpmVendor = { id: 'suse', name: 'SUSE' };
const openSuse: RpmVendor = { id: 'opensuse', name: 'openSUSE', alsoOf: [suse] };

export const systemFacts: Readonly<Record<SuseSystem, SystemFacts>> = {
  sles: {
    name: 'SUSE Linux Enterprise Server',
    purl: 'suse',
    vendor: { ...suse, system: 'SLES' },
    releasePackage: 'sles-release',
  },
  'sle-micro': {
    name: 'SUSE Linux Enterprise Micro',
    purl: 'suse',
    vendor: { ...suse, system: 'SLE Micro' },
    releasePackage: 'SLE-Micro-release',
  },
  'sl-micro': {
    name: 'SUSE Linux Micro',
    purl: 'suse',
    vendor: { ...suse, system: 'SL Micro' },
    releasePackage: 'SL-Micro-release',
  },
  'opensuse-leap': {
    name: 'openSUSE Leap',
    purl: 'opensuse',
    vendor: { ...openSuse, system: 'openSUSE Leap' },
    releasePackage: 'Leap-release',
  },
  'opensuse-tumbleweed': {
    name: 'openSUSE Tumbleweed',
    purl: 'opensuse',
    vendor: { ...openSuse, system: 'openSUSE Tumbleweed' },
    releasePackage: 'openSUSE-release',
  },
};

/** Tumbleweed's VERSION_ID is the day of a snapshot; there is one platform for all of them. */
export const rolling = 'rolling';

export function isRolling(system: string): boolean {
  return system === 'opensuse-tumbleweed';
}

/** `cpe:/o:suse:sles:15:sp5`: a release in SUSE's own CPEs. */
export function suseCpe(system: SuseSystem, version: string): string {
  switch (system) {
    case 'sles': {
      const [major, minor] = version.split('.');
      if (minor === undefined) return `cpe:/o:suse:sles:${major}`;
      return `cpe:/o:suse:sles:${major}:${Number(major) < 16 ? `sp${minor}` : version}`;
    }
    case 'opensuse-leap':
      return `cpe:/o:opensuse:leap:${version}`;
    case 'opensuse-tumbleweed':
      return 'cpe:/o:opensuse:tumbleweed';
    default:
      return `cpe:/o:suse:${system}:${version}`;
  }
}

/** Update channels beside a release's own, by what they are bought for. */
const suseChannels = ['ltss', 'ltss-es', 'espos', 'hpc', 'sap', 'rt', 'teradata'] as const;

export type SuseChannel = (typeof suseChannels)[number];

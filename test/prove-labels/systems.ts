import type { Label, LabelledImage } from './labels.ts';

/** The system of a labelled image: the labels do not name it, but the builds of its base packages do. */
export interface System {
  /** As os-release has it. */
  id: string;
  version: string;
  packaging: 'apk' | 'deb' | 'rpm';
  /** Platform of a feed. */
  platform: string;
}

/** Release by the first part of a base package's version. */
const releases: readonly [packages: readonly string[], version: string, platform: string][] = [
  [['busybox', 'ssl_client'], '1.31.1-r11', 'alpine-3.11'],
  [['busybox', 'ssl_client'], '1.31.1-r1', 'alpine-3.12'],
  [['busybox', 'ssl_client'], '1.31.1-r2', 'alpine-3.12'],
  [['busybox', 'ssl_client'], '1.32.1-r', 'alpine-3.13'],
  [['busybox', 'ssl_client'], '1.33.1-r', 'alpine-3.14'],
  [['busybox', 'ssl_client'], '1.36.1-r5', 'alpine-3.18'],
  [['libc6'], '2.13-38+deb7', 'debian-7'],
  [['libc6'], '2.28-10', 'debian-10'],
  [['libc6'], '2.31-13+deb11', 'debian-11'],
  [['libc6'], '2.15-0ubuntu20', 'ubuntu-12.10'],
  [['libc6'], '2.17-', 'ubuntu-13.04'],
  [['libc6'], '2.19-0ubuntu', 'ubuntu-14.04'],
  [['coreutils'], '8.23-3ubuntu', 'ubuntu-15.04'],
  [['coreutils'], '8.23-4ubuntu', 'ubuntu-15.10'],
  [['libc6'], '2.24-3ubuntu', 'ubuntu-16.10'],
  [['libc6'], '2.24-9ubuntu', 'ubuntu-17.04'],
  [['libc6'], '2.26-0ubuntu', 'ubuntu-17.10'],
  [['libc6'], '2.28-0ubuntu', 'ubuntu-18.10'],
  [['libc6'], '2.29-0ubuntu', 'ubuntu-19.04'],
  [['libc6', 'libc-bin'], '2.31-0ubuntu', 'ubuntu-20.04'],
  [['libc6'], '2.32-0ubuntu', 'ubuntu-20.10'],
  [['libc6'], '2.33-0ubuntu', 'ubuntu-21.04'],
  [['libc6'], '2.34-0ubuntu', 'ubuntu-21.10'],
  [['libc6'], '2.35-0ubuntu', 'ubuntu-22.04'],
  [['libc6'], '2.37-0ubuntu', 'ubuntu-23.04'],
];

const packagings = {
  alpine: 'apk',
  debian: 'deb',
  mariner: 'rpm',
  rhel: 'rpm',
  rocky: 'rpm',
  sles: 'rpm',
  ubuntu: 'deb',
} as const;

/** Undefined: no build tells the release. */
export function systemOf({ name, labels }: LabelledImage): System | undefined {
  const platform =
    rpmPlatform(name, labels) ?? releases.find(([names, version]) => hasBuild(labels, names, version))?.[2];
  if (platform === undefined) return undefined;
  const [id, version] = platform.split('-') as [keyof typeof packagings, string];
  return { id, version, packaging: packagings[id], platform };
}

function hasBuild(labels: readonly Label[], names: readonly string[], version: string): boolean {
  return labels.some((label) => names.includes(label.package) && label.version.startsWith(version));
}

/**
 * CentOS is rebuilt from Red Hat's sources and judged by Red Hat's statements, as `--platform-map` does. Builds of SUSE do not
 * name their service pack; its images do.
 */
function rpmPlatform(image: string, labels: readonly Label[]): string | undefined {
  const [, sles, pack] = /\/sles(\d+)sp(\d+)$/.exec(image) ?? [];
  if (sles !== undefined) return `sles-${sles}.${pack}`;
  const mariner = labels.flatMap(({ version }) => /\.cm(\d+)$/.exec(version)?.[1] ?? []);
  if (mariner.length > 0) return `mariner-${mariner[0]}.0`;
  const majors = labels.flatMap(({ version }) => /\.el(\d+)/.exec(version)?.[1] ?? []);
  if (majors.length === 0) return undefined;
  return `${image.endsWith('/rockylinux') ? 'rocky' : 'rhel'}-${majors[0]}`;
}

/** Whether a label is about a package of the system; the others are of languages, which are not judged. */
export function isOfSystem({ package: name, version }: Label, packaging: System['packaging']): boolean {
  if (packaging === 'apk') return /-r\d+$/.test(version);
  if (packaging === 'rpm') return /\.(?:el|cm)\d|\.module[+_][a-z]+\d/.test(version);
  if (!/^[a-z0-9][a-z0-9.+-]+$/.test(name)) return false;
  return /^(?:\d+:)?\d[\w.+~-]*-\d[\w.+~]*$/.test(version) || /^(?:lib)?(?:apt|dpkg)/.test(name);
}

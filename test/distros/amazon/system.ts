import type { RpmPackage } from '../../prove/trial.ts';
import { packagesOf, rpmRoot } from '../shared/rpm-system.ts';

export const keys = {
  amazon1: 'bcb4a85b21c0f39f',
  amazon2: '11cf1f95c87f5b1a',
  amazon2023: 'e951904ad832c631',
  epel7: '6a2faea2352c64e5',
} as const;

/** `name-[epoch:]version-release.arch`, signed by Amazon Linux 2. */
export const rpm = packagesOf({ vendor: 'Amazon Linux', keyid: keys.amazon2 });

/** A system of Amazon Linux as its release package makes it. */
export function amazonRoot(
  version: string,
  packages: readonly RpmPackage[],
  files: Readonly<Record<string, string>> = {},
): string {
  const dist = { 2: 'amzn2', 2023: 'amzn2023' }[version] ?? 'amzn1';
  const full = { 2: '1:2', 2023: '2023.6.20250107' }[version] ?? version;
  const own = {
    'etc/os-release': `NAME="Amazon Linux"\nVERSION="${version}"\nID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="${version}"\nPRETTY_NAME="Amazon Linux ${version}"\n`,
    'etc/system-release': `Amazon Linux release ${version} (Karoo)\n`,
    ...files,
  };
  return rpmRoot(own, [rpm(`system-release-${full}-1.${dist}.x86_64`), ...packages]);
}

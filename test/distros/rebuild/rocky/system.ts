import type { RpmPackage } from '../../../prove/trial.ts';
import { packagesOf, rpmRoot } from '../../shared/rpm-system.ts';

export const keys = {
  rocky8: '15af5dac6d745a60',
  rocky9: '702d426d350d275d',
  alma9: 'd36cb86cb86b3716',
  redHat: '199e2f91fd431d51',
  epel9: '8a3872bf3228467c',
} as const;

export const vendor = 'Rocky Enterprise Software Foundation';

/** `name-[epoch:]version-release.arch`, signed by Rocky Linux 9. */
export const rpm = packagesOf({ vendor, keyid: keys.rocky9 });

/** A system of Rocky Linux as its release package makes it. */
export function rockyRoot(
  version: string,
  packages: readonly RpmPackage[],
  files: Readonly<Record<string, string>> = {},
): string {
  const [major] = version.split('.');
  const own = {
    'etc/os-release': `NAME="Rocky Linux"\nVERSION="${version}"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="${version}"\nPRETTY_NAME="Rocky Linux ${version}"\n`,
    'etc/rocky-release': `Rocky Linux release ${version} (Code Name)\n`,
    ...files,
  };
  const release = rpm(`rocky-release-${version}-1.el${major}.noarch`, { files: ['/etc/rocky-release'] });
  return rpmRoot(own, [release, ...packages]);
}

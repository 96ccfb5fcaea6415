import { readFileSync } from 'node:fs';
import type { RpmPackage } from '../../../prove/trial.ts';
import { dataPath } from '../../../support/data.ts';
import { packagesOf, rpmRoot } from '../../shared/rpm-system.ts';

export const keys = {
  alma8: '51d6647ec21ad6ea',
  alma8of2023: '2ae81e8aced7258b',
  alma9: 'd36cb86cb86b3716',
  alma10: 'dee5c11cc2a1e572',
  rocky9: '702d426d350d275d',
  redHat: '199e2f91fd431d51',
  epel9: '8a3872bf3228467c',
} as const;

/** `name-[epoch:]version-release.arch`, signed by AlmaLinux 9. */
export const rpm = packagesOf({ vendor: 'AlmaLinux', keyid: keys.alma9 });

/** A system of AlmaLinux as its release package makes it. */
export function almaRoot(
  version: string,
  packages: readonly RpmPackage[],
  files: Readonly<Record<string, string>> = {},
): string {
  const [major] = version.split('.');
  const own = {
    'etc/os-release': `NAME="AlmaLinux"\nVERSION="${version}"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="${version}"\nPRETTY_NAME="AlmaLinux ${version}"\n`,
    'etc/almalinux-release': `AlmaLinux release ${version} (Code Name)\n`,
    ...files,
  };
  const release = rpm(`almalinux-release-${version}-1.el${major}.x86_64`, {
    files: ['/etc/almalinux-release'],
  });
  return rpmRoot(own, [release, ...packages]);
}

/** The packages of a real rebuild of RHEL, as AlmaLinux would have signed them. */
export function realPackages(list: string, key: string): RpmPackage[] {
  const { packages } = JSON.parse(readFileSync(dataPath('rpm-lists', `${list}.json`), 'utf8')) as {
    packages: (RpmPackage & { epoch: number | null; modularitylabel?: string })[];
  };
  return packages
    .filter(({ name }) => name !== 'gpg-pubkey' && !name.endsWith('-release'))
    .map(({ epoch, modularitylabel, ...pkg }) => ({
      ...pkg,
      ...(epoch === null ? {} : { epoch }),
      ...(modularitylabel ? { modularitylabel } : {}),
      vendor: 'AlmaLinux',
      keyid: key,
    }));
}

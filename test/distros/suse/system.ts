import type { RpmPackage } from '../../prove/trial.ts';
import { packagesOf, rpmRoot } from '../shared/rpm-system.ts';

export const keys = {
  suse: '70af9e8139db7c82',
  suse4096: 'f74f09bc3fa1d6ce',
  openSuse: '35a2f86e29b700a4',
  backports: '9c214d4065176565',
} as const;

/** `name-[epoch:]version-release.arch`, signed by SUSE. */
export const rpm = packagesOf({ vendor: 'SUSE LLC <https://www.suse.com/>', keyid: keys.suse });

interface Kind {
  name: string;
  releasePackage: string;
}

const kinds: Readonly<Record<string, Kind>> = {
  sles: { name: 'SLES', releasePackage: 'sles-release' },
  'sle-micro': { name: 'SLE Micro', releasePackage: 'SLE-Micro-release' },
  'sl-micro': { name: 'SL-Micro', releasePackage: 'SL-Micro-release' },
  'opensuse-leap': { name: 'openSUSE Leap', releasePackage: 'Leap-release' },
  'opensuse-tumbleweed': { name: 'openSUSE Tumbleweed', releasePackage: 'openSUSE-release' },
};

/** A system as its release package makes it. `products`: names of zypper's product files besides its own. */
export function suseRoot(
  id: string,
  version: string,
  packages: readonly RpmPackage[],
  products: readonly string[] = [],
): string {
  const { name, releasePackage } = kinds[id]!;
  const files = {
    'etc/os-release': `NAME="${name}"\nVERSION_ID="${version}"\nID="${id}"\nID_LIKE="suse"\nPRETTY_NAME="${name} ${version}"\n`,
    ...Object.fromEntries(
      [name.replaceAll(' ', '-'), ...products].map((product) => [
        `etc/products.d/${product}.prod`,
        `<?xml version="1.0"?>\n<product schemeversion="0">\n  <name>${product}</name>\n</product>\n`,
      ]),
    ),
  };
  return rpmRoot(files, [rpm(`${releasePackage}-${version}-1.1.x86_64`), ...packages]);
}

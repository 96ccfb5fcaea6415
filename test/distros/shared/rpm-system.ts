import { join } from 'node:path';
import { writeRpmDatabase } from '../../prove/compare.ts';
import type { RpmPackage } from '../../prove/trial.ts';
import { rootWith } from '../../support/cli.ts';

/** Who signs a vendor's packages, and what they say of their vendor. */
export type Maker = Pick<RpmPackage, 'vendor' | 'keyid'>;

/** Makes packages of `name-[epoch:]version-release.arch`. */
export function packagesOf(maker: Maker): (nevra: string, more?: Partial<RpmPackage>) => RpmPackage {
  return (nevra, more = {}) => {
    const [, name = '', epoch, version = '', release = '', arch = ''] =
      /^(.+)-(?:(\d+):)?([^-:]+)-([^-]+)\.([^.]+)$/.exec(nevra) ?? [];
    return {
      name,
      ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
      version,
      release,
      arch,
      ...maker,
      sourcerpm: `${name}-${version}-${release}.src.rpm`,
      ...more,
    };
  };
}

/** A root file system with these files and an rpm database. */
export function rpmRoot(files: Readonly<Record<string, string>>, packages: readonly RpmPackage[]): string {
  const root = rootWith(files);
  writeRpmDatabase(join(root, 'var/lib/rpm'), packages);
  return root;
}

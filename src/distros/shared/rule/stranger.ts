import type { Shard } from '../../../feed/read/feed.ts';
import type { InstalledPackage } from '../../../model/index.ts';
import type { RpmOrigin, RpmVendor } from './origin.ts';

/**
 * Why a package that no statement names is not known to be the vendor's; undefined: it is. A key of the vendor is enough. With no
 * more than the vendor's name its source must be one that the release ships; without either, the build must be one of the
 * release's, as its roster lists them: a name alone makes no stranger the vendor's.
 */
export function strangerBy(
  origin: Exclude<RpmOrigin, { kind: 'foreign' }>,
  { source }: Pick<InstalledPackage, 'source'>,
  { ships, platform }: Pick<Shard, 'ships' | 'platform'>,
  { name: vendor }: RpmVendor,
): string | undefined {
  const { name, version } = source;
  if (origin.kind === 'own') {
    const isSigned = origin.marks.length === 0;
    if (isSigned || ships(name) !== false) return undefined;
    return `signed by no key of ${vendor}, and ${platform.id} has no source ${name}`;
  }
  if (ships(name, version)) return undefined;
  const unknown = 'neither signed nor with a vendor, and';
  const isShipped = ships(name);
  if (isShipped === undefined) return `${unknown} unknown to ${vendor}`;
  return `${unknown} ${platform.id} has no ${isShipped ? `build ${name}-${version}` : `source ${name}`}`;
}

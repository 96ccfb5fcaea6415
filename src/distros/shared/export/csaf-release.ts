import { type CsafSystem, systemCpe } from '../../../export/rows/csaf-layout.ts';
import type { FeedPlatform, ShardClaim } from '../../../model/feed/index.ts';

/** A release, or one of its channels, with the CPE of `vendor:product`. */
export function csafRelease(
  { id, name, os }: FeedPlatform,
  { channel }: Pick<ShardClaim, 'channel'>,
  [vendor, product]: readonly [vendor: string, product: string],
): CsafSystem {
  const release = os.version ?? os.codename;
  if (channel !== undefined) return { id: `${id}-${channel}`, name: `${name}, ${channel}` };
  return {
    id,
    name,
    cpe: systemCpe(vendor, product, os.version),
    ...(release === undefined
      ? {}
      : { distro: os.version === undefined ? release : `${os.id}-${os.version}` }),
  };
}

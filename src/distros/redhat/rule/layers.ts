/** What ids of platforms begin with that lie upon RHEL: a scan of RHEL looks there, too. */
export const layeredPrefix = 'rhel-layered-';

/** Platform id of a layered product, by its name in a CPE: one a product, its versions told apart by the channel. */
export function layeredPlatformId(product: string): string {
  return `${layeredPrefix}${product.replaceAll(/[^a-z0-9.]+/g, '-')}`;
}

export function isLayered(platform: string): boolean {
  return platform.startsWith(layeredPrefix);
}

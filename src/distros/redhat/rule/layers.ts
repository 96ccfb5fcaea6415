/** Prefix of the ids of layered products' platforms, which a scan of RHEL uses too. */
export const layeredPrefix = 'rhel-layered-';

/** Platform id of a layered product, by its name in a CPE: one for each product; the channel distinguishes its versions. */
export function layeredPlatformId(product: string): string {
  return `${layeredPrefix}${product.replaceAll(/[^a-z0-9.]+/g, '-')}`;
}

export function isLayered(platform: string): boolean {
  return platform.startsWith(layeredPrefix);
}

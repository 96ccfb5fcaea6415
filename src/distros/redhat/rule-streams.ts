import { type Cpe, parseCpe } from '../shared/rule/cpe.ts';

/** Red Hat Hardened Images: the product of their CPE, and the ID in their os-release. */
export const hardenedProduct = 'hummingbird';

/** Their version in the CPE; VERSION_ID is the day of a snapshot. */
export const hardenedVersion = '1';

export const hardenedPlatform = `${hardenedProduct}-${hardenedVersion}`;

/** The platform of hardened images; undefined: the CPE is of another version. One without a version is of all. */
export function hardenedStream({ version }: Pick<Cpe, 'version'>): { platform: string } | undefined {
  return version === '' || version === hardenedVersion ? { platform: hardenedPlatform } : undefined;
}

/** The CPE_NAME of an image, if it is not that of the product that the statements are about. One that cannot be read may name another. */
export function otherHardened(cpeName: string | undefined): string | undefined {
  if (cpeName === undefined || cpeName.trim() === '') return undefined;
  const cpe = parseCpe(cpeName);
  return cpe?.product === hardenedProduct && hardenedStream(cpe) ? undefined : cpeName;
}

/** RHEL's channels besides main. */
export const updateChannels = ['eus', 'eus-long-life', 'aus', 'tus', 'e4s', 'els'] as const;

/** CPE products of RHEL itself, and the channel of each. */
const channelOfProduct: Readonly<Record<string, 'main' | (typeof updateChannels)[number]>> = {
  enterprise_linux: 'main',
  enterprise_linux_eus: 'eus',
  rhel_eus: 'eus',
  rhel_eus_long_life: 'eus-long-life',
  rhel_aus: 'aus',
  rhel_tus: 'tus',
  rhel_e4s: 'e4s',
  rhel_els: 'els',
};

/** The channel of a CPE; undefined: it is of another product than RHEL. */
export function channelOf({
  product,
}: Pick<Cpe, 'product'>): 'main' | (typeof updateChannels)[number] | undefined {
  return Object.hasOwn(channelOfProduct, product) ? channelOfProduct[product] : undefined;
}

/** Prefix of the ids of layered products' platforms, which a scan of RHEL uses too. */
export const layeredPrefix = 'rhel-layered-';

/** Platform id of a layered product, by its name in a CPE: one for each product; the channel distinguishes its versions. */
export function layeredPlatformId(product: string): string {
  return `${layeredPrefix}${product.replaceAll(/[^a-z0-9.]+/g, '-')}`;
}

export function isLayered(platform: string): boolean {
  return platform.startsWith(layeredPrefix);
}

import { ScapfeedError } from '../../model/error.ts';
import type { InstalledPackage, Inventory } from '../../model/inventory/index.ts';

/** Bytes: the store looks packages up by their names, and its index takes no longer ones. No distribution has any near this. */
const longestName = 1_000;
/** Bytes of a version: as much as an index takes besides. */
const longestVersion = 4_000;
/** Bytes of what an image is called, for the same reason. */
const longestReference = 2_000;
/** Levels of a JSON document: an inventory has ten. */
const mostLevels = 64;

/** @throws IMAGE_LIMIT_EXCEEDED: an image with facts that no store can keep, which must not affect the others */
export function requireKeepable(
  { packages, languages = [], halfInstalled = [], products = [] }: Inventory,
  where: string,
): void {
  for (const each of [...packages, ...languages, ...halfInstalled]) requireShort(each, where);
  for (const { name = '', component = '', version = '', release = '' } of products) {
    requireBytes('the name of a product', name, longestName, where);
    requireBytes('the name of a component', component, longestName, where);
    requireBytes('the version of a product', version + release, longestVersion, where);
  }
}

/** @throws IMAGE_LIMIT_EXCEEDED */
export function requireKeepableName(reference: string): void {
  requireBytes('the name of an image', reference, longestReference, reference.slice(0, 80));
}

/** Whether a value from JSON has more levels than any inventory. */
export function isTooDeep(value: unknown, levels = mostLevels): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isTooDeep(each, levels - 1));
}

function requireShort({ name, version, arch, source }: InstalledPackage, where: string): void {
  requireBytes('the name of a package', name, longestName, where);
  requireBytes('the name of a source package', source.name, longestName, where);
  requireBytes('the version of a package', version, longestVersion, where);
  requireBytes('the version of a source package', source.version, longestVersion, where);
  requireBytes('the architecture of a package', arch, longestName, where);
}

function requireBytes(what: string, text: string, most: number, where: string): void {
  // A character has three bytes at most.
  if (text.length * 3 <= most || Buffer.byteLength(text) <= most) return;
  throw new ScapfeedError({
    code: 'IMAGE_LIMIT_EXCEEDED',
    message: `${what} has ${Buffer.byteLength(text)} bytes; a fleet keeps at most ${most}`,
    where,
    remedy: 'look at the package database of this image; it is not judged in the fleet',
  });
}

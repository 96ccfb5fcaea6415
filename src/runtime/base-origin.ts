import {
  type BaseStanding,
  type InstalledPackage,
  type Inventory,
  incompleteDatabase,
  isOfEcosystem,
  type Layer,
  lostDistribution,
  searchCut,
  searchIncomplete,
} from '../model/inventory/index.ts';
import type { Comparison } from '../model/order.ts';
import { compareVersions } from './index.ts';

/** Packages and architecture of a base image. */
export interface BaseContent {
  inventory: Inventory;
  architecture?: string | undefined;
}

/** Facts of an image that decide how its packages compare with those of the base. */
export interface MadeImage {
  /** It begins with all layers of the base. */
  isBuilt: boolean;
  /** ID in os-release. */
  system: string | undefined;
  architecture?: string | undefined;
}

/** Whether these layers begin with all layers of the base, by the digests of their contents. */
export function beginsWith(layers: readonly Layer[], own: readonly Layer[]): boolean {
  return (
    own.length > 0 && own.every(({ diffId }, at) => diffId !== undefined && layers[at]?.diffId === diffId)
  );
}

/** Of one or two images that have these layers: the base, and its newer build. `isBuilt`: the image begins with the base. */
export function chosenBases<Base>(
  layers: readonly Layer[],
  [first, second]: readonly [Base, (Base | undefined)?],
  layersOf: (base: Base) => readonly Layer[],
): { base: Base; newer?: Base | undefined; isBuilt: boolean } {
  const begins = (base: Base) => beginsWith(layers, layersOf(base));
  const base = second && !begins(first) && begins(second) ? second : first;
  const isBuilt = begins(base);
  // A base that is given alone, and that the image does not begin with, stands for its newer build too.
  const newer = second ? (base === first ? second : first) : isBuilt ? undefined : base;
  return { base, newer, isBuilt };
}

/**
 * The rule for the origin of a package. One that the base has in the same version is of the base. One in another version was replaced
 * by own layers, except where the image was made from another build and its version is the older one: then that build had it.
 */
export function originIn(
  { inventory, architecture: built }: BaseContent,
  { isBuilt, system, architecture }: MadeImage,
): (pkg: InstalledPackage) => BaseStanding['origin'] {
  const installed = new Map<string, InstalledPackage[]>();
  for (const pkg of [...inventory.packages, ...(inventory.languages ?? [])]) {
    const known = installed.get(placeOf(pkg));
    if (known) known.push(pkg);
    else installed.set(placeOf(pkg), [pkg]);
  }
  const codes = new Set(inventory.notes.map(({ code }) => code));
  const isListed = {
    distribution:
      !codes.has(incompleteDatabase) &&
      !codes.has(lostDistribution) &&
      (inventory.os === null || inventory.packages.length > 0) &&
      // Another distribution is no base of this image: which one has its packages is not known.
      (inventory.os?.id ?? system) === system &&
      // Packages of another architecture have other names here.
      (built ?? architecture) === (architecture ?? built),
    languages: !codes.has(searchCut) && !codes.has(searchIncomplete),
  };
  return (pkg) => {
    const there = installed.get(placeOf(pkg));
    if (!there) return isListed[isOfEcosystem(pkg) ? 'languages' : 'distribution'] ? 'own' : 'unknown';
    if (there.some(({ version }) => version === pkg.version)) return 'base';
    if (isBuilt) return 'own';
    const orders = there.map((other) => orderOf(pkg, other));
    if (orders.some((order) => order !== undefined && order <= 0)) return 'base';
    return orders.includes(undefined) ? 'unknown' : 'own';
  };
}

/** Names a package in both images; copies of a language's package differ by their places. */
function placeOf(pkg: InstalledPackage): string {
  const { type, name, arch, database } = pkg;
  return [type, name, isOfEcosystem(pkg) ? database : arch].join('\0');
}

function orderOf(pkg: InstalledPackage, { version }: InstalledPackage): Comparison {
  return compareVersions({ ...pkg, source: { ...pkg.source, version: pkg.version } }, version);
}

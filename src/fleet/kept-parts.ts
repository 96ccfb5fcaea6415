import { hash } from 'node:crypto';
import type { ImageProduct, InstalledPackage, Inventory } from '../model/index.ts';

/** An image's facts besides its packages, as far as they decide verdicts; kept once for all images that share them. */
export type SystemFacts = Pick<Inventory, 'os'> &
  Partial<Pick<Inventory, 'aptSuites' | 'enabledModules' | 'context'>>;

/** An installed package without its place in one image, or a container product as a whole. */
export type PackageFacts =
  | { package: Omit<InstalledPackage, 'database' | 'layer'> }
  | { product: ImageProduct };

export interface KeptPackage {
  /** sha256 over the system's and its own facts. */
  digest: Buffer;
  facts: PackageFacts;
}

/** An inventory in the parts that the store keeps once. */
export interface KeptParts {
  system: { digest: Buffer; name: string; facts: SystemFacts };
  /** Each once, though several databases may list it. */
  packages: readonly KeptPackage[];
}

/**
 * Takes an inventory apart. A package's verdicts depend on its own facts and its system's only (test/fleet/equality.oracle.test.ts), so
 * images that share both share verdicts.
 */
export function keptParts(inventory: Inventory): KeptParts {
  const facts = systemFacts(inventory);
  const digest = digestOf(facts);
  const packages = new Map<string, KeptPackage>();
  const all: PackageFacts[] = [
    ...inventory.packages.map((pkg) => ({ package: packageFacts(pkg) })),
    ...(inventory.products ?? []).map((product) => ({ product })),
  ];
  for (const each of all) {
    const own = digestOf([digest.toString('hex'), each]);
    packages.set(own.toString('hex'), { digest: own, facts: each });
  }
  return { system: { digest, name: systemName(inventory), facts }, packages: [...packages.values()] };
}

function systemFacts({ os, aptSuites, enabledModules, context }: Inventory): SystemFacts {
  return {
    os,
    ...(aptSuites && { aptSuites }),
    ...(enabledModules && { enabledModules }),
    ...(context && { context }),
  };
}

function packageFacts({
  database: _,
  layer: __,
  ...facts
}: InstalledPackage): Omit<InstalledPackage, 'database' | 'layer'> {
  return facts;
}

/** `debian-12`, `rhel-9.4`, `unknown`. */
function systemName({ os }: Inventory): string {
  if (!os) return 'unknown';
  const version = os.pointRelease ?? os.versionId ?? os.codename;
  return version === undefined ? os.id : `${os.id}-${version}`;
}

/** The same for the same facts, whatever the order of their members. */
export function digestOf(value: unknown): Buffer {
  return hash('sha256', JSON.stringify(value, inOrder), 'buffer');
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The inventory that is judged for some packages of a system: nothing of any one image is in it. */
export function judgedInventory(system: SystemFacts, facts: readonly PackageFacts[]): Inventory {
  const packages = facts.flatMap((each) => ('package' in each ? { ...each.package, database: '' } : []));
  const products = facts.flatMap((each) => ('product' in each ? each.product : []));
  return { ...system, databases: [], packages, notes: [], ...(products.length > 0 && { products }) };
}

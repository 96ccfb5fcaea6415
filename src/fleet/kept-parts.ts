import { hash } from 'node:crypto';
import {
  type EcosystemId,
  type ImageProduct,
  type InstalledPackage,
  type Inventory,
  isOfEcosystem,
} from '../model/inventory/index.ts';
import { packageKey } from '../runtime/languages.ts';
import { isOfLanguagesOnly } from '../runtime/platform.ts';

/** An image's facts besides its packages, as far as they decide verdicts; kept once for all images that share them. */
export type SystemFacts = Pick<Inventory, 'os'> &
  Partial<Pick<Inventory, 'aptSuites' | 'enabledModules' | 'context'>> & {
    /** The ecosystems of an image that has packages of languages only: one of them is its platform. */
    ecosystems?: readonly EcosystemId[];
  };

/** An installed package without its place in one image, or a container product as a whole. */
export type PackageFacts =
  | {
      package: Omit<InstalledPackage, 'database' | 'layer'>;
      /** The package of the distribution that owns one of a language: if it is judged, the other is not. */
      owner?: Omit<InstalledPackage, 'database' | 'layer'>;
    }
  | { product: ImageProduct };

export interface KeptPackage {
  /** sha256 over the system's and its own facts. */
  digest: Buffer;
  facts: PackageFacts;
  /** The packages of the image that it is kept for, which differ in their places alone; none for a product. */
  installed: readonly InstalledPackage[];
}

/** An inventory in the parts that the store keeps once. */
export interface KeptParts {
  system: { digest: Buffer; name: string; facts: SystemFacts };
  /** Each once, though several databases may list it. */
  packages: readonly KeptPackage[];
}

/**
 * Takes an inventory apart. A package's verdicts depend on its own facts and its system's only (test/fleet/judge/equality.oracle.test.ts), so
 * images that share both share verdicts.
 */
export function keptParts(inventory: Inventory): KeptParts {
  const facts = systemFacts(inventory);
  const digest = digestOf(facts);
  const packages = new Map<string, KeptPackage>();
  const owners = new Map(inventory.packages.map((pkg) => [packageKey(pkg), pkg]));
  const all: { facts: PackageFacts; pkg?: InstalledPackage }[] = [
    ...inventory.packages.map((pkg) => ({ facts: { package: packageFacts(pkg) }, pkg })),
    ...(inventory.languages ?? []).map((pkg) => {
      const owner = pkg.owner && owners.get(packageKey(pkg.owner));
      return { facts: { package: packageFacts(pkg), ...(owner && { owner: packageFacts(owner) }) }, pkg };
    }),
    ...(inventory.products ?? []).map((product) => ({ facts: { product } })),
  ];
  for (const { facts: each, pkg } of all) {
    const own = digestOf([digest.toString('hex'), each]);
    const key = own.toString('hex');
    const installed = [...(packages.get(key)?.installed ?? []), ...(pkg ? [pkg] : [])];
    packages.set(key, { digest: own, facts: each, installed });
  }
  return { system: { digest, name: systemName(facts), facts }, packages: [...packages.values()] };
}

function systemFacts(inventory: Inventory): SystemFacts {
  const { os, aptSuites, enabledModules, context, languages = [] } = inventory;
  const ecosystems = isOfLanguagesOnly(inventory)
    ? [...new Set(languages.map(({ type }) => type as EcosystemId))].sort()
    : undefined;
  return {
    os,
    ...(aptSuites && { aptSuites }),
    ...(enabledModules && { enabledModules }),
    ...(context && { context }),
    ...(ecosystems && { ecosystems }),
  };
}

function packageFacts({
  database: _,
  layer: __,
  ...facts
}: InstalledPackage): Omit<InstalledPackage, 'database' | 'layer'> {
  return facts;
}

/** `debian-12`, `rhel-9.4`, `unknown`; `npm, pypi` without a distribution. */
function systemName({ os, ecosystems }: SystemFacts): string {
  if (!os) return ecosystems?.join(', ') ?? 'unknown';
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

/** The inventory that is judged for some packages of a system, with the owners of those: nothing of any one image is in it. */
export function judgedInventory(system: SystemFacts, facts: readonly PackageFacts[]): Inventory {
  const given = facts.flatMap((each) => ('package' in each ? { ...each.package, database: '' } : []));
  const packages = given.filter((pkg) => !isOfEcosystem(pkg));
  // Equal ones can have different owners.
  const languages = given.filter(isOfEcosystem).map((pkg, at) => ({ ...pkg, database: String(at) }));
  const known = new Set(packages.map(packageKey));
  const owners = facts.flatMap((each) =>
    'package' in each && each.owner ? { ...each.owner, database: '' } : [],
  );
  const missing = new Map(owners.map((owner) => [packageKey(owner), owner]));
  for (const key of known) missing.delete(key);
  const products = facts.flatMap((each) => ('product' in each ? each.product : []));
  return {
    ...system,
    databases: [],
    packages: [...packages, ...missing.values()],
    languages,
    notes: [],
    ...(products.length > 0 && { products }),
  };
}

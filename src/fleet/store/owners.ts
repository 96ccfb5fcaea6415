import type { OwnerRule, OwnersSeen } from '../../model/fleet/index.ts';
import { pathMatcher } from '../../model/path-glob.ts';
import type { Queries } from './database.ts';

/** A name with the facts that decide its owners. */
export interface OwnedName {
  reference: string;
  /** Of its image; null: none was read. */
  labels: Readonly<Record<string, string>> | null;
  namespaces: readonly string[];
}

/** Finds the owners of images by rules. */
export class ImageOwners {
  readonly #rules: readonly { owner: string; owns(name: OwnedName): boolean }[];

  constructor(rules: readonly OwnerRule[]) {
    this.#rules = rules.map((rule) => ({ owner: rule.owner, owns: matcherOf(rule) }));
  }

  /** By the rules that the fleet keeps. */
  static async read(queries: Queries): Promise<ImageOwners> {
    return new ImageOwners(await ownerRules(queries));
  }

  /** In code-unit order. */
  of(name: OwnedName): string[] {
    return this.#rules.flatMap(({ owner, owns }) => (owns(name) ? [owner] : [])).sort();
  }

  /** Those that own each of some names. */
  ofAll(names: readonly OwnedName[]): string[] {
    const [first, ...others] = names.map((name) => this.of(name));
    return (first ?? []).filter((owner) => others.every((each) => each.includes(owner)));
  }
}

function matcherOf({ names, labels, namespaces }: OwnerRule): (name: OwnedName) => boolean {
  const isName = pathMatcher(names);
  const isNamespace = pathMatcher(namespaces);
  const ofLabels = Object.entries(labels).map(([label, globs]) => ({ label, isValue: pathMatcher(globs) }));
  return ({ reference, labels: own, namespaces: asking }) =>
    isName(reference) ||
    asking.some(isNamespace) ||
    ofLabels.some(({ label, isValue }) => own !== null && Object.hasOwn(own, label) && isValue(own[label]!));
}

/** The rules by which the fleet finds owners, in the order of the policy. */
export async function ownerRules(queries: Queries): Promise<readonly OwnerRule[]> {
  const [row] = await queries.query<{ value: OwnerRule[] }>(
    `SELECT value FROM fleet.settings WHERE key = 'owners'`,
  );
  return row?.value ?? [];
}

/** Images of some owners now. */
export interface Owned {
  /** Names that are looked up. */
  references: ReadonlySet<string>;
  /** Numbers of the images for which they stand. */
  images: ReadonlySet<number>;
}

/** Undefined: all images, which nobody has to look up. */
export async function ownedBy(queries: Queries, seen: OwnersSeen): Promise<Owned | undefined> {
  if (seen === 'all') return undefined;
  const rows = await queries.query<OwnedName & { image: number | null }>(
    `SELECT reference, namespaces, labels, image FROM fleet.names
     LEFT JOIN fleet.name_images ON name_images.name = names.id AND until IS NULL
     LEFT JOIN fleet.images ON images.id = image WHERE names.removed IS NULL`,
  );
  const owners = await ImageOwners.read(queries);
  const own = rows.filter((row) => owners.of(row).some((owner) => seen.includes(owner)));
  return {
    references: new Set(own.map(({ reference }) => reference)),
    images: new Set(own.flatMap(({ image }) => image ?? [])),
  };
}

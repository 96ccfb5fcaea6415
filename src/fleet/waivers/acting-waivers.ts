import type { Waiver } from '../../model/fleet/index.ts';
import { grouped } from '../../model/order.ts';
import { pathMatcher } from '../../model/path-glob.ts';
import type { Queries } from '../store/database.ts';
import { ImageOwners, type OwnedName } from '../store/owners.ts';

/** Columns of a `Waiver`. */
export const waiverColumns = 'id, vulnerability, rule, package, image, owner, reason, until, author';

/** The day (UTC) by which waivers count as expired. */
export function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}

/** A flaw, as far as a waiver can be about it. */
export interface WaivableFlaw {
  vulnerability: string;
  /** The installed package. */
  name: string;
  source: string;
}

/** Waivers that act, with the names of the images that they are about. */
export class Waivers {
  readonly #ofVulnerability = new Map<string, Matcher[]>();
  readonly #ofRules: Matcher[] = [];

  constructor(waivers: readonly Waiver[], images: ImageNames) {
    for (const waiver of waivers) {
      const matcher = matcherOf(waiver, images);
      const { vulnerability } = waiver;
      if (vulnerability === null) this.#ofRules.push(matcher);
      else this.#ofVulnerability.set(vulnerability, [...this.#all(vulnerability), matcher]);
    }
  }

  /** Whether one is about this vulnerability, in any package or image. */
  name(vulnerability: string): boolean {
    return this.#ofVulnerability.has(vulnerability);
  }

  /** All waivers of a flaw in an image. */
  ofFlaw({ vulnerability, name, source }: WaivableFlaw, image: number): Waiver[] {
    return this.#all(vulnerability)
      .filter(({ isPackage, isImage }) => (isPackage(name) || isPackage(source)) && isImage(image))
      .map(({ waiver }) => waiver);
  }

  ofRule(rule: string, image: number): Waiver[] {
    return this.#ofRules
      .filter((each) => isRule(each.waiver, rule) && each.isImage(image))
      .map(({ waiver }) => waiver);
  }

  #all(vulnerability: string): readonly Matcher[] {
    return this.#ofVulnerability.get(vulnerability) ?? [];
  }
}

/** An image as waivers find it. */
interface NamedImage {
  digest: string;
  /** Names that stand for it now. */
  references: readonly string[];
  /** Of each of its names. */
  owners: readonly string[];
}

/** Images by their numbers. */
export type ImageNames = ReadonlyMap<number, NamedImage>;

interface Matcher {
  waiver: Waiver;
  isPackage(name: string): boolean;
  isImage(image: number): boolean;
}

/** One image can have several names: it is meant only if each of them is, or a waiver of a test would hide what runs elsewhere. */
function matcherOf(waiver: Waiver, images: ImageNames): Matcher {
  const any = () => true;
  const isPackage = waiver.package === null ? any : pathMatcher([waiver.package]);
  if (waiver.image === null && waiver.owner === null) return { waiver, isPackage, isImage: any };
  const isName = waiver.image === null ? any : pathMatcher([waiver.image]);
  const known = new Map<number, boolean>();
  return {
    waiver,
    isPackage,
    isImage(image) {
      const found = known.get(image) ?? isMeant(images.get(image), waiver, isName);
      known.set(image, found);
      return found;
    },
  };
}

function isMeant(
  image: NamedImage | undefined,
  { image: wanted, owner }: Waiver,
  isName: (name: string) => boolean,
): boolean {
  if (!image) return false;
  const { digest, references, owners } = image;
  if (owner !== null && !owners.includes(owner)) return false;
  return digest === wanted || (references.length > 0 && references.every(isName));
}

/** By its whole id, or what follows `_rule_`. */
export function isRule({ rule }: Pick<Waiver, 'rule'>, id: string): boolean {
  return rule !== null && (id === rule || id.endsWith(`_rule_${rule}`));
}

/** Waivers that were neither withdrawn nor have expired. */
export async function actingWaivers(queries: Queries, now: Date): Promise<Waiver[]> {
  return queries.query<Waiver>(
    `SELECT ${waiverColumns} FROM fleet.waivers WHERE ended IS NULL AND (until IS NULL OR until >= $1) ORDER BY id`,
    [dayOf(now)],
  );
}

export async function matchingWaivers(queries: Queries, waivers: readonly Waiver[]): Promise<Waivers> {
  const isByImage = waivers.some(({ image, owner }) => image !== null || owner !== null);
  return new Waivers(waivers, isByImage ? await imageNames(queries) : new Map());
}

async function imageNames(queries: Queries): Promise<ImageNames> {
  const rows = await queries.query<{ id: number; digest: string } & OwnedName>(
    `SELECT images.id, images.digest, reference, labels, namespaces FROM fleet.images
     JOIN fleet.name_images ON image = images.id AND until IS NULL
     JOIN fleet.names ON names.id = name AND removed IS NULL`,
  );
  const owners = await ImageOwners.read(queries);
  return new Map(
    [...grouped(rows, ({ id }) => id)].map(([id, own]) => [
      id,
      {
        digest: own[0]!.digest,
        references: own.map(({ reference }) => reference),
        owners: owners.ofAll(own),
      },
    ]),
  );
}

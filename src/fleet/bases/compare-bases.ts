import {
  type BaseImage,
  type BaseImages,
  type BaseStanding,
  type InstalledPackage,
  noStatedBase,
} from '../../model/inventory/index.ts';
import { grouped } from '../../model/order.ts';
import { chosenBases, originIn } from '../../runtime/base-origin.ts';
import type { FleetContext } from '../fleet.ts';
import { keptParts } from '../kept-parts.ts';
import {
  findBase,
  imageContents,
  type KeptBase,
  type KeptComparison,
  keepCompared,
  type ReferredBase,
  referredBases,
  type StatingImage,
  statingImages,
} from '../store/bases.ts';
import { refusedReference } from './refused-reference.ts';

/**
 * Compares each watched image with the bases that it states. What an image has does not change: it is compared again only where a
 * reference stands for another base than before.
 */
export async function compareBases({
  database,
  tools,
}: Pick<FleetContext, 'database' | 'tools'>): Promise<void> {
  const referred = await referredBases(database);
  const pending = (await statingImages(database))
    .map((image) => ({ image, ...statedIn(image, referred) }))
    .filter(({ image, bases, reason }) => keyOf(bases) !== image.compared.join() || reason !== image.reason);
  let done = 0;
  for (const group of grouped(pending, ({ bases }) => keyOf(bases)).values()) {
    let contents: Promise<KeptBase[]> | undefined;
    for (const { image, bases, reason } of group) {
      tools.ending?.throwIfAborted();
      tools.progress('comparing with base images', { done, total: pending.length, unit: 'images' });
      let compared = withNewer(image, bases);
      if (!compared) {
        contents ??= Promise.all(bases.map(({ id }) => findBase(database, { id }).then((base) => base!)));
        compared = comparedWith(await imageContents(database, image.image), bases, await contents);
      }
      const kept = { bases: bases.map(({ id }) => id), reason, ...compared };
      await database.transaction((queries) => keepCompared(queries, image.image, kept));
      done += 1;
    }
  }
}

/** A kept base by the reference that stands for it. */
interface StatedKept extends Required<BaseImage> {
  id: number;
}

const keyOf = (bases: readonly StatedKept[]) => bases.map(({ id }) => id).join();

/** The bases that an image states and that could be read, and why others could not. */
function statedIn(
  { stated, names, isSent }: StatingImage,
  referred: ReadonlyMap<string, ReferredBase>,
): { bases: StatedKept[]; reason: string | null } {
  if (!stated) {
    const reason = isSent ? 'an inventory that was sent in has no labels' : 'no run has looked at its labels';
    return { bases: [], reason };
  }
  const references = [stated.built ?? [], stated.named ?? []].flat();
  if (references.length === 0) return { bases: [], reason: noStatedBase };
  const bases: StatedKept[] = [];
  const reasons: string[] = [];
  for (const reference of references) {
    const failure = refusedReference(reference, names);
    const found = failure === undefined ? referred.get(reference) : { failure };
    if (found && 'id' in found) bases.push({ reference, ...found });
    else reasons.push(`${reference} is not read: ${found?.failure ?? 'it was not looked up'}`);
  }
  return { bases, reason: reasons.length === 0 ? null : reasons.join('; ') };
}

/** Where an image begins with its base, as it did before, only its newer build is another. */
function withNewer(
  { described, compared }: StatingImage,
  [base, newer]: readonly StatedKept[],
): Pick<KeptComparison, 'described'> | undefined {
  if (!base) return { described: null };
  const isSame =
    described?.base.layers !== undefined && compared[0] === base.id && described.base.digest === base.digest;
  if (!isSame) return undefined;
  return { described: { base: described.base, ...(newer && { newer: imageOf(newer) }) } };
}

/** A container product is of the image that names it. */
const someProduct: InstalledPackage = {
  ...{ type: 'oci', name: '', version: '', arch: '', database: '' },
  source: { name: '', version: '' },
};

function imageOf({ reference, digest }: StatedKept): BaseImage {
  return { reference, digest };
}

function comparedWith(
  image: Awaited<ReturnType<typeof imageContents>>,
  stated: readonly StatedKept[],
  contents: readonly KeptBase[],
): Pick<KeptComparison, 'described' | 'origins'> {
  const { architecture, inventory, layers } = image;
  const all = contents.map((each, at) => ({ ...each, stated: stated[at]! }));
  const { base, newer, isBuilt } = chosenBases(layers, [all[0]!, all[1]], (each) => each.layers);
  const originOf = originIn(base, { isBuilt, system: inventory.os?.id, architecture });
  const origins: Record<BaseStanding['origin'], string[]> = { base: [], own: [], unknown: [] };
  for (const { digest, facts, installed } of keptParts(inventory).packages) {
    const found = 'product' in facts ? [originOf(someProduct)] : installed.map(originOf);
    for (const origin of new Set(found)) origins[origin].push(digest.toString('hex'));
  }
  const described: BaseImages = {
    base: { ...imageOf(base.stated), ...(isBuilt && { layers: base.layers.length }) },
    ...(newer && { newer: imageOf(newer.stated) }),
  };
  return { described, origins };
}

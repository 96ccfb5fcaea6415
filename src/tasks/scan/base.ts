import {
  type BaseImage,
  type BaseImages,
  type Image,
  type Inventory,
  statedBase,
} from '../../model/inventory/index.ts';
import {
  idsOfFlaw,
  type Judgement,
  type ScanResult,
  sourceKey,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { chosenBases, originIn } from '../../runtime/base-origin.ts';
import { effectOf, type JudgedBase, judgedBase, unjudgedBase } from '../../runtime/rebuilt.ts';

/** A base image, with its packages. */
export interface BaseSubject {
  image: Pick<Image, 'reference' | 'digest' | 'architecture'> & { files: Pick<Image['files'], 'layers'> };
  inventory: Inventory;
}

/** The base image that an image was made from, and its newer build. */
export type GivenBases = readonly [BaseSubject, (BaseSubject | undefined)?];

/**
 * References of the base image that an image states: the build that it was made from, by its digest, and what its name stands for now.
 * Empty: it states none.
 */
export function statedBases(image: Pick<Image, 'labels' | 'annotations'>): string[] {
  const { built, named } = statedBase(image) ?? {};
  return [built ?? [], named ?? []].flat();
}

/**
 * The result with the origin of each verdict, and with the effect of a rebuild. The base is the image whose layers the result's image
 * begins with, or else the first; the other one, or else a base that the image does not begin with, is the newer build.
 */
export async function withBases(
  result: ScanResult,
  [first, second]: GivenBases,
  judges: (inventory: Inventory) => Judgement | Promise<Judgement>,
): Promise<ScanResult> {
  const { layers } = result.image;
  const { base, newer, isBuilt } = chosenBases(layers, [first, second], ({ image }) => image.files.layers);
  const originOf = originIn(
    { inventory: base.inventory, architecture: base.image.architecture },
    { isBuilt, system: result.inventory.os?.id, architecture: result.image.architecture },
  );
  const rebuilt = newer && (await rebuiltOn(newer, judges));
  const effect = rebuilt && effectOf(rebuilt);
  const verdicts = result.verdicts.map((verdict): ViewedVerdict => {
    const origin = originOf(verdict.package);
    const flaw = { ids: idsOfFlaw(verdict), source: sourceKey(verdict.package) };
    const rebuild = origin === 'base' && effect ? { rebuild: effect(flaw) } : {};
    return { ...verdict, base: { origin, ...rebuild } };
  });
  const described: BaseImages = {
    base: { ...identityOf(base), ...(isBuilt && { layers: base.image.files.layers.length }) },
    ...(newer && {
      newer: {
        ...identityOf(newer),
        ...(rebuilt?.unknown !== undefined && { unknown: rebuilt.unknown }),
      },
    }),
  };
  return { ...result, verdicts, bases: described };
}

function identityOf({ image: { reference, digest } }: BaseSubject): BaseImage {
  return { reference, ...(digest !== undefined && { digest }) };
}

async function rebuiltOn(
  { image, inventory }: BaseSubject,
  judges: (inventory: Inventory) => Judgement | Promise<Judgement>,
): Promise<JudgedBase> {
  try {
    return judgedBase(image.reference, inventory, await judges(inventory));
  } catch (error) {
    return unjudgedBase(error);
  }
}

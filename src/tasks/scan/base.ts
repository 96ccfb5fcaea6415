import { type ErrorCode, isScapfeedError } from '../../model/error.ts';
import {
  type BaseImage,
  type BaseImages,
  type BaseStanding,
  type Image,
  type Inventory,
  incompleteDatabase,
  lostDistribution,
  searchCut,
  searchIncomplete,
  statedBase,
  unreadContext,
} from '../../model/inventory/index.ts';
import {
  type Gap,
  idsOfFlaw,
  type Judgement,
  type ScanResult,
  sourceKey,
  uncoveredComponents,
  uncoveredLanguages,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { beginsWith, originIn } from '../../runtime/base-origin.ts';

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
  const begins = ({ image }: BaseSubject) => beginsWith(layers, image.files.layers);
  const base = second && !begins(first) && begins(second) ? second : first;
  const isBuilt = begins(base);
  const newer = second ? (base === first ? second : first) : isBuilt ? undefined : base;
  const originOf = originIn(
    { inventory: base.inventory, architecture: base.image.architecture },
    { isBuilt, system: result.inventory.os?.id, architecture: result.image.architecture },
  );
  const rebuilt = newer && (await rebuiltOn(newer, judges));
  const verdicts = result.verdicts.map((verdict): ViewedVerdict => {
    const origin = originOf(verdict.package);
    const rebuild = origin === 'base' && rebuilt ? { rebuild: rebuilt.effectOn(verdict) } : {};
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

/** The effect of a rebuild on flaws of the base. */
interface Rebuilt {
  unknown?: string;
  effectOn(verdict: ViewedVerdict): NonNullable<BaseStanding['rebuild']>;
}

/** Errors about the base itself. */
const unjudgeable: ReadonlySet<ErrorCode> = new Set([
  'PLATFORM_UNKNOWN',
  'PLATFORM_NOT_COVERED',
  'PACKAGE_DATABASE_MISSING',
  'FEED_STALE',
]);

/** Gaps of single packages: others leave the absence of a flaw unproven. */
const ofPackages: ReadonlySet<string> = new Set([
  'uncovered_packages',
  uncoveredComponents,
  uncoveredLanguages,
] satisfies Gap['code'][]);

async function rebuiltOn(
  { image, inventory }: BaseSubject,
  judges: (inventory: Inventory) => Judgement | Promise<Judgement>,
): Promise<Rebuilt> {
  let judged: Judgement;
  try {
    judged = await judges(inventory);
  } catch (error) {
    if (!(isScapfeedError(error) && unjudgeable.has(error.code))) throw error;
    return { unknown: error.message, effectOn: () => 'unknown' };
  }
  const flaws = new Set(judged.verdicts.flatMap((verdict) => keysOf(verdict)));
  const uncovered = new Set(judged.uncovered.map(({ package: pkg }) => sourceKey(pkg)));
  const unread = new Set(judged.unjudged.map(({ ecosystem }) => ecosystem));
  const gap = judged.gaps.find(({ code }) => !ofPackages.has(code));
  const isUnread = inventory.notes.some(({ code }) =>
    [incompleteDatabase, unreadContext, lostDistribution, searchCut, searchIncomplete].includes(code),
  );
  const unknown =
    gap?.detail ?? (isUnread ? `not all packages of ${image.reference} could be read` : undefined);
  return {
    ...(unknown !== undefined && { unknown }),
    effectOn: (verdict) => {
      if (keysOf(verdict).some((key) => flaws.has(key))) return 'keeps';
      const isUnknown =
        unknown !== undefined ||
        uncovered.has(sourceKey(verdict.package)) ||
        unread.has(verdict.package.type);
      return isUnknown ? 'unknown' : 'fixes';
    },
  };
}

/** A flaw of a source package by each of its ids. */
function keysOf(verdict: ViewedVerdict): string[] {
  const source = sourceKey(verdict.package);
  return idsOfFlaw(verdict).map((id) => `${id}\0${source}`);
}

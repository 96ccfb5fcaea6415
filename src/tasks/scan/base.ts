import {
  type BaseImage,
  type BaseImages,
  type BaseStanding,
  type Comparison,
  type ErrorCode,
  type Gap,
  type Image,
  type InstalledPackage,
  type Inventory,
  idsOfFlaw,
  incompleteDatabase,
  isOfEcosystem,
  isScapfeedError,
  type Judgement,
  type Layer,
  lostDistribution,
  referenceWithoutLogin,
  type ScanResult,
  searchCut,
  searchIncomplete,
  sourceKey,
  uncoveredComponents,
  uncoveredLanguages,
  unreadContext,
  type ViewedVerdict,
} from '../../model/index.ts';
import { compareVersions } from '../../runtime/index.ts';

/** A base image, with its packages. */
export interface BaseSubject {
  image: Pick<Image, 'reference' | 'digest'> & { files: Pick<Image['files'], 'layers'> };
  inventory: Inventory;
}

/** The base image that an image was made from, and its newer build. */
export type GivenBases = readonly [BaseSubject, (BaseSubject | undefined)?];

/** Labels and annotations of OCI that name the base image. */
const nameKey = 'org.opencontainers.image.base.name';
const digestKey = 'org.opencontainers.image.base.digest';

/**
 * References of the base image that an image states: the build that it was made from, by its digest, and what its name stands for now.
 * Empty: it states none.
 */
export function statedBases({ labels, annotations = {} }: Pick<Image, 'labels' | 'annotations'>): string[] {
  const { [nameKey]: given, [digestKey]: digest } = { ...labels, ...annotations };
  if (!given) return [];
  const name = referenceWithoutLogin(given);
  const repository = name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const references = [...(digest ? [`${repository}@${digest}`] : []), ...(name.includes('@') ? [] : [name])];
  return (references.length > 0 ? references : [name]).map((reference) => `registry:${reference}`);
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
  const base =
    second && !beginsWith(layers, first.image.files.layers) && beginsWith(layers, second.image.files.layers)
      ? second
      : first;
  const isBuilt = beginsWith(layers, base.image.files.layers);
  const newer = second ? (base === first ? second : first) : isBuilt ? undefined : base;
  const originOf = originIn(base.inventory, isBuilt, result.inventory.os?.id);
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

/** Whether these layers begin with all layers of the base, by the digests of their contents. */
export function beginsWith(layers: readonly Layer[], own: readonly Layer[]): boolean {
  return (
    own.length > 0 && own.every(({ diffId }, at) => diffId !== undefined && layers[at]?.diffId === diffId)
  );
}

/**
 * The rule for the origin of a package. One that the base has in the same version is of the base. One in another version was replaced
 * by own layers, except where the image was made from another build and its version is the older one: then that build had it.
 */
function originIn(
  inventory: Inventory,
  isBuilt: boolean,
  system: string | undefined,
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
      (inventory.os?.id ?? system) === system,
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

import { type Image, type Inventory, unreadFile } from '../../model/inventory/index.ts';
import type { Judgement, ScanResult, ViewedVerdict } from '../../model/verdict/index.ts';
import { type JudgeOptions, judge } from '../../runtime/index.ts';
import { distinctPackages } from '../../runtime/languages.ts';
import type { ChosenFeed } from '../feed.ts';
import { toolVersion } from '../tool-version.ts';

/** The identity of an image in a result. */
export type JudgedImage = Pick<Image, 'reference' | 'digest' | 'architecture' | 'notes'> & {
  files: Pick<Image['files'], 'layers'>;
};

/** Judges an inventory by a feed; the result has all facts that reports show about both. */
export function judgeImage(
  feed: ChosenFeed,
  image: JudgedImage,
  inventory: Inventory,
  options: JudgeOptions,
): ScanResult {
  return scanResult(feed, image, inventory, options, judge(feed, inventory, options));
}

export function scanResult(
  feed: ChosenFeed,
  image: JudgedImage,
  inventory: Inventory,
  { languages }: Pick<JudgeOptions, 'languages'>,
  { notes, platform, ...judgement }: Judgement,
): ScanResult {
  const ofImage = inventory.notes.filter(({ code }) => languages?.length !== 0 || code !== unreadFile);
  return {
    tool: `scapfeed ${toolVersion}`,
    feed: feed.origin,
    platform,
    image: {
      reference: image.reference,
      ...(image.digest === undefined ? {} : { digest: image.digest }),
      ...(image.architecture === undefined ? {} : { architecture: image.architecture }),
      layers: image.files.layers,
    },
    inventory: {
      os: inventory.os,
      databases: inventory.databases,
      notes: [...image.notes, ...ofImage, ...notes],
      packages: inventory.packages.length,
      ...languagesOf(inventory),
    },
    ...judgement,
  };
}

/** The numbers of packages of languages, and of those that packages of the distribution own. */
function languagesOf({ languages = [] }: Inventory): Pick<ScanResult['inventory'], 'languages' | 'owned'> {
  const own = languages.filter(({ owner }) => !owner);
  const owned = languages.length - own.length;
  return {
    ...(own.length > 0 && { languages: distinctPackages(own).length }),
    ...(owned > 0 && { owned }),
  };
}

/** Verdicts that clear the image of a vulnerability: `fixed` and `not_affected`. */
export function settledVerdicts(
  feed: ChosenFeed,
  inventory: Inventory,
  { maxAge: _, ...options }: JudgeOptions,
): ViewedVerdict[] {
  return judge(feed, inventory, { ...options, all: true }).verdicts.filter(
    ({ status }) => status === 'fixed' || status === 'not_affected',
  );
}

/** Reads all that reports may say of these verdicts and of those that clear the image. */
export function readDetails(
  feed: ChosenFeed,
  inventory: Inventory,
  how: JudgeOptions,
  verdicts: readonly ViewedVerdict[],
): void {
  const all = [...verdicts, ...settledVerdicts(feed, inventory, how)];
  for (const id of new Set(all.map(({ vulnerability }) => vulnerability))) {
    feed.vulnerability(id);
    feed.assessment(id);
  }
  for (const id of new Set(all.flatMap(({ advisories }) => advisories))) feed.advisory(id);
}

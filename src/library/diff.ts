import type { Inventory } from '../model/inventory/index.ts';
import type { Gap } from '../model/verdict/index.ts';
import type { ChangesDocument } from '../publish/changes/document.ts';
import { changesPage } from '../publish/changes/page.ts';
import type { ImageChanges } from '../report/diff/image-changes.ts';
import { imageChangesHtml } from '../report/diff/image-html.ts';
import { imageChangesMarkdown } from '../report/diff/image-markdown.ts';
import { imageChangesTable } from '../report/diff/image-table.ts';
import { requirePackages } from '../runtime/index.ts';
import { type Flip, feedChanges, verdictFlips } from '../tasks/diff/feeds.ts';
import { compareImages, imageSide } from '../tasks/diff/images.ts';
import { type ImageDiffParameters, twoImagesOptions } from '../tasks/diff/options.ts';
import { judgeImage } from '../tasks/scan/judge.ts';
import { type ComplyOptions, comply, complyContent } from './comply.ts';
import type { OpenFeed } from './feed.ts';
import { type OpenImageOptions, openingOf, openSubject, timeOf } from './image.ts';
import { type VerdictOptions, verdictOptions } from './judge.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { hasField, isAbsent, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';
import { verifyFiles } from './verify.ts';

/** Options of {@link diff} for two feeds. */
export interface FeedDiffOptions extends RunOptions {
  /** Compares only these platforms. Default: all. */
  platforms?: readonly string[];
  inventory?: undefined;
}

/** Options of {@link diff} for two feeds and an inventory. */
export interface InventoryDiffOptions extends RunOptions {
  inventory: Inventory;
  /** The day of which both feeds are asked. Default: now. */
  now?: Date;
}

/** Options of {@link diff} for two images: the feed, and what to compare besides verdicts. */
export interface ImageDiffOptions
  extends OpenImageOptions,
    Omit<VerdictOptions, 'platform'>,
    ImageDiffParameters {
  feed: OpenFeed;
  /** The platform of the feed to use instead of the one that the images report. */
  judgedAs?: string;
  /** Also compares the results of {@link comply} for a profile. */
  comply?: Pick<ComplyOptions, 'content' | 'profile' | 'tailoring' | 'product'>;
}

/** The statements that differ between two feeds. */
export type FeedDiff = Reported<ChangesDocument, 'json' | 'html'>;

/** The verdicts on an inventory that differ between two feeds. */
export interface InventoryDiff extends Reported<readonly Flip[], 'json'> {
  /** Reasons why the inventory is not known in full by one of the feeds: with one, no change does not mean that nothing changed. */
  readonly gaps: readonly Gap[];
}

/** The differences between two images. */
export interface ImageDiff extends Reported<ImageChanges, 'json' | 'table' | 'html' | 'markdown'> {
  /** `true` when both images are fully known: no gaps, and every package covered. */
  readonly isWhole: boolean;
}

/** @internal */
export const feedDiffParameters: ParameterCheck = new ParameterCheck('diff', {
  old: things.feed,
  now: things.feed,
  options: optionShapes<FeedDiffOptions>({
    ...things.runOptions,
    platforms: things.texts,
    inventory: isAbsent,
  }),
});

const { now, platformMap, severityFrom, maxAge, stream, languages } = things.verdictOptions;

/** @internal */
export const inventoryDiffParameters: ParameterCheck = new ParameterCheck('diff', {
  old: things.feed,
  now: things.feed,
  options: required(
    optionShapes<InventoryDiffOptions>({ ...things.runOptions, inventory: things.inventory, now }),
  ),
});

/** @internal */
export const imageDiffParameters: ParameterCheck = new ParameterCheck('diff', {
  old: things.reference,
  now: things.reference,
  options: required(
    optionShapes<ImageDiffOptions>({
      ...things.openImageOptions,
      ...{ now, platformMap, severityFrom, maxAge, stream, languages },
      feed: things.feed,
      judgedAs: text,
      ...shapesOf(twoImagesOptions),
      comply: optionShapes<NonNullable<ImageDiffOptions['comply']>>({
        content: complyContent,
        profile: text,
        tailoring: text,
        product: text,
      }),
    }),
  ),
});

/** References are of images; what is anything else must be a feed. */
function parametersOf(old: unknown, later: unknown, options: unknown): ParameterCheck {
  if (typeof old === 'string' || typeof later === 'string') return imageDiffParameters;
  return hasField(options, 'inventory') ? inventoryDiffParameters : feedDiffParameters;
}

/**
 * Compares two feeds, two feeds for one inventory, or two images. Same as `scapfeed diff`.
 *
 * @param old - An open feed, an image reference or `sbom:FILE`.
 * @param now - The later one, of the same kind.
 * @throws {@link ScapfeedError} `PLATFORM_NOT_COVERED` when neither feed has a platform of `platforms`; and the errors of
 * {@link judge}
 * @example
 * ```ts
 * import { diff, openFeed } from 'scapfeed';
 *
 * const [before, after] = [openFeed('feed'), openFeed('feed')];
 * const feeds = await diff(before, after);
 * console.log(feeds.result.platforms.every(({ changes }) => changes.length === 0)); // true
 * const images = await diff('dir:image', 'dir:newer-image', { feed: after });
 * console.log(images.result.packages, images.isWhole);
 * before.close();
 * after.close();
 * ```
 */
export function diff(old: OpenFeed, now: OpenFeed, options?: FeedDiffOptions): Promise<FeedDiff>;
export function diff(old: OpenFeed, now: OpenFeed, options: InventoryDiffOptions): Promise<InventoryDiff>;
export function diff(old: string, now: string, options: ImageDiffOptions): Promise<ImageDiff>;
export function diff(
  old: OpenFeed | string,
  now: OpenFeed | string,
  options: FeedDiffOptions | InventoryDiffOptions | ImageDiffOptions = {},
): Promise<FeedDiff | InventoryDiff | ImageDiff> {
  const parameters = parametersOf(old, now, options);
  return run<FeedDiff | InventoryDiff | ImageDiff>(parameters, [old, now, options], async (report) => {
    if (typeof old === 'string' || typeof now === 'string')
      return imageDiff(old as string, now as string, options as ImageDiffOptions);
    report('comparing the feeds');
    if ('inventory' in options && options.inventory !== undefined) {
      const inventory = requirePackages(options.inventory, 'inventory');
      const { flips, gaps } = verdictFlips(old.directory, now.directory, inventory, timeOf(options));
      return { ...reported(flips, { json: () => json(flips) }), gaps };
    }
    const { platforms } = options as FeedDiffOptions;
    const changes = feedChanges(old.directory, now.directory, platforms);
    return reported(changes, { json: () => json(changes), html: () => changesPage(changes) });
  });
}

async function imageDiff(old: string, now: string, options: ImageDiffOptions): Promise<ImageDiff> {
  const before = await sideOf(old, options);
  const after = await sideOf(now, options);
  const { all = false, allowUncovered = false } = options;
  const { changes, isWhole } = compareImages(before, after, { all, allowUncovered });
  const writers = {
    json: () => json(changes),
    table: () => imageChangesTable(changes),
    html: () => imageChangesHtml(changes),
    markdown: () => imageChangesMarkdown(changes),
  };
  return { ...reported(changes, writers), isWhole };
}

async function sideOf(reference: string, options: ImageDiffOptions) {
  const { feed, judgedAs, verify = false, comply: rules } = options;
  const { platform: _, ...ratings } = options;
  const how = verdictOptions(
    { ...ratings, ...(judgedAs === undefined ? {} : { platform: judgedAs }) },
    timeOf(options),
  );
  const opening = openingOf(options);
  const opened = await openSubject(reference, opening);
  return imageSide(opened, {
    judge: (inventory) => judgeImage(feed, opened.image, inventory, how),
    verify: verify && (async () => (await verifyFiles(reference, opening)).result),
    comply:
      rules !== undefined &&
      (async () => {
        const judged = judgedAs === undefined ? {} : { judgedAs };
        return (await comply(reference, { ...opening, ...rules, ...judged, now: timeOf(options) })).result;
      }),
  });
}

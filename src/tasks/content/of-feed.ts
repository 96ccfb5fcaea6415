import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedContent, openContent, shortId } from '../../comply/index.ts';
import { fileDigest } from '../../io/digest.ts';
import { daysOld } from '../../model/data-date.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FeedContent } from '../../model/feed/index.ts';
import type { Inventory, InventoryNote } from '../../model/inventory/index.ts';
import { platformList } from '../../model/nearest.ts';
import { ageText } from '../../report/data-age.ts';
import { choosePlatform, type PlatformOptions } from '../../runtime/index.ts';
import type { ChosenFeed } from '../feed.ts';

/** A benchmark of a feed, opened. */
export interface OpenedBenchmark {
  entry: FeedContent;
  content: LoadedContent;
}

interface Wish {
  /** A profile's id or its end; undefined: any. */
  profile: string | undefined;
  /** Name of the benchmark in the feed; undefined: any. */
  product: string | undefined;
}

/**
 * Opens the benchmarks of a feed that have the wished profile. Which of them is for the image is known when its release has
 * been read, and by then its files must have been read as well.
 * @throws CONTENT_MISSING, PROFILE_UNKNOWN, FEED_CORRUPT
 */
export async function openBenchmarks(feed: ChosenFeed, wish: Wish): Promise<OpenedBenchmark[]> {
  const all = feed.manifest.content ?? [];
  if (all.length === 0) throw noContent(feed);
  const named = all.filter(({ product }) => wish.product === undefined || product === wish.product);
  if (named.length === 0) throw noProduct(feed, wish.product);
  const entries = named.filter((entry) => hasProfile(entry, wish.profile));
  if (entries.length === 0) throw noProfile(wish.profile, named);
  const opened: OpenedBenchmark[] = [];
  for (const entry of entries) {
    const file = await (feed.contentFile?.(entry.path) ?? fileIn(feed, entry.path));
    opened.push({ entry, content: openContent(file) });
  }
  return opened;
}

/** The benchmark for an image. @throws PLATFORM_UNKNOWN, PLATFORM_NOT_COVERED, PROFILE_UNKNOWN, USAGE if several are */
export function benchmarkFor(
  inventory: Pick<Inventory, 'os' | 'aptSuites'>,
  feed: ChosenFeed,
  opened: readonly OpenedBenchmark[],
  { profile, product, ...options }: PlatformOptions & Wish,
): OpenedBenchmark {
  const { platform } = choosePlatform(feed.manifest.platforms, inventory, options);
  const fitting = opened.filter(({ entry }) => entry.platforms.includes(platform.id));
  const [first, second] = fitting;
  if (first && !second) return first;
  if (second) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `the feed has several benchmarks for ${platform.id}: ${fitting.map(({ entry }) => entry.product).join(', ')}`,
      remedy: 'specify one with --product',
    });
  }
  const own = (feed.manifest.content ?? []).filter(({ platforms }) => platforms.includes(platform.id));
  if (product !== undefined) throw otherProduct(product, feed, platform.id, own);
  if (own.length > 0) throw noProfile(profile, own);
  const known = [...new Set((feed.manifest.content ?? []).flatMap(({ platforms }) => platforms))];
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the feed has no SCAP content for ${platform.id}`,
    where: feed.origin.directory,
    remedy: `it has some for ${platformList(known)}; name content for this release with --content FILE`,
  });
}

/** From this age on a result is marked: the SCAP Security Guide has a release every two or three months. */
const oldDays = 180;

/** `debian12 0.1.76 of 2025-03-01 (632 days old)` */
export function contentText({ product, benchmark, date }: FeedContent, now: Date): string {
  const days = ageOf(date, now);
  const age = days === undefined ? 'without a date' : `of ${date?.slice(0, 10)} (${ageText(days)})`;
  return `${product} ${benchmark.version} ${age}`;
}

export function oldContentNotes(entry: FeedContent, now: Date): InventoryNote[] {
  const days = ageOf(entry.date, now);
  if (days === undefined || (days >= 0 && days < oldDays)) return [];
  return [{ code: 'old_content', where: entry.path, detail: contentText(entry, now) }];
}

function ageOf(date: string | undefined, now: Date): number | undefined {
  return date === undefined ? undefined : daysOld(date, now);
}

function hasProfile({ profiles }: FeedContent, name: string | undefined): boolean {
  return name === undefined || profiles.some(({ id }) => id === name || id.endsWith(`_${name}`));
}

async function fileIn({ directory, manifest: { outputs } }: ChosenFeed, path: string): Promise<string> {
  const file = join(directory, path);
  const output = outputs.find((each) => each.path === path);
  const stat = statSync(file, { throwIfNoEntry: false });
  // Of another size, or a device: reading it would not change the result.
  const isLike = stat?.isFile() && stat.size === output?.size;
  const found = isLike ? await fileDigest(file).catch(() => undefined) : undefined;
  if (found && found.sha256 === output?.sha256) return file;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'the benchmark is absent or does not have the sha256 that the manifest gives',
    where: file,
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}

function noContent(feed: ChosenFeed): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MISSING',
    message: 'the feed carries no SCAP content',
    where: feed.origin.directory,
    remedy:
      'pull it with `scapfeed pull --content`, build it with `scapfeed build --content ssg`, or specify a file with --content',
  });
}

function noProduct(feed: ChosenFeed, name: string | undefined): ScapfeedError {
  const products = (feed.manifest.content ?? []).map(({ product }) => product);
  return new ScapfeedError({
    code: 'CONTENT_MISSING',
    message: `the feed has no benchmark ${name}`,
    where: feed.origin.directory,
    remedy: `use one of ${platformList(products)}`,
  });
}

function otherProduct(
  product: string,
  { manifest, origin }: ChosenFeed,
  platform: string,
  own: readonly FeedContent[],
): ScapfeedError {
  const named = (manifest.content ?? []).filter((entry) => entry.product === product);
  const products = own.map((entry) => entry.product);
  return new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the benchmark ${product} is for ${platformList(named.flatMap(({ platforms }) => platforms))}, the image is ${platform}`,
    where: origin.directory,
    remedy:
      products.length === 0
        ? 'name content for this release with --content FILE'
        : `leave out --product, or use ${platformList(products)}`,
  });
}

function noProfile(name: string | undefined, entries: readonly FeedContent[]): ScapfeedError {
  const known = entries.map(
    ({ product, profiles }) => `${product}: ${profiles.map(({ id }) => shortId(id)).join(', ')}`,
  );
  return new ScapfeedError({
    code: 'PROFILE_UNKNOWN',
    message: `there is no profile ${name}`,
    remedy: `choose one of ${known.join('; ')}`,
  });
}

import { judges } from '../distros/judges.ts';
import type { ScapfeedError } from '../model/error.ts';
import { type FeedPlatform, isPastEndOfLife, unreadRecords } from '../model/feed/index.ts';
import { type InstalledPackage, type Inventory, unreadContext } from '../model/inventory/index.ts';
import { endOfLifeGap, type Gap, uncoveredSystem, unreadRecordsGap } from '../model/verdict/index.ts';

/**
 * Returns a gap for product information of the image (labels, content sets) that could not be read. With it, any verdict may
 * differ.
 */
export function contextGaps({ notes }: Pick<Inventory, 'notes'>): Gap[] {
  return notes
    .filter(({ code }) => code === unreadContext)
    .map(({ where, detail = 'not readable' }) => ({ code: unreadContext, where, detail }));
}

/** The gap of a distribution that the feed does not cover, by the error that says why (PlatformChoice.uncovered). */
export function systemGaps(why: ScapfeedError | undefined): Gap[] {
  if (!why) return [];
  const { message, remedy } = why;
  return [
    {
      code: uncoveredSystem,
      ...(why.where !== undefined && { where: why.where }),
      detail: `${message}; ${remedy}`,
    },
  ];
}

/** The gap of a release that is past its end of life at that time. */
export function releaseGaps(platform: FeedPlatform, now: Date): Gap[] {
  return isPastEndOfLife(platform, now) ? [endOfLifeGap] : [];
}

/** The gap of a platform of which the vendor's data has records that could not be read. */
export function recordGaps({ marks = [] }: FeedPlatform): Gap[] {
  return marks.includes(unreadRecords) ? [unreadRecordsGap] : [];
}

/**
 * Whether a package is of a Linux kernel by the names of the distribution that judges it; a platform's id begins with that of its
 * system. What no distribution names is none.
 */
export function isKernel(pkg: InstalledPackage, platform: string): boolean {
  const judge = judges.find(({ id }) => platform === id || platform.startsWith(`${id}-`));
  return judge?.kernel?.(pkg) ?? false;
}

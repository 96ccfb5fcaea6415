import {
  countedNews,
  type NewsCause,
  type NewsItem,
  type NewsKind,
  type RunNews,
} from '../../model/fleet/index.ts';
import { plural } from '../text-table.ts';

/** Headings of news, by what happened. */
export const newsTitles: Readonly<Record<NewsKind, string>> = {
  exploited: 'Now known to be exploited',
  new: 'New',
  severity: 'Severity changed',
  overdue: 'Overdue now',
  waiver_expired: 'Not waived any more',
  fix_available: 'A fix is available now',
  gone: 'Gone',
  fixed: 'Fixed',
  uncovered: 'Not judged',
  unread: 'Could not be read',
  rule_failed: 'Rule fails now',
  rule_passed: 'Rule passes now',
  feed_stale: 'Data is old',
  feed_held: 'Newer data is held back',
  feed_resumed: 'Data is not held back any more',
  judged: 'Judged for the first time',
  added: 'New in the fleet',
};

export const causeWords: Readonly<Record<NewsCause, string>> = {
  image: 'an image was built again or is new',
  feed: 'the feed changed',
  scapfeed: 'scapfeed or its options changed',
  waiver: 'a waiver expired',
  sla: 'the last day of the SLA is over',
};

/** The subject of a news item: a flaw in a package, a package, a platform, or an image alone. */
export function subjectWords({ vulnerability, package: name, platform }: NewsItem): string {
  return [vulnerability, name, platform].filter((word) => word !== undefined).join(' ');
}

export function changeWords({ kind, severity, exploited, before, after, detail, waived }: NewsItem): string {
  const isCounted = countedNews.has(kind);
  const rated = severity === undefined || kind === 'severity' || isCounted ? [] : [severity];
  const moved = before === undefined || before === after ? after : `${before} → ${after ?? 'nothing'}`;
  const words = [
    ...rated,
    ...(exploited && kind !== 'exploited' && !isCounted ? ['known exploited'] : []),
    moved,
    detail,
    waived && `waived: ${waived.reason}`,
  ];
  return words.filter((word) => word !== undefined).join('; ');
}

/** `3 pieces of news, 1 more about what is waived`; `nothing changed`. */
export function countWords({ items, isEmpty }: Pick<RunNews, 'items' | 'isEmpty'>): string {
  if (isEmpty && items.length === 0) return noImages;
  const waived = items.filter((item) => item.waived !== undefined).length;
  const open = items.length - waived;
  const count = open === 0 ? 'nothing changed' : plural(open, 'piece of news', 'pieces of news');
  if (waived === 0) return count;
  return open === 0
    ? `${count} but ${waived} about what is waived`
    : `${count}, ${waived} more about what is waived`;
}

/** The message for a fleet without images, wherever it could be read as clean. */
export const noImages =
  'nothing was judged, because the fleet has no image: add some with `scapfeed fleet add`';

/** `registry.example/app:1 and 3 others`. */
export function imageWords({ images }: NewsItem): string {
  const [first, second, ...more] = images;
  if (first === undefined) return '';
  if (second === undefined) return first;
  return more.length === 0 ? `${first}, ${second}` : `${first}, ${second} and ${more.length} more`;
}

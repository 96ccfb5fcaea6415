import type { Severity } from '../feed/severity.ts';

/** Kinds of changes in a fleet's news, most urgent first. */
export const newsKinds = [
  'exploited',
  'new',
  'severity',
  'overdue',
  'waiver_expired',
  'fix_available',
  'gone',
  'fixed',
  'uncovered',
  'unread',
  'rule_failed',
  'rule_passed',
  'feed_stale',
  'feed_held',
  'feed_resumed',
  'judged',
  'added',
] as const;

/** The kind of a change. */
export type NewsKind = (typeof newsKinds)[number];

/** Whether news of a kind is about the data of a platform, and not about some images. */
export function isAboutData(kind: NewsKind): boolean {
  return kind.startsWith('feed_');
}

/** Kinds about a whole image with the number of its flaws, where each flaw alone would be hundreds of pieces of news. */
export const countedNews: ReadonlySet<NewsKind> = new Set(['judged', 'added']);

/**
 * Causes of a change: an image that is new or was rebuilt, the vendors' data, another version or options of scapfeed, an expired
 * waiver, or a last day of the SLA that is over.
 */
export const newsCauses = ['image', 'feed', 'scapfeed', 'waiver', 'sla'] as const;

/** The cause of a change. */
export type NewsCause = (typeof newsCauses)[number];

/** One piece of news about all images that it concerns. */
export interface NewsItem {
  kind: NewsKind;
  cause: NewsCause;
  vulnerability?: string;
  /** The source package, or the rule of a profile. */
  package?: string;
  platform?: string;
  severity?: Severity;
  exploited: boolean;
  before?: string;
  after?: string;
  detail?: string;
  /** It was waived before and does not count. */
  waived?: { waiver: number; reason: string };
  /** Names of the images in code-unit order, or digests of images without a name. */
  images: readonly string[];
}

/** The news of one run. */
export interface RunNews {
  run: number;
  /** ISO 8601, in whole seconds. */
  date: string;
  feed: { digest: string; created: string };
  /** Present if the fleet had no image: nothing was judged, and having no news means nothing. */
  isEmpty?: true;
  items: readonly NewsItem[];
}

/** The news of runs, as `scapfeed fleet news -o json` prints it. */
export interface NewsDocument {
  format: 'scapfeed/fleet-news/1';
  /** Newest last. */
  runs: readonly RunNews[];
}

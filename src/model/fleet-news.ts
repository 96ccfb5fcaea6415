import type { Severity } from './severity.ts';

/** What is news of a fleet: changes only. The most urgent first. */
export const newsKinds = [
  'exploited',
  'new',
  'severity',
  'waiver_expired',
  'fix_available',
  'fixed',
  'uncovered',
  'unread',
  'rule_failed',
  'rule_passed',
  'feed_stale',
  'feed_held',
  'feed_resumed',
  'added',
] as const;

/** What happened. */
export type NewsKind = (typeof newsKinds)[number];

/** Why it changed: the vendors' data, an image that was built again or is new, or another scapfeed or its options, or a waiver that expired. */
export const newsCauses = ['image', 'feed', 'scapfeed', 'waiver'] as const;

/** Why it happened. */
export type NewsCause = (typeof newsCauses)[number];

/** One piece of news, about all images that it concerns. */
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
  /** Somebody accepted it before: it does not count. */
  waived?: { waiver: number; reason: string };
  /** Names of the images, in code-unit order, or digests of those that have none. */
  images: readonly string[];
}

/** The news of one run. */
export interface RunNews {
  run: number;
  /** ISO 8601, in whole seconds. */
  date: string;
  feed: { digest: string; created: string };
  items: readonly NewsItem[];
}

/** `scapfeed fleet news -o json`. */
export interface NewsDocument {
  format: 'scapfeed/fleet-news/1';
  /** The newest last. */
  runs: readonly RunNews[];
}

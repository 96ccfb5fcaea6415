import type { NewsCause, NewsItem } from '../../model/fleet/index.ts';

/** A piece of news as it is kept: with the numbers of its images. */
export interface FleetEvent extends Omit<NewsItem, 'images' | 'exploited' | 'severity' | 'waived'> {
  severity?: string;
  exploited?: boolean;
  /** The name that it is about, where it is about one. */
  name?: number;
  /** The waiver by which it does not count. */
  waiver?: number;
  images: number[];
}

export type { NewsCause as EventCause, NewsKind as EventKind } from '../../model/fleet/index.ts';

/** Causes of changes without an image that was built again. */
export type OtherCause = Exclude<NewsCause, 'image' | 'waiver' | 'sla'>;

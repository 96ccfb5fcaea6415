import {
  endOfLifeGap,
  type FeedPlatform,
  type Gap,
  isPastEndOfLife,
  unreadRecords,
  unreadRecordsGap,
} from '../model/index.ts';

/** The gap of a release that is past its end of life at that time. */
export function releaseGaps(platform: FeedPlatform, now: Date): Gap[] {
  return isPastEndOfLife(platform, now) ? [endOfLifeGap] : [];
}

/** The gap of a platform of which the vendor's data has records that could not be read. */
export function recordGaps({ marks = [] }: FeedPlatform): Gap[] {
  return marks.includes(unreadRecords) ? [unreadRecordsGap] : [];
}

import type { ExportLine } from '../../../export/rows/rows.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import type { FeedPlatform } from '../../../model/index.ts';
import { binaryRows, mainChannel } from '../../shared/export/rpm-rows.ts';

/** The binaries of a release as they are judged without LTSS and other products. */
export function* suseLines(feed: Feed, { id }: Pick<FeedPlatform, 'id'>): Generator<ExportLine> {
  const streams = [{ at: 0, stream: mainChannel }];
  for (const { name, rows, guessed } of binaryRows(feed, id, streams)) {
    if (rows.length > 0) yield { package: name, rows, ...(guessed ? { guessed: true as const } : {}) };
  }
}

import { ScapfeedError } from '../../model/index.ts';
import { malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';

/** A vendor's description of its latest security database. */
export interface LatestSecdb {
  /** Digest of the document as it is served, in lower-case hex. */
  sha256: string;
  /** When it was published, ISO 8601 UTC. */
  published: string;
}

/** Seconds since 1970; the last one that a date of four digits for its year has. */
const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;

/** @throws SOURCE_NOT_JSON, SOURCE_MALFORMED */
export function parseLatest(text: string, where: string): LatestSecdb {
  const read = readRecord(where, () => {
    const { sha256, published_at: published } = record(parseJsonText(text), '');
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
      throw malformed('/sha256', 'a digest', sha256);
    if (typeof published !== 'number' || !(published > 0 && published <= lastSecond))
      throw malformed('/published_at', 'seconds since 1970', published);
    return { sha256, published: new Date(Math.floor(published) * 1000).toISOString() };
  });
  if (read instanceof ScapfeedError) throw read;
  return read;
}

import { ScapfeedError } from '../../model/index.ts';

/** The metadata of an NVD feed, from the document next to it. */
export interface FeedMeta {
  /** ISO 8601. */
  modified: string;
  /** Of the unpacked feed, in lower case. */
  sha256: string;
  size: number;
}

/** Reads `nvdcve-2.0-NAME.meta`: lines of a name and a value. @throws SOURCE_MALFORMED */
export function parseMeta(text: string, where: string): FeedMeta {
  const fields = new Map(
    text.split(/\r?\n/).map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const modified = fields.get('lastModifiedDate') ?? '';
  const sha256 = fields.get('sha256')?.toLowerCase() ?? '';
  const size = fields.get('size') ?? '';
  const dated = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(modified);
  if (
    dated &&
    !Number.isNaN(Date.parse(modified)) &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    /^\d{1,12}$/.test(size)
  )
    return { modified: new Date(modified).toISOString(), sha256, size: Number(size) };
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected lastModifiedDate, size and sha256 of a feed, found ${JSON.stringify(text.slice(0, 80))}`,
    where,
    remedy: 'check the address; the last good snapshot is kept',
  });
}

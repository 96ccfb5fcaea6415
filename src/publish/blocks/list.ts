import { hash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { mostUnfolded } from '../../io/unfolding.ts';
import {
  type BlockCatalog,
  type BlockList,
  brokenList,
  nameBytes,
  parseCatalog,
  parseList,
  parseSearchList,
  type SearchList,
} from '../../published/block-list.ts';

/** The digest of a key in the list of names. */
export function nameDigest(key: string): Buffer {
  return hash('sha256', key, 'buffer').subarray(0, nameBytes);
}

/** The parts of a published catalog. @throws FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED */
export function readCatalog(bytes: Buffer, where: string): BlockCatalog {
  return parseCatalog(unfold(bytes, where), where);
}

/** The files of a published list of blocks. @throws FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED */
export function readList(bytes: Buffer, where: string): BlockList {
  return parseList(unfold(bytes, where), where);
}

/** The list of a published search file. @throws FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED */
export function readSearchList(bytes: Buffer, where: string): SearchList {
  return parseSearchList(unfold(bytes, where), where);
}

function unfold(bytes: Buffer, where: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostUnfolded(bytes.length) });
  } catch (cause) {
    throw brokenList('not gzip', where, cause);
  }
}

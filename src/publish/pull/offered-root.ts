import { ScapfeedError } from '../../model/error.ts';
import { metadataPath } from '../../published/names.ts';
import { sha256 } from '../feed/lines.ts';
import type { Origin } from './origin.ts';
import { maxMetadataBytes, maxRoots } from './trust.ts';

/** A root as an origin sends it. */
export interface OfferedRoot {
  version: number;
  /** Of the file, in hexadecimal. */
  sha256: string;
  bytes: Buffer;
}

/**
 * The newest root of an origin, which nothing has verified: a person compares its digest with the one that the publisher states.
 * @throws FETCH_NOT_FOUND if there is none
 */
export async function offeredRoot(origin: Pick<Origin, 'fetch'>): Promise<OfferedRoot> {
  let version = 1;
  let bytes = await origin.fetch(metadataPath('root', version), maxMetadataBytes.root);
  for (; version < maxRoots; version++) {
    const next = await origin
      .fetch(metadataPath('root', version + 1), maxMetadataBytes.root)
      .catch((error: unknown) => {
        if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
        throw error;
      });
    if (!next) break;
    bytes = next;
  }
  return { version, sha256: sha256(bytes), bytes };
}

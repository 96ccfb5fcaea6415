import { metadataPath } from '../../published/names.ts';
import { parseDocument, type TimestampPart } from '../tuf/metadata.ts';
import type { Origin } from './origin.ts';
import { maxMetadataBytes, refreshTrust, type Trusted } from './trust.ts';

export interface RecordedTrust {
  trusted: Trusted;
  /** Every checked document by path, in the order of the client workflow; a role's document is added when it is read. */
  documents: ReadonlyMap<string, Buffer>;
}

/**
 * Follows an origin's signatures as a client does, and keeps every document. The default for `root` is the origin's own
 * first root, which proves only that everything is from one publisher. Expiry is checked as of the day on which the
 * timestamp was signed, because the client checks it again when it pulls. `folder` is an empty folder of the caller.
 */
export async function recordTrust(origin: Origin, folder: string, root?: Buffer): Promise<RecordedTrust> {
  const first = metadataPath('root', 1);
  const pinned = root ?? (await origin.fetch(first, maxMetadataBytes.root));
  const documents = new Map([[first, pinned]]);
  const timestamp = await origin.fetch(metadataPath('timestamp'), maxMetadataBytes.timestamp);
  const recording: Origin = {
    ...origin,
    async fetch(path, maxBytes, digest) {
      const bytes = await origin.fetch(path, maxBytes, digest);
      documents.set(path, bytes);
      return bytes;
    },
  };
  const trusted = await refreshTrust({ folder, origin: recording, pinned, now: signingDay(timestamp) });
  return { trusted, documents };
}

function signingDay(timestamp: Buffer): Date {
  const where = metadataPath('timestamp');
  return new Date(parseDocument<TimestampPart>(timestamp.toString('utf8'), where).signed.signed);
}

import { ScapfeedError } from '../model/index.ts';
import type { FetchContext } from './contract.ts';
import { type DocumentKind, watchKind } from './document-kind.ts';
import type { Blob, Snapshot } from './snapshots.ts';

export interface Download {
  id: string;
  source: string;
  url: string;
  /** What the bytes must look like before they may replace the last good ones. */
  kind: DocumentKind;
  maxBytes: number;
  /** Looks at the stored bytes of a new document; what it throws keeps the last good ones in place. */
  verify?: (blob: Blob) => Promise<void>;
}

/**
 * The current snapshot of a document: the one at hand when the server says that it is still good, else a new one.
 * A failure leaves the one at hand in place; the caller decides whether that will do.
 */
export async function download(context: FetchContext, wanted: Download): Promise<Snapshot> {
  const known = (await context.store.list(wanted.source)).find(
    ({ id, url }) => id === wanted.id && url === wanted.url,
  );
  try {
    return await downloadOnce(context, wanted, known);
  } catch (error) {
    if (!(error instanceof ScapfeedError && error.code === 'FETCH_CHANGED')) throw error;
    return await downloadOnce(context, wanted, known);
  }
}

async function downloadOnce(
  { http, store, progress }: FetchContext,
  { id, source, url, kind, maxBytes, verify }: Download,
  known: Snapshot | undefined,
): Promise<Snapshot> {
  const answer = await http.get(url, {
    maxBytes,
    ...(known?.etag && { etag: known.etag }),
    ...(known?.lastModified && { lastModified: new Date(known.lastModified).toUTCString() }),
  });
  if (answer.notModified && known) {
    progress(`${id}: unchanged`);
    return known;
  }
  if (answer.notModified) throw new ScapfeedError({ code: 'INTERNAL', message: 'unasked 304', where: url });
  const { etag } = answer;
  const lastModified = isoDate(answer.lastModified);
  // A folder is no server: its files were fetched when they were written, so two builds from it are equal.
  const fetched = answer.url.startsWith('file:') ? lastModified : undefined;
  const body = watchKind(answer.body, kind, url);
  const snapshot = await store.save({ id, source, url, etag, lastModified, fetched }, body, verify);
  progress(`${id}: ${snapshot.size} bytes`);
  return snapshot;
}

function isoDate(httpDate: string | undefined): string | undefined {
  const time = Date.parse(httpDate ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

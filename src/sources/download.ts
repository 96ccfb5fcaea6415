import { ScapfeedError } from '../model/error.ts';
import type { FetchContext } from './contract.ts';
import { type DocumentKind, watchKind } from './document-kind.ts';
import { reportUnavailable, withByteProgress } from './progress-bytes.ts';
import type { Blob, Snapshot } from './snapshots.ts';

export interface Download {
  id: string;
  source: string;
  url: string;
  /** Where the bytes are read from; default: `url`, which identifies the snapshot. */
  at?: string;
  /** The kind of document that the bytes must be to replace the last good ones. */
  kind: DocumentKind;
  maxBytes: number;
  /** Checks the stored bytes of a new document; if it throws, the last good ones stay. */
  verify?: (blob: Blob) => Promise<void>;
  /** Different bytes are needed: send no conditional request. */
  fresh?: boolean;
  /** The vendor signs this document, and this copy has no signature. */
  unsigned?: boolean;
}

/**
 * Returns the current snapshot of a document: the stored one if the server says that it has not changed, otherwise a new
 * one. After a failure the stored one stays; the caller decides whether to use it.
 */
export async function download(context: FetchContext, wanted: Download): Promise<Snapshot> {
  const known = await current(context, wanted);
  try {
    return await downloadOnce(context, wanted, known);
  } catch (error) {
    if (!(error instanceof ScapfeedError && error.code === 'FETCH_CHANGED')) throw error;
    return await downloadOnce(context, wanted, known);
  }
}

/** Returns the document of the first address that has it; the first one's address names the snapshot. @throws the first error */
export async function downloadFirst(
  context: FetchContext,
  urls: readonly [string, ...string[]],
  wantedAt: (at: string) => Omit<Download, 'url' | 'at'>,
): Promise<Snapshot> {
  let first: ScapfeedError | undefined;
  for (const at of urls) {
    try {
      return await download(context, { ...wantedAt(at), url: urls[0], at });
    } catch (error) {
      if (!(error instanceof ScapfeedError)) throw error;
      first ??= error;
    }
  }
  throw first;
}

/** The last good document, marked with why there is no newer one. */
async function keptInstead(
  context: FetchContext,
  wanted: Download,
  { code }: ScapfeedError,
): Promise<Snapshot | undefined> {
  const known = await current(context, wanted);
  return known && context.store.keep(known, code);
}

/**
 * Downloads an optional document. If that fails or it is refused, the last good one stays in use and is marked; undefined:
 * there is none.
 */
export async function downloadOptional(
  context: FetchContext,
  wanted: Download,
): Promise<Snapshot | undefined> {
  try {
    return await download(context, wanted);
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    reportUnavailable(context, wanted.id, error);
    return keptInstead(context, wanted, error);
  }
}

/**
 * Downloads what a server need not have. If it has it no more, the last good one stays in use and is marked; undefined: it
 * never was there. Any other failure is the caller's.
 */
export async function downloadIfThere(
  context: FetchContext,
  wanted: Download,
): Promise<Snapshot | undefined> {
  try {
    return await download(context, wanted);
  } catch (error) {
    if (!(error instanceof ScapfeedError) || error.code !== 'FETCH_NOT_FOUND') throw error;
    return keptInstead(context, wanted, error);
  }
}

async function current(
  { store }: FetchContext,
  { id, source, url }: Download,
): Promise<Snapshot | undefined> {
  return (await store.list(source)).find((snapshot) => snapshot.id === id && snapshot.url === url);
}

async function downloadOnce(
  { http, store, progress }: FetchContext,
  { id, source, url, at = url, kind, maxBytes, verify, fresh, unsigned }: Download,
  known: Snapshot | undefined,
): Promise<Snapshot> {
  const answer = await http.get(at, {
    maxBytes,
    stored: kind === 'packed' || kind === 'zip',
    ...(!fresh && known?.etag && { etag: known.etag }),
    ...(!fresh && known?.lastModified && { lastModified: new Date(known.lastModified).toUTCString() }),
  });
  if (answer.notModified && known) {
    progress(`fetching ${id}`, { done: 0, total: 0, unit: 'bytes' });
    return known.refused === undefined ? known : store.save({ ...known, unsigned }, store.open(known));
  }
  if (answer.notModified)
    throw new ScapfeedError({ code: 'INTERNAL', message: 'unexpected status 304', where: url });
  const { etag } = answer;
  const lastModified = isoDate(answer.lastModified);
  const counted = withByteProgress(answer.body, `fetching ${id}`, answer.headers, progress);
  const body = watchKind(counted, kind, at);
  return store.save(
    { id, source, url, etag, lastModified, unsigned },
    body,
    verify && ((blob) => withRemedy(verify(blob))),
  );
}

/** A refused document is an error with the next step, which is the same for all. */
async function withRemedy(checked: Promise<void>): Promise<void> {
  try {
    await checked;
  } catch (error) {
    const isRefusal = error instanceof ScapfeedError && error.code.startsWith('SOURCE_');
    if (!isRefusal || error.remedy !== undefined) throw error;
    const { code, message, where, cause } = error;
    const remedy = 'fetch it again; the last good snapshot is kept';
    throw new ScapfeedError({ code, message, ...(where !== undefined && { where }), remedy, cause });
  }
}

function isoDate(httpDate: string | undefined): string | undefined {
  const time = Date.parse(httpDate ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

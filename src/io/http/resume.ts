import { createHash } from 'node:crypto';
import { ScapfeedError } from '../../model/error.ts';
import type { HttpHeaders, HttpLimits, HttpResponse } from './http.ts';
import { isTransient, pause, retryDelay, statusError } from './retry.ts';

export interface Resumption {
  /** Requests the same document again with these headers added. */
  open(headers: HttpHeaders): Promise<HttpResponse>;
  url: string;
  limits: HttpLimits;
  signal: AbortSignal;
}

/**
 * A body that resumes after interruptions: by Range (RFC 9110 14.2) if the server can prove that the document is the same,
 * otherwise by fetching the whole again, which must begin with the bytes already passed on: otherwise FETCH_CHANGED.
 */
export async function* mendedBody(
  first: HttpResponse,
  { open, url, limits, signal }: Resumption,
): AsyncGenerator<Uint8Array> {
  const given = createHash('sha256');
  const validator = strongValidator(first.headers);
  let offset = 0;
  let pieces = first.body;
  for (let attempt = 0; ; attempt++) {
    try {
      for await (const piece of pieces) {
        given.update(piece);
        offset += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      if (attempt >= limits.retries || !isTransient(error)) throw error;
    }
    await pause(retryDelay(limits, attempt), signal, url);
    const answer = await open(validator ? { range: `bytes=${offset}-`, 'if-range': validator } : {});
    pieces = await rest(answer, offset, given.copy().digest('hex'), url);
  }
}

/** A weak ETag must not be used in If-Range (RFC 9110 13.1.5). */
function strongValidator(headers: HttpHeaders): string | undefined {
  const etag = headers['etag'];
  return etag && !etag.startsWith('W/') ? etag : headers['last-modified'];
}

async function rest(answer: HttpResponse, offset: number, digest: string, url: string) {
  if (answer.status === 206 && answer.headers['content-range']?.startsWith(`bytes ${offset}-`))
    return answer.body;
  if (answer.status === 200) return skipSame(answer.body, offset, digest, url);
  await answer.discard();
  throw answer.status === 206 || answer.status === 416 ? changed(url) : statusError(answer, url);
}

async function* skipSame(
  body: AsyncIterable<Uint8Array>,
  offset: number,
  digest: string,
  url: string,
): AsyncGenerator<Uint8Array> {
  const beginning = createHash('sha256');
  let left = offset;
  for await (const piece of body) {
    const skipped = Math.min(left, piece.length);
    beginning.update(piece.subarray(0, skipped));
    left -= skipped;
    if (left > 0) continue;
    if (skipped > 0 && beginning.copy().digest('hex') !== digest) throw changed(url);
    if (skipped < piece.length) yield piece.subarray(skipped);
  }
  if (left > 0) throw changed(url);
}

function changed(url: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_CHANGED',
    message: 'the document changed on the server while it was being read',
    where: url,
    remedy: 'try again; if it repeats, the mirrors behind this address disagree',
  });
}

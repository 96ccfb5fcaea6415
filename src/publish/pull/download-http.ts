import { closeSync, existsSync, ftruncateSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import type { Http, HttpResponse } from '../../io/http/http.ts';
import { isTransient, statusError } from '../../io/http/retry.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Patience } from './patience.ts';
import { looksLikeHtml, webPage } from './trust-error.ts';

/** Maximum consecutive attempts that receive nothing. */
const idleAttempts = 4;

/** Downloads into a file and resumes what is there already (RFC 9110 14.2). The caller checks the digest. */
export async function downloadHttp(
  http: Pick<Http, 'request'>,
  url: string,
  length: number,
  file: string,
  { patience, traffic }: { patience: Patience; traffic: { requests: number; bytes: number } },
): Promise<void> {
  const fd = openSync(file, existsSync(file) ? 'r+' : 'w+');
  try {
    await patience.during((signal) => transfer(signal));
    ftruncateSync(fd, length);
  } finally {
    closeSync(fd);
  }

  async function transfer(signal: AbortSignal): Promise<void> {
    let offset = Math.min(statSync(file).size, length);
    for (let idle = 0; offset < length; ) {
      const before = offset;
      try {
        traffic.requests += 1;
        const headers = offset > 0 ? { range: `bytes=${offset}-` } : {};
        const answer = await http.request(url, { headers, signal });
        offset = await startOf(answer, offset, url);
        for await (const piece of answer.body) {
          offset = append(fd, piece, offset, length, url);
          traffic.bytes += piece.length;
          patience.received(piece.length);
        }
        if (offset < length) throw tooShort(fd, offset, length, url);
      } catch (error) {
        if (signal.aborted) throw tooSlow(url, offset, length, patience.allowed);
        idle = offset > before ? 0 : idle + 1;
        if (!isTransient(error) || idle >= idleAttempts) throw error;
      }
    }
  }
}

function tooSlow(where: string, found: number, length: number, allowed: number): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_TIMEOUT',
    message: `the server is too slow: ${found} of ${length} bytes in ${Math.ceil(allowed / 1000)} seconds`,
    where,
    remedy: 'pull again to resume the transfer; if it repeats, specify another mirror',
  });
}

/** Offset at which the body of a response begins: the requested one, or 0 from a server without ranges. */
async function startOf(answer: HttpResponse, offset: number, url: string): Promise<number> {
  if (answer.status === 206 && answer.headers['content-range']?.startsWith(`bytes ${offset}-`)) return offset;
  if (answer.status === 200) return 0;
  await answer.discard();
  throw statusError(answer, url);
}

function append(fd: number, piece: Uint8Array, offset: number, length: number, url: string): number {
  if (offset + piece.length > length) {
    throw new ScapfeedError({
      code: 'FETCH_TOO_LARGE',
      message: `expected ${length} bytes as signed, the server sends more`,
      where: url,
      remedy: 'use another mirror: this one sends something else than was published',
    });
  }
  for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at, piece.length - at, offset + at);
  return offset + piece.length;
}

/** A proxy's web page is not kept as the start of the file. */
function tooShort(fd: number, found: number, length: number, url: string): ScapfeedError {
  const start = Buffer.alloc(Math.min(found, 256));
  readSync(fd, start, 0, start.length, 0);
  if (looksLikeHtml(start)) {
    ftruncateSync(fd, 0);
    return webPage(url);
  }
  return new ScapfeedError({
    code: 'TRUST_TRUNCATED',
    message: `expected ${length} bytes as signed, the server ended after ${found}`,
    where: url,
    remedy: 'pull again to resume the transfer',
  });
}

import { ScapfeedError } from '../../model/error.ts';
import { readAtMost, sha256 } from './bytes.ts';

/** Milliseconds that an answer may take, and as many more as its bytes take at the slowest accepted rate (slow retrieval, TUF 1.5.2). */
const patience = 20_000;
const slowestBytesPerSecond = 8192;

const otherMirror = 'use another mirror, and report it to the publisher';

/** A published folder on a web server. */
export class WebOrigin {
  readonly url: string;
  readonly traffic: { requests: number; bytes: number } = { requests: 0, bytes: 0 };
  readonly #fetch: typeof fetch;

  constructor(url: string, fetched: typeof fetch = globalThis.fetch) {
    this.url = url.endsWith('/') ? url : `${url}/`;
    // A browser's fetch has to be called without an object.
    this.#fetch = (...given) => fetched(...given);
  }

  /** At most so many bytes; undefined: 404. `fresh`: not from the browser's cache. */
  async fetch(path: string, most: number, fresh = false): Promise<Uint8Array | undefined> {
    const where = this.url + path;
    const stop = new AbortController();
    const abort = () => stop.abort();
    let timer = setTimeout(abort, patience);
    const start = performance.now();
    let allowed = patience;
    const progress = (bytes: number) => {
      allowed += (bytes / slowestBytesPerSecond) * 1000;
      clearTimeout(timer);
      timer = setTimeout(abort, start + allowed - performance.now());
    };
    this.traffic.requests += 1;
    try {
      const request: RequestInit & { cache: 'default' | 'no-store' } = {
        signal: stop.signal,
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        cache: fresh ? 'no-store' : 'default',
      };
      const response = await this.#fetch(where, request);
      if (response.status === 404 || response.status === 410) {
        await response.body?.cancel().catch(() => {});
        return undefined;
      }
      if (!response.ok || !response.body)
        throw fetchError('FETCH_FAILED', `status ${response.status}`, where);
      const bytes = await readAtMost(response.body, most, progress);
      if (!bytes) throw fetchError('FETCH_TOO_LARGE', `expected at most ${most} bytes, found more`, where);
      this.traffic.bytes += bytes.length;
      return bytes;
    } catch (cause) {
      if (cause instanceof ScapfeedError) throw cause;
      if (stop.signal.aborted)
        throw fetchError(
          'FETCH_TIMEOUT',
          `the server is too slow: not all came in ${Math.round(allowed / 1000)} seconds`,
          where,
          cause,
        );
      throw fetchError('FETCH_FAILED', cause instanceof Error ? cause.message : 'no answer', where, cause);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Bytes of this length and digest. @throws TRUST_SWAPPED, TRUST_TRUNCATED, FETCH_TOO_LARGE */
  async signed(path: string, length: number, digest: string): Promise<Uint8Array> {
    const bytes = await this.fetch(path, length);
    const where = this.url + path;
    if (!bytes) {
      throw new ScapfeedError({
        code: 'TRUST_SWAPPED',
        message: `the signed lists name ${path}, which is not there: the mirror mixes two states`,
        where,
        remedy: 'use another mirror, or wait until this one is consistent again',
      });
    }
    const isShort = bytes.length < length;
    if (!isShort && (await sha256(bytes)) === digest) return bytes;
    throw new ScapfeedError({
      code: isShort ? 'TRUST_TRUNCATED' : 'TRUST_SWAPPED',
      message: isShort
        ? `expected ${length} bytes as signed, found ${bytes.length}`
        : `expected sha256 ${digest} as signed, found another`,
      where,
      remedy: `${otherMirror}; a server must send .gz files without Content-Encoding`,
    });
  }
}

function fetchError(
  code: 'FETCH_FAILED' | 'FETCH_TOO_LARGE' | 'FETCH_TIMEOUT',
  message: string,
  where: string,
  cause?: unknown,
): ScapfeedError {
  const remedy =
    code === 'FETCH_TOO_LARGE'
      ? `${otherMirror}; a server must send .gz files without Content-Encoding`
      : 'try again later, or use another mirror';
  return new ScapfeedError({ code, message, where, remedy, ...(cause === undefined ? {} : { cause }) });
}

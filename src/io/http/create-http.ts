import { createGunzip } from 'node:zlib';
import { ScapfeedError } from '../../model/error.ts';
import { boundedBytes } from '../bytes.ts';
import { workSignal } from '../cancellation.ts';
import type { Exchange } from './exchange.ts';
import {
  defaultLimits,
  type GetOptions,
  type Http,
  type HttpHeaders,
  type HttpOptions,
  type HttpResponse,
  type RequestOptions,
} from './http.ts';
import { openMirror } from './mirror.ts';
import { currentOffLimits } from './off-link.ts';
import { mendedBody } from './resume.ts';
import { isTransient, pause, retryDelay, retryStatuses, statusError } from './retry.ts';

const defaultMaxBytes = 2 ** 31;

export function createHttp(options: HttpOptions = {}): Http {
  const limits = { ...defaultLimits, ...options.limits };
  const { ca, socketPath, env = process.env } = options;
  const off = socketPath === undefined ? currentOffLimits() : undefined;
  let opened: ReturnType<typeof open> | undefined;
  const mirror = openMirror(options.mirror);
  const userAgent = options.userAgent ?? 'scapfeed';

  /** Only for a request that leaves the machine's files: undici is 60 files, a third of a small build's start. */
  async function open() {
    const { exchange, openAgent } = await import('./exchange.ts');
    return { exchange, agent: openAgent({ limits, ca, socketPath, off, env }) };
  }

  async function once(url: string, request: RequestOptions): Promise<HttpResponse> {
    const headers = { 'user-agent': userAgent, ...request.headers };
    const place = mirror(url);
    if ('respond' in place) return place.respond(headers);
    const details: Exchange = {
      ...request,
      url: place.url,
      headers,
      redirects: request.redirects ?? limits.redirects,
      pace: limits,
      off,
    };
    opened ??= open();
    const { exchange, agent } = await opened;
    return exchange(agent, details);
  }

  function withDeadline(signal: AbortSignal | undefined): AbortSignal {
    const whole = AbortSignal.timeout(limits.whole);
    return AbortSignal.any([whole, signal, workSignal()].filter((one) => one !== undefined));
  }

  async function request(url: string, options: RequestOptions = {}): Promise<HttpResponse> {
    const request = { ...options, signal: withDeadline(options.signal) };
    const reads = request.method === undefined || request.method === 'GET' || request.method === 'HEAD';
    const retries = (options.repeat ?? reads) ? limits.retries : 0;
    for (let attempt = 0; ; attempt++) {
      const answer = await once(url, request).catch((error: unknown) => {
        if (attempt >= retries || !isTransient(error)) throw error;
        return undefined;
      });
      if (answer && (attempt >= retries || !retryStatuses.has(answer.status))) return answer;
      const delay = retryDelay(limits, attempt, answer?.headers);
      if (answer && delay === undefined) return answer;
      await answer?.discard();
      await pause(delay, request.signal, url);
    }
  }

  async function get(
    url: string,
    { etag, lastModified, maxBytes = defaultMaxBytes, stored = false, signal }: GetOptions = {},
  ) {
    const both = withDeadline(signal);
    const ask = (headers: HttpHeaders) =>
      request(url, {
        headers: { 'accept-encoding': stored ? 'identity' : 'gzip', ...headers },
        signal: both,
      });
    const answer = await ask({
      ...(etag && { 'if-none-match': etag }),
      ...(lastModified && { 'if-modified-since': lastModified }),
    });
    if (answer.status === 304 && (etag || lastModified)) {
      await answer.discard();
      return { notModified: true as const };
    }
    await requireDocument(answer, url, maxBytes);
    const body = mendedBody(answer, { open: ask, url, limits, signal: both });
    const encoded = answer.headers['content-encoding'] === 'gzip' && !stored;
    const plain = encoded ? gunzipped(body, url) : body;
    return {
      notModified: false as const,
      url: answer.url,
      headers: answer.headers,
      ...(answer.headers['etag'] && { etag: answer.headers['etag'] }),
      ...(answer.headers['last-modified'] && { lastModified: answer.headers['last-modified'] }),
      body: boundedBytes(plain, { maxBytes, code: 'FETCH_TOO_LARGE', where: url }),
    };
  }

  async function close(): Promise<void> {
    await (await opened)?.agent.destroy();
  }

  return { limits, request, get, close };
}

async function requireDocument(answer: HttpResponse, url: string, maxBytes: number): Promise<void> {
  const length = Number(answer.headers['content-length'] ?? 0);
  if (answer.status === 200 && length <= maxBytes) return;
  await answer.discard();
  if (answer.status !== 200) throw statusError(answer, url);
  throw new ScapfeedError({
    code: 'FETCH_TOO_LARGE',
    message: `expected at most ${maxBytes} bytes, the server announces ${length}`,
    where: url,
  });
}

async function* gunzipped(body: AsyncIterable<Uint8Array>, url: string): AsyncGenerator<Uint8Array> {
  const { pipeline } = process.getBuiltinModule('node:stream');
  const gunzip = createGunzip();
  pipeline(body, gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof ScapfeedError) throw error;
    throw new ScapfeedError({
      code: 'FETCH_FAILED',
      message: 'expected a whole gzip stream as the content-encoding says, found broken bytes',
      where: url,
      cause: error,
    });
  }
}

import { createGunzip } from 'node:zlib';
import { ScapfeedError } from '../model/index.ts';
import { boundedBytes } from './bytes.ts';
import { type Exchange, exchange, openAgent } from './http-exchange.ts';
import { mendedBody } from './http-resume.ts';
import { isTransient, pause, retryDelay, retryStatuses, statusError } from './http-retry.ts';
import { openMirror } from './mirror.ts';

export interface HttpOptions {
  /** `--mirror`: DIR or URL; https://HOST/PATH is read as MIRROR/HOST/PATH. Absent: the vendors themselves. */
  mirror?: string;
  /** Default `scapfeed`; the commands add the version: `scapfeed/1.2.3`. */
  userAgent?: string;
  /** PEM text of authorities trusted beside the built-in ones (NODE_EXTRA_CA_CERTS works too). */
  ca?: string;
  /** Unix socket that all requests go to, as to a container engine's: then no proxy has a say. */
  socketPath?: string;
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY (or their lower-case forms) are read. Default: process.env. */
  env?: Readonly<Record<string, string | undefined>>;
  limits?: Partial<HttpLimits>;
}

/** Times in milliseconds. */
export interface HttpLimits {
  /** Tries after the first one, of a request and of a body that was cut. */
  retries: number;
  /** Wait before the first retry; doubled for each next. No jitter: a run can be told from its log. */
  firstDelay: number;
  /** The longest Retry-After that is waited for. */
  longestDelay: number;
  connect: number;
  /** Until the first byte of the answer. */
  headers: number;
  /** Between two pieces of a body. */
  idle: number;
  /** From the request to the last byte, retries included. */
  whole: number;
  redirects: number;
}

export const defaultLimits: HttpLimits = {
  retries: 4,
  firstDelay: 500,
  longestDelay: 120_000,
  connect: 10_000,
  headers: 60_000,
  idle: 60_000,
  whole: 1_800_000,
  redirects: 5,
};

/** Names in lower case; repeated ones joined by `, `. */
export type HttpHeaders = Readonly<Record<string, string>>;

export interface RequestOptions {
  /** Default GET. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Whether it may be sent again after a failure of the way. Default: GET and HEAD may. */
  repeat?: boolean;
  headers?: HttpHeaders;
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Redirects followed; 0 gives the 3xx answer itself. Default: the limit of the client. */
  redirects?: number;
  signal?: AbortSignal;
}

/** Any answer, errors included. The body is either read to its end or given up by `discard`. */
export interface HttpResponse {
  /** After redirects. */
  url: string;
  status: number;
  headers: HttpHeaders;
  body: AsyncIterable<Uint8Array>;
  discard(): Promise<void>;
}

export interface GetOptions {
  /** Validators of the copy at hand: make the request conditional. */
  etag?: string;
  lastModified?: string;
  /** Bytes of the document; above it FETCH_TOO_LARGE. Default: 2 GiB. */
  maxBytes?: number;
  /** The bytes as they are stored: some servers call a file.gz content-encoded, and would have it unpacked. */
  stored?: boolean;
  signal?: AbortSignal;
}

/** A document, or the word that the copy at hand is still good. */
export type Fetched =
  | { notModified: true }
  | {
      notModified: false;
      /** After redirects. */
      url: string;
      headers: HttpHeaders;
      etag?: string;
      lastModified?: string;
      /** Read once. A cut is mended by Range or by a new request; FETCH_CHANGED when the document changed meanwhile. */
      body: AsyncIterable<Uint8Array>;
    };

/**
 * The one gate to the network. Redirects never carry credentials to another origin nor lead from https to http.
 * Errors: FETCH_FAILED, FETCH_NOT_FOUND (404, 410), FETCH_REFUSED, FETCH_TOO_LARGE, FETCH_TIMEOUT, FETCH_CHANGED.
 */
export interface Http {
  readonly limits: HttpLimits;
  /** One exchange with retries; an answer of any status is returned, not thrown. */
  request(url: string, options?: RequestOptions): Promise<HttpResponse>;
  /** A whole document by GET: conditional, bounded, resumed after a cut, gunzipped if it came so. */
  get(url: string, options?: GetOptions): Promise<Fetched>;
  close(): Promise<void>;
}

const defaultMaxBytes = 2 ** 31;

export function createHttp(options: HttpOptions = {}): Http {
  const limits = { ...defaultLimits, ...options.limits };
  const { ca, socketPath, env = process.env } = options;
  const agent = openAgent({ limits, ca, socketPath, env });
  const mirror = openMirror(options.mirror);
  const userAgent = options.userAgent ?? 'scapfeed';

  function once(url: string, request: RequestOptions): Promise<HttpResponse> {
    const headers = { 'user-agent': userAgent, ...request.headers };
    const place = mirror(url);
    if ('respond' in place) return place.respond(headers);
    const details: Exchange = {
      ...request,
      url: place.url,
      headers,
      redirects: request.redirects ?? limits.redirects,
    };
    return exchange(agent, details);
  }

  function withDeadline(signal: AbortSignal | undefined): AbortSignal {
    const whole = AbortSignal.timeout(limits.whole);
    return signal ? AbortSignal.any([signal, whole]) : whole;
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
    const open = (headers: HttpHeaders) =>
      request(url, {
        headers: { 'accept-encoding': stored ? 'identity' : 'gzip', ...headers },
        signal: both,
      });
    const answer = await open({
      ...(etag && { 'if-none-match': etag }),
      ...(lastModified && { 'if-modified-since': lastModified }),
    });
    if (answer.status === 304 && (etag || lastModified)) {
      await answer.discard();
      return { notModified: true as const };
    }
    await requireDocument(answer, url, maxBytes);
    const body = mendedBody(answer, { open, url, limits, signal: both });
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

  return { limits, request, get, close: () => agent.destroy() };
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
  const { pipeline } = await import('node:stream');
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

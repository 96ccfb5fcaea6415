import type { Environment } from '../../model/environment.ts';
export interface HttpOptions {
  /** `--mirror`: DIR or URL; https://HOST/PATH is read as MIRROR/HOST/PATH. Absent: the vendors themselves. */
  mirror?: string;
  /** Default `scapfeed`; the commands add the version: `scapfeed/1.2.3`. */
  userAgent?: string;
  /** PEM text of authorities trusted in addition to the built-in ones (NODE_EXTRA_CA_CERTS works too). */
  ca?: string;
  /** Unix socket for all requests, such as a container engine's; no proxy is used then. */
  socketPath?: string;
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY (or their lower-case forms) are read. Default: process.env. */
  env?: Environment;
  limits?: Partial<HttpLimits>;
}

/** Times in milliseconds. */
export interface HttpLimits {
  /** Retries after the first attempt, for a request and for an interrupted body. */
  retries: number;
  /** Wait before the first retry; doubled for each further one. No jitter, so that runs are reproducible. */
  firstDelay: number;
  /** The longest Retry-After that is accepted. */
  longestDelay: number;
  connect: number;
  /** Until the first byte of the response. */
  headers: number;
  /** Between two pieces of a body. */
  idle: number;
  /** Bytes of a body that have come in each `idle` of waiting for it: a byte a second would keep a run waiting. */
  least: number;
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
  least: 60_000,
  whole: 1_800_000,
  redirects: 5,
};

/** Names in lower case; repeated ones joined by `, `. */
export type HttpHeaders = Readonly<Record<string, string>>;

export interface RequestOptions {
  /** Default GET. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** True if it may be sent again after a network failure. Default: GET and HEAD may. */
  repeat?: boolean;
  headers?: HttpHeaders;
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Maximum redirects; 0 returns the 3xx response. Default: the limit of the client. */
  redirects?: number;
  signal?: AbortSignal;
}

/** Any response, errors included. The body must be read to its end, or dropped by `discard`. */
export interface HttpResponse {
  /** After redirects. */
  url: string;
  status: number;
  headers: HttpHeaders;
  body: AsyncIterable<Uint8Array>;
  discard(): Promise<void>;
}

export interface GetOptions {
  /** Validators of the stored copy, for a conditional request. */
  etag?: string;
  lastModified?: string;
  /** Limit on the document in bytes; above it FETCH_TOO_LARGE. Default: 2 GiB. */
  maxBytes?: number;
  /** Return the stored bytes: some servers send file.gz with a content-encoding, and it must not be decompressed. */
  stored?: boolean;
  signal?: AbortSignal;
}

/** A document, or that the stored copy has not changed. */
export type Fetched =
  | { notModified: true }
  | {
      notModified: false;
      /** After redirects. */
      url: string;
      headers: HttpHeaders;
      etag?: string;
      lastModified?: string;
      /** May be read once. An interruption is resumed by Range or a new request; FETCH_CHANGED if the document changed meanwhile. */
      body: AsyncIterable<Uint8Array>;
    };

/**
 * The only access to the network. Redirects do not carry credentials to another origin, and not from https to http.
 * @throws FETCH_FAILED, FETCH_NOT_FOUND (404, 410), FETCH_REFUSED, FETCH_TOO_LARGE, FETCH_TIMEOUT, FETCH_CHANGED
 */
export interface Http {
  readonly limits: HttpLimits;
  /** One request with retries; a response of any status is returned, not thrown. */
  request(url: string, options?: RequestOptions): Promise<HttpResponse>;
  /** Fetches a whole document: conditional, with a size limit, resumed after interruptions, gunzipped if it is encoded. */
  get(url: string, options?: GetOptions): Promise<Fetched>;
  close(): Promise<void>;
}

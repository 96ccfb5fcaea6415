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

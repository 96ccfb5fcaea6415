import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { Environment } from '../../model/environment.ts';
import { ScapfeedError } from '../../model/error.ts';
import { networkReason } from '../system-reason.ts';
import { isLoopbackHost } from './addresses.ts';
import type { HttpHeaders, HttpLimits, HttpResponse, RequestOptions } from './http.ts';
import { lookupWithin, type OffLimits, requireReachable } from './off-link.ts';
import { asTransient, tooLong } from './retry.ts';

export interface Exchange extends RequestOptions {
  url: string;
  headers: HttpHeaders;
  redirects: number;
  /** The least at which a body comes. */
  pace: ExchangeLimits;
  /** Where it does not go. */
  off: OffLimits | undefined;
}

type ExchangeLimits = Pick<HttpLimits, 'idle' | 'least'>;

export interface AgentOptions {
  limits: HttpLimits;
  ca: string | undefined;
  socketPath: string | undefined;
  /** Where connections do not go. */
  off: OffLimits | undefined;
  env: Environment;
}

/** Connections, proxies, trust and time limits of all exchanges. */
export function openAgent({ limits, ca, socketPath, off, env }: AgentOptions): Dispatcher {
  const patience = { headersTimeout: limits.headers, bodyTimeout: limits.idle };
  if (socketPath !== undefined) {
    return new Agent({ connect: { timeout: limits.connect, socketPath }, ...patience });
  }
  const trust = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  return new OutwardProxyAgent({
    httpProxy: env['http_proxy'] ?? env['HTTP_PROXY'] ?? '',
    httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '',
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
    // Plain http goes to the proxy as an absolute address, as curl does it; https always by a tunnel.
    proxyTunnel: false,
    // A proxy looks names up itself, and may stand where it likes.
    connect: { timeout: limits.connect, ...trust, ...(off && { lookup: lookupWithin(off) }) },
    requestTls: { timeout: limits.connect, ...trust },
    proxyTls: { timeout: limits.connect, ...trust },
    ...patience,
  });
}

/** Requests to this machine do not use a proxy: among them are passwords for a local registry over plain HTTP. */
class OutwardProxyAgent extends EnvHttpProxyAgent {
  readonly #direct: Agent;

  constructor(options: EnvHttpProxyAgent.Options) {
    super(options);
    this.#direct = new Agent(options);
  }

  override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const isOwn = options.origin !== undefined && isLoopbackHost(new URL(options.origin).hostname);
    return isOwn ? this.#direct.dispatch(options, handler) : super.dispatch(options, handler);
  }

  /** Undici calls it again with its own arguments. */
  override destroy(...how: unknown[]): Promise<void> {
    void this.#direct.destroy();
    return (super.destroy as (...how: unknown[]) => Promise<void>).apply(this, how);
  }
}

/** One request and its response, with redirects followed; every network failure is a ScapfeedError. */
export async function exchange(agent: Dispatcher, details: Exchange): Promise<HttpResponse> {
  let next = details;
  for (let left = details.redirects; ; left--) {
    const answer = await send(agent, next);
    const location = redirectStatuses.has(answer.status) ? answer.headers['location'] : undefined;
    if (location === undefined || details.redirects === 0) return answer;
    await answer.discard();
    if (left === 0) throw refused(details.url, `expected at most ${details.redirects} redirects, found more`);
    next = redirected(next, location, answer.status);
  }
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

async function send(
  agent: Dispatcher,
  { url, method = 'GET', headers, body, signal, off, pace }: Exchange,
): Promise<HttpResponse> {
  const target = parseUrl(url);
  if (off) requireReachable(target, off);
  try {
    const answer = await agent.request({
      origin: target.origin,
      path: target.pathname + target.search,
      method,
      headers,
      body: sendable(body),
      signal: signal ?? null,
    });
    return {
      url,
      status: answer.statusCode,
      headers: joined(answer.headers),
      body: translated(answer.body, url, pace),
      discard: async () => {
        // Above 64 kB closing the connection is cheaper than reading the rest of the body.
        await answer.body.dump({ limit: 65_536 }).catch(() => undefined);
      },
    };
  } catch (error) {
    throw translate(error, url);
  }
}

function sendable(body: Exchange['body']): string | Uint8Array | Readable | null {
  if (body === undefined) return null;
  return typeof body === 'string' || body instanceof Uint8Array ? body : Readable.from(body);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw refused(text, 'expected an http or https address');
}

/** RFC 9110 15.4: 303, and 301 and 302 of a POST, become GET. Credentials are not sent to another origin. */
function redirected(from: Exchange, location: string, status: number): Exchange {
  const old = new URL(from.url);
  if (!URL.canParse(location, from.url))
    throw refused(from.url, `the server redirects to no address: ${location}`);
  const target = new URL(location, from.url);
  if (old.protocol === 'https:' && target.protocol !== 'https:') {
    throw refused(from.url, `the server redirects from https to ${target.protocol}//${target.host}`);
  }
  const headers = target.origin === old.origin ? from.headers : withoutCredentials(from.headers);
  const toGet = status === 303 || (status < 303 && from.method === 'POST');
  const next: Exchange = { ...from, url: target.href, headers };
  if (toGet && from.method !== 'HEAD') {
    next.method = 'GET';
    delete next.body;
  }
  return next;
}

function withoutCredentials(headers: HttpHeaders): HttpHeaders {
  const secret = new Set(['authorization', 'cookie', 'proxy-authorization']);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secret.has(name.toLowerCase())));
}

function joined(headers: Record<string, string | string[] | undefined>): HttpHeaders {
  const entries = Object.entries(headers).map(
    ([name, value]) => [name, String([value].flat().join(', '))] as const,
  );
  return Object.fromEntries(entries);
}

async function* translated(
  body: AsyncIterable<Uint8Array>,
  url: string,
  { idle, least }: ExchangeLimits,
): AsyncGenerator<Uint8Array> {
  // The reader's own work does not count as waiting for the server.
  let waited = 0;
  let came = 0;
  try {
    let asked = performance.now();
    for await (const piece of body) {
      waited += performance.now() - asked;
      came += piece.length;
      if (waited >= idle) {
        if (came < least) throw tooSlow(url, came, waited);
        waited = 0;
        came = 0;
      }
      yield piece;
      asked = performance.now();
    }
  } catch (error) {
    throw translate(error, url);
  }
}

/** No retry: what came would count as progress, for ever. */
function tooSlow(where: string, bytes: number, time: number): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_TIMEOUT',
    message: `the server sent ${bytes} bytes in ${Math.ceil(time / 1000)} s, which is too slow`,
    where,
    remedy: 'try again later, or use another mirror',
  });
}

function refused(where: string, message: string): ScapfeedError {
  return new ScapfeedError({ code: 'FETCH_REFUSED', message, where });
}

/** Certificate errors, for which a retry is useless. */
const untrusted = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY))/;

/** OpenSSL's error for `HTTP/1.1 400` in place of a TLS record. */
export const plainAnswer = /^(ERR_SSL_(PACKET_LENGTH_TOO_LONG|WRONG_VERSION_NUMBER|HTTP_REQUEST)|EPROTO)$/;

function plainAnswerError(cause: Error, where: string): ScapfeedError {
  const { host } = new URL(where);
  return new ScapfeedError({
    code: 'FETCH_REFUSED',
    message: `${host} does not use TLS: it answered in plain http`,
    where,
    remedy: `for a registry that is meant to, --insecure-registry ${host}; else an address with http:`,
    cause,
  });
}

function translate(error: unknown, where: string): unknown {
  if (error instanceof ScapfeedError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (error.name === 'TimeoutError') return tooLong(where, error);
  if (error.name === 'AbortError') return error;
  if (/_TIMEOUT$|^ETIMEDOUT$/.test(code)) {
    return asTransient(
      new ScapfeedError({
        code: 'FETCH_TIMEOUT',
        message: `the server is too slow: ${networkReason(error)}`,
        where,
        cause: error,
      }),
    );
  }
  if (plainAnswer.test(code)) return plainAnswerError(error, where);
  if (untrusted.test(code)) {
    return new ScapfeedError({
      code: 'FETCH_REFUSED',
      message: `the server's certificate is not trusted: ${networkReason(error)}`,
      where,
      remedy: 'set NODE_EXTRA_CA_CERTS to a file with the certificate of the authority that signed it',
      cause: error,
    });
  }
  return asTransient(
    new ScapfeedError({
      code: 'FETCH_FAILED',
      message: `no complete response: ${networkReason(error) || code || 'connection failed'}`,
      where,
      remedy: 'check the network and the proxy settings (HTTPS_PROXY, NO_PROXY)',
      cause: error,
    }),
  );
}

import { readAll } from '../io/bytes.ts';
import type { Http, HttpHeaders, HttpResponse, RequestOptions } from '../io/http/http.ts';
import { isTransient, pause } from '../io/http/retry.ts';
import { ScapfeedError } from '../model/error.ts';
import type { Authorizer } from './authorizer.ts';
import { notAllowed, notFound, type RegistrySubject } from './subject.ts';

/** Media types of manifests and indexes of OCI and Docker; a registry sends only types that are in Accept. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Maximum resume attempts that make no progress. */
const maxCuts = 4;

/** Milliseconds before an interrupted blob is resumed. */
const cutDelay = 200;

/** Milliseconds that any transfer may take, and bytes per millisecond that extend this for large ones. */
const transferTime = 600_000;
const slowestRate = 16;

export interface RegistryClientOptions {
  http: Http;
  authorizer: Authorizer;
  /** `https://HOST/v2/NAME`. */
  base: string;
  subject: RegistrySubject;
}

/** A request whose body can be sent again. */
export interface RegistryRequest extends RequestOptions {
  body?: Uint8Array;
}

/** One repository of a registry (OCI distribution specification), with the user's login. */
export class RegistryClient {
  #options: RegistryClientOptions;

  constructor(options: RegistryClientOptions) {
    this.#options = options;
  }

  /** `https://HOST/v2/NAME`. */
  get base(): string {
    return this.#options.base;
  }

  get subject(): RegistrySubject {
    return this.#options.subject;
  }

  get http(): Http {
    return this.#options.http;
  }

  manifestUrl(reference: string): string {
    return `${this.base}/manifests/${reference}`;
  }

  blobUrl(digest: string): string {
    return `${this.base}/blobs/${digest}`;
  }

  /** Fetches a manifest by tag or digest. @throws not found, too large, FETCH_* */
  async manifest(
    reference: string,
    maxBytes: number,
  ): Promise<{ bytes: Buffer; digest: string | undefined }> {
    return (await this.newManifest(reference, maxBytes, undefined))!;
  }

  /** The same; undefined if the registry still has the known digest. */
  async newManifest(
    reference: string,
    maxBytes: number,
    known: string | undefined,
    signal = AbortSignal.timeout(transferTime),
  ): Promise<{ bytes: Buffer; digest: string | undefined } | undefined> {
    const url = this.manifestUrl(reference);
    const headers = { accept: manifestTypes, ...(known !== undefined && { 'if-none-match': `"${known}"` }) };
    const answer = await this.request(url, { headers, signal });
    if (answer.status === 304 && known !== undefined) {
      await answer.discard();
      return undefined;
    }
    await this.#accept(answer, url);
    const bytes = await readAll(answer.body, { maxBytes, code: this.subject.tooLarge, where: url });
    return { bytes, digest: answer.headers['docker-content-digest'] };
  }

  /** A small blob. */
  async readBlob(digest: string, maxBytes: number, signal?: AbortSignal): Promise<Buffer> {
    const url = this.blobUrl(digest);
    return readAll(this.blob(digest, maxBytes, signal), {
      maxBytes,
      code: this.subject.tooLarge,
      where: url,
    });
  }

  /** A blob of a known size; an interrupted transfer is resumed. The caller must verify its digest. */
  blob(digest: string, size: number, signal = transferSignal(size)): AsyncGenerator<Buffer> {
    const url = this.blobUrl(digest);
    return this.#resumed(url, 0, signal, (offset) => this.#from(url, offset, signal));
  }

  /**
   * A part of a blob, by Range. The caller must verify its length and digest. Errors: also FETCH_FAILED, when the registry answers with
   * other bytes than those.
   */
  part(digest: string, { offset, size }: { offset: number; size: number }): AsyncGenerator<Buffer> {
    const url = this.blobUrl(digest);
    const signal = transferSignal(size);
    const end = offset + size - 1;
    return this.#resumed(url, offset, signal, async (from) => {
      const headers = { 'accept-encoding': 'identity', range: `bytes=${from}-${end}` };
      const answer = await this.request(url, { headers, signal });
      const range = answer.headers['content-range'];
      if (answer.status === 206 && range?.startsWith(`bytes ${from}-${end}/`)) return answer.body;
      await answer.discard();
      throw this.unexpected(answer, url, 206);
    });
  }

  async *#resumed(
    url: string,
    first: number,
    signal: AbortSignal,
    open: (offset: number) => Promise<AsyncIterable<Uint8Array>>,
  ): AsyncGenerator<Buffer> {
    let offset = first;
    for (let cuts = 0; cuts <= maxCuts; cuts++) {
      const start = offset;
      try {
        for await (const piece of await open(offset)) {
          offset += piece.length;
          yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
        }
        return;
      } catch (error) {
        if (!isTransient(error) || (cuts === maxCuts && offset === start)) throw error;
        if (offset > start) cuts = 0;
        await pause(cutDelay, signal, url);
      }
    }
  }

  /**
   * One request with the user's credentials, which are sent once the registry asks for them; returns a response of any
   * status. Credentials are sent only to the registry and to the token server that it names. Other hosts, such as the
   * target of a redirect, get none, and their challenges are not answered (CVE-2020-15157).
   */
  async request(url: string, request: RegistryRequest = {}): Promise<HttpResponse> {
    const { http, authorizer } = this.#options;
    if (!this.#isOwn(url)) return http.request(url, sendable(request));
    const known = authorizer.header;
    const first = await http.request(url, sendable(request, known));
    const challenge = first.headers['www-authenticate'];
    if (first.status !== 401 || challenge === undefined || !this.#isOwn(first.url)) return first;
    await first.discard();
    return http.request(url, sendable(request, await authorizer.answer(challenge, known, url)));
  }

  /** The error for an unexpected response. */
  unexpected({ status, headers, url: answered }: HttpResponse, url: string, expected = 200): ScapfeedError {
    if (status === 401 || status === 403) {
      const who = this.#isOwn(answered)
        ? 'the registry'
        : `${new URL(answered).origin}, to which the registry redirects,`;
      return notAllowed(this.subject, `${who} refuses the request (status ${status})`, url);
    }
    if (status === 404) return notFound(this.subject, url);
    const later =
      headers['retry-after'] === undefined ? '' : `; it asks to come back after ${headers['retry-after']}`;
    return new ScapfeedError({
      code: 'FETCH_FAILED',
      message: `expected status ${expected}, the registry answered ${status}${later}`,
      where: url,
      remedy: 'try again later',
    });
  }

  #isOwn(url: string): boolean {
    return new URL(url).origin === new URL(this.base).origin;
  }

  /** The blob's bytes from an offset on: by Range, or by skipping what a server without ranges sends again. */
  async #from(url: string, offset: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const range: HttpHeaders = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const answer = await this.#get(url, { 'accept-encoding': 'identity', ...range }, signal);
    if (answer.status === 200) return offset === 0 ? answer.body : dropFirst(answer.body, offset);
    if (answer.status === 206 && answer.headers['content-range']?.startsWith(`bytes ${offset}-`))
      return answer.body;
    await answer.discard();
    throw this.unexpected(answer, url);
  }

  async #get(url: string, headers: HttpHeaders, signal: AbortSignal): Promise<HttpResponse> {
    const answer = await this.request(url, { headers, signal });
    await this.#accept(answer, url);
    return answer;
  }

  async #accept(answer: HttpResponse, url: string): Promise<void> {
    if (answer.status === 200 || answer.status === 206) return;
    await answer.discard();
    throw this.unexpected(answer, url);
  }
}

/** Ends a transfer that takes too long for its size. */
export function transferSignal(size: number): AbortSignal {
  return AbortSignal.timeout(Math.min(transferTime + Math.ceil(size / slowestRate), 2 ** 31 - 1));
}

/** Size of the pieces of a body: each sent piece shows that the transfer is alive. */
const pieceBytes = 256 * 1024;

function sendable({ body, headers, ...rest }: RegistryRequest, authorization?: string): RequestOptions {
  return {
    ...rest,
    headers: {
      ...headers,
      ...(body && { 'content-length': String(body.length) }),
      ...(authorization !== undefined && { authorization }),
    },
    ...(body && { body: { [Symbol.asyncIterator]: () => pieces(body) } }),
  };
}

async function* pieces(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += pieceBytes) yield body.subarray(at, at + pieceBytes);
}

async function* dropFirst(body: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const piece of body) {
    const dropped = Math.min(left, piece.length);
    left -= dropped;
    if (dropped < piece.length) yield piece.subarray(dropped);
  }
}

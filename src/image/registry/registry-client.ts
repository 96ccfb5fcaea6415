import { setTimeout as sleep } from 'node:timers/promises';
import { readAll } from '../../io/bytes.ts';
import type { Http, HttpHeaders, HttpResponse } from '../../io/http.ts';
import { isTransient } from '../../io/http-retry.ts';
import { ScapfeedError } from '../../model/index.ts';
import { type Authorizer, notAllowed } from './authorizer.ts';

/** Manifests and indexes of OCI and Docker, which a registry gives only to those who say that they read them. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Times that a blob is taken up again after its transfer was cut without bringing anything. */
const maxCuts = 4;

/** Milliseconds before a cut blob is taken up again. */
const cutDelay = 200;

/** Milliseconds that any transfer may take, and bytes a millisecond beyond which a slow one is let go on. */
const transferTime = 600_000;
const slowestRate = 16;

export interface RegistryClientOptions {
  http: Http;
  authorizer: Authorizer;
  /** `https://HOST/v2/NAME`. */
  base: string;
}

/** Pulls from one repository of a registry (OCI distribution specification). */
export class RegistryClient {
  #options: RegistryClientOptions;

  constructor(options: RegistryClientOptions) {
    this.#options = options;
  }

  /** A manifest by tag or digest. Errors: IMAGE_NOT_FOUND, FETCH_*. */
  async manifest(
    reference: string,
    maxBytes: number,
  ): Promise<{ bytes: Buffer; digest: string | undefined }> {
    const url = `${this.#options.base}/manifests/${reference}`;
    const answer = await this.#get(url, { accept: manifestTypes }, AbortSignal.timeout(transferTime));
    const bytes = await readAll(answer.body, { maxBytes, code: 'IMAGE_LIMIT_EXCEEDED', where: url });
    return { bytes, digest: answer.headers['docker-content-digest'] };
  }

  /** A small blob. */
  async readBlob(digest: string, maxBytes: number): Promise<Buffer> {
    const url = this.#blobUrl(digest);
    return readAll(this.blob(digest, maxBytes), { maxBytes, code: 'IMAGE_LIMIT_EXCEEDED', where: url });
  }

  /** A blob of a known size; after a cut it is taken up where it stopped. Its digest is for the reader to verify. */
  async *blob(digest: string, size: number): AsyncGenerator<Buffer> {
    const url = this.#blobUrl(digest);
    const signal = AbortSignal.timeout(Math.min(transferTime + Math.ceil(size / slowestRate), 2 ** 31 - 1));
    let offset = 0;
    for (let cuts = 0; cuts <= maxCuts; cuts++) {
      const start = offset;
      try {
        for await (const piece of await this.#from(url, offset, signal)) {
          offset += piece.length;
          yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
        }
        return;
      } catch (error) {
        if (!isTransient(error) || (cuts === maxCuts && offset === start)) throw error;
        if (offset > start) cuts = 0;
        await sleep(cutDelay, undefined, { signal });
      }
    }
  }

  #blobUrl(digest: string): string {
    return `${this.#options.base}/blobs/${digest}`;
  }

  /** The blob's bytes from an offset on: by Range, or without what a server that knows no ranges repeats. */
  async #from(url: string, offset: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const range: HttpHeaders = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const answer = await this.#get(url, { 'accept-encoding': 'identity', ...range }, signal);
    if (answer.status === 200) return offset === 0 ? answer.body : dropFirst(answer.body, offset);
    if (answer.status === 206 && answer.headers['content-range']?.startsWith(`bytes ${offset}-`))
      return answer.body;
    await answer.discard();
    throw unexpected(answer, url);
  }

  async #get(url: string, headers: HttpHeaders, signal: AbortSignal): Promise<HttpResponse> {
    const { http, authorizer } = this.#options;
    const known = authorizer.header;
    const first = await http.request(url, { headers: withAuthorization(headers, known), signal });
    const challenge = first.headers['www-authenticate'];
    if (first.status !== 401 || challenge === undefined) return accepted(first, url);
    await first.discard();
    const authorization = await authorizer.answer(challenge, known, url);
    return accepted(
      await http.request(url, { headers: withAuthorization(headers, authorization), signal }),
      url,
    );
  }
}

function withAuthorization(headers: HttpHeaders, authorization: string | undefined): HttpHeaders {
  return authorization === undefined ? headers : { ...headers, authorization };
}

async function accepted(answer: HttpResponse, url: string): Promise<HttpResponse> {
  if (answer.status === 200 || answer.status === 206) return answer;
  await answer.discard();
  throw unexpected(answer, url);
}

function unexpected({ status, headers }: HttpResponse, url: string): ScapfeedError {
  if (status === 401 || status === 403)
    return notAllowed(`the registry refuses the request (status ${status})`, url);
  if (status === 404) {
    return new ScapfeedError({
      code: 'IMAGE_NOT_FOUND',
      message: 'expected the image in the registry, it has none of this name',
      where: url,
      remedy: 'check host, name and tag; a private image also looks like this without a login',
    });
  }
  const later =
    headers['retry-after'] === undefined ? '' : `; it asks to come back after ${headers['retry-after']}`;
  return new ScapfeedError({
    code: 'FETCH_FAILED',
    message: `expected status 200, the registry answered ${status}${later}`,
    where: url,
    remedy: 'try again later',
  });
}

async function* dropFirst(body: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const piece of body) {
    const dropped = Math.min(left, piece.length);
    left -= dropped;
    if (dropped < piece.length) yield piece.subarray(dropped);
  }
}

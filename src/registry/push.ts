import { readAll } from '../io/bytes.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import type { HttpResponse } from '../io/http/http.ts';
import { isTransient, pause, retryDelay, retryStatuses } from '../io/http/retry.ts';
import { ScapfeedError } from '../model/error.ts';
import { type RegistryClient, transferSignal } from './registry-client.ts';

/** Maximum size of an error document that is read, in bytes. */
const maxErrorBytes = 64 * 1024;

/** True if the repository has the blob, so that it does not have to be sent. */
export async function hasBlob(client: RegistryClient, digest: string): Promise<boolean> {
  const url = client.blobUrl(digest);
  const answer = await client.request(url, { method: 'HEAD' });
  await answer.discard();
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  throw client.unexpected(answer, url);
}

/** Sends a whole blob (distribution spec, "POST then PUT"). An interruption breaks the session, so both are repeated. */
export async function pushBlob(client: RegistryClient, digest: string, bytes: Uint8Array): Promise<void> {
  const { limits } = client.http;
  const signal = transferSignal(bytes.length);
  const start = `${client.base}/blobs/uploads/`;
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= limits.retries;
    const answer = await upload(client, start, digest, bytes, signal).catch((error: unknown) => {
      if (last || !isTransient(error)) throw error;
      return undefined;
    });
    if (answer?.status === 201) return answer.discard();
    const delay = retryDelay(limits, attempt, answer?.headers);
    if (answer && (last || delay === undefined || !mayBetter(answer.status))) {
      throw refusal(client, answer, answer.url, await errorCodesOf(answer, answer.url));
    }
    await answer?.discard();
    await pause(delay, signal, start);
  }
}

/** 404 and 416 for an upload mean that its session is gone or out of step: a new session may work. */
function mayBetter(status: number): boolean {
  return retryStatuses.has(status) || status === 404 || status === 416;
}

async function upload(
  client: RegistryClient,
  start: string,
  digest: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const session = await client.request(start, { method: 'POST', repeat: true, redirects: 0, signal });
  if (session.status !== 202) throw refusal(client, session, start, await errorCodesOf(session, start));
  await session.discard();
  const { href, search } = uploadPlace(session, start);
  // The registry's address may have its own query: parameters are added to it, not replaced.
  const place = `${href}${search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  const headers = { 'content-type': 'application/octet-stream' };
  return client.request(place, { method: 'PUT', headers, body: bytes, redirects: 0, signal });
}

/** The address may be relative, or on another host, which then gets no credentials. https to http is refused. */
function uploadPlace({ headers }: HttpResponse, start: string): URL {
  const location = headers['location'];
  if (location !== undefined && URL.canParse(location, start)) {
    const place = new URL(location, start);
    if (place.protocol === 'https:' || place.protocol === new URL(start).protocol) return place;
  }
  throw new ScapfeedError({
    code: 'PUSH_FAILED',
    message: `expected the address of an upload, the registry gave ${JSON.stringify(location)}`,
    where: start,
  });
}

/** Pushes a manifest by digest or tag. False: the registry lacks a blob that it names. */
export async function pushManifest(
  client: RegistryClient,
  reference: string,
  mediaType: string,
  bytes: Uint8Array,
): Promise<boolean> {
  const url = client.manifestUrl(reference);
  const headers = { 'content-type': mediaType };
  const answer = await client.request(url, { method: 'PUT', repeat: true, headers, body: bytes });
  if (answer.status === 201) {
    await answer.discard();
    return true;
  }
  const codes = await errorCodesOf(answer, url);
  if (codes.some((code) => /^(MANIFEST_(BLOB_)?|BLOB_)UNKNOWN$/.test(code))) return false;
  throw refusal(client, answer, url, codes);
}

/** Deletes a manifest. True: it is gone now; false: this registry does not allow it. */
export async function deleteManifest(client: RegistryClient, digest: string): Promise<boolean> {
  const answer = await client.request(client.manifestUrl(digest), { method: 'DELETE', repeat: true });
  await answer.discard();
  return [200, 202, 204, 404].includes(answer.status);
}

/** The error for a refused write, with the registry's own error codes. */
function refusal(
  client: RegistryClient,
  answer: HttpResponse,
  url: string,
  codes: readonly string[],
): ScapfeedError {
  const { status, headers } = answer;
  const where = url.replace(/\?.*$/, '');
  if (status === 401 || status === 403) return client.unexpected(answer, where);
  const reason = codes.length === 0 ? '' : ` (${codes.join(', ')})`;
  const later = headers['retry-after'] ? `; it asks to come back after ${headers['retry-after']}` : '';
  return new ScapfeedError({
    code: 'PUSH_FAILED',
    message: `expected the registry to take it, it answered ${status}${reason}${later}`,
    where,
  });
}

/** "Error Codes" of the distribution spec; none where the answer gives none. */
async function errorCodesOf({ body }: HttpResponse, where: string): Promise<string[]> {
  try {
    const bytes = await readAll(body, { maxBytes: maxErrorBytes, code: 'FETCH_TOO_LARGE', where });
    const { errors } = parseForeignJson(bytes) as { errors: { code: string }[] };
    return [...new Set(errors.map(({ code }) => code).filter((code) => /^[A-Z_]{1,40}$/.test(code)))];
  } catch {
    return [];
  }
}

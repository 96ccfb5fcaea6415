import { createHash } from 'node:crypto';
import { readAll } from '../../io/bytes.ts';
import { ScapfeedError } from '../../model/error.ts';
import { documentByteLimit } from '../csaf/document.ts';
import { unsigned, verifyDetached } from '../openpgp.ts';
import type { TreeFetch } from './tree.ts';
import type { Checked, FetchedDocument } from './tree-set.ts';

/** Version of a document that is kept. */
export interface KeptVersion {
  /** ISO 8601. */
  lastModified: string;
}

const signatureByteLimit = 1 << 20;

/** Fetches a changed document and checks its signature on the raw bytes. */
export async function fetchDocument(
  path: string,
  fetch: TreeFetch,
  kept?: KeptVersion,
): Promise<(FetchedDocument & { lastModified?: string }) | { kind: 'same' }> {
  const { tree, context } = fetch;
  const { url } = tree;
  const answer = await fetchBytes(url + path, documentByteLimit, fetch, kept);
  if (answer === 'same') return { kind: 'same' };
  if (!answer) return { kind: 'absent' };
  const { bytes, ...dated } = answer;
  const blob = await context.store.put(one(bytes));
  try {
    const checked = await checkSignature(bytes, url + path, fetch);
    return isReadable(bytes, fetch, path)
      ? { kind: 'readable', blob, checked, ...dated }
      : { kind: 'unreadable', blob };
  } catch (error) {
    if (!(error instanceof ScapfeedError && isSignatureError(error))) throw error;
    context.progress(`${tree.id}: ${path}: ${error.message}`);
    return { kind: 'rejected', blob };
  }
}

function isSignatureError({ code }: ScapfeedError): boolean {
  return code === 'SOURCE_SIGNATURE_WRONG' || code === 'SOURCE_UNSIGNED' || code === 'SOURCE_DIGEST_WRONG';
}

/**
 * Verifies the signature next to a file, or its digest if the vendor's key is unknown. Returns `unsigned` if there is no
 * signature and the user accepts that (--unsigned-mirror). @throws SOURCE_UNSIGNED, SOURCE_SIGNATURE_WRONG, SOURCE_DIGEST_WRONG
 */
export async function checkSignature(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  url: string,
  fetch: TreeFetch,
): Promise<Checked> {
  const { signingKeys } = fetch.tree;
  if (signingKeys === undefined) return checkDigest(body, url, fetch);
  const signature = await fetchPart(`${url}.asc`, fetch);
  if (!signature && fetch.context.unsignedMirror) return 'unsigned';
  if (!signature) throw unsigned(url, `${url}.asc`);
  await verifyDetached(body, signature.toString('latin1'), signingKeys, fetch.context.now, url);
  return 'signature';
}

/** The digest's line may have a name that is another server's path (SUSE's): only the digest is read. */
async function checkDigest(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  url: string,
  fetch: TreeFetch,
): Promise<Checked> {
  if (fetch.tree.unproven) return 'nothing';
  const line = await fetchPart(`${url}.sha256`, fetch);
  const listed = /^([0-9a-f]{64})\b/i.exec(line?.toString('latin1') ?? '')?.[1];
  if (listed === undefined) return 'nothing';
  const hash = createHash('sha256');
  if (body instanceof Uint8Array) hash.update(body);
  else for await (const chunk of body) hash.update(chunk);
  const found = hash.digest('hex');
  if (found === listed.toLowerCase()) return 'digest';
  throw new ScapfeedError({
    code: 'SOURCE_DIGEST_WRONG',
    message: `expected the digest ${listed}, found ${found}`,
    where: url,
    remedy: 'fetch again: the file may have been replaced meanwhile; the last good version stays in use',
  });
}

/** Files beside a document. */
async function fetchPart(where: string, fetch: TreeFetch): Promise<Buffer | undefined> {
  const answer = await fetchBytes(where, signatureByteLimit, fetch);
  return answer === 'same' ? undefined : answer?.bytes;
}

/** Undefined: the server has none. */
async function fetchBytes(
  where: string,
  maxBytes: number,
  { context }: TreeFetch,
  kept?: KeptVersion,
): Promise<{ bytes: Buffer; lastModified?: string } | 'same' | undefined> {
  try {
    const validators = kept && { lastModified: new Date(kept.lastModified).toUTCString() };
    const answer = await context.http.get(where, { maxBytes, ...validators });
    if (answer.notModified) return 'same';
    const bytes = await readAll(answer.body, { maxBytes, code: 'FETCH_TOO_LARGE', where });
    const time = Date.parse(answer.lastModified ?? '');
    return { bytes, ...(Number.isNaN(time) ? {} : { lastModified: new Date(time).toISOString() }) };
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}

function isReadable(bytes: Buffer, { tree }: TreeFetch, path: string): boolean {
  try {
    tree.read(bytes, path);
    return true;
  } catch (error) {
    if (error instanceof ScapfeedError) return false;
    throw error;
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

import { readAll } from '../../io/bytes.ts';
import { ScapfeedError } from '../../model/index.ts';
import type { Blob } from '../snapshots.ts';
import { documentByteLimit } from './csaf.ts';
import { readDocument } from './document.ts';
import type { TreeFetch } from './fetch-tree.ts';
import { verifySignature } from './signature.ts';

/** What came of one changed document. */
export type Fetched =
  | { kind: 'readable' | 'unreadable'; blob: Blob }
  /** Its signature is wrong: the bytes are kept as evidence and never read. */
  | { kind: 'rejected'; blob: Blob }
  | { kind: 'gone' };

const signatureByteLimit = 1 << 20;

/** A changed document with its signature checked on the raw bytes. */
export async function fetchDocument(path: string, fetch: TreeFetch): Promise<Fetched> {
  const { tree, url, context } = fetch;
  const document = await fetchBytes(url + path, documentByteLimit, fetch);
  if (!document) return { kind: 'gone' };
  const { bytes } = document;
  const blob = await context.store.put(one(bytes));
  try {
    await checkSignature(bytes, url + path, document.fromVendor, fetch);
  } catch (error) {
    if (!(error instanceof ScapfeedError && error.code === 'SOURCE_SIGNATURE_WRONG')) throw error;
    context.progress(`${tree}: ${path}: ${error.message}`);
    return { kind: 'rejected', blob };
  }
  return { kind: isReadable(bytes, fetch, path) ? 'readable' : 'unreadable', blob };
}

/**
 * A signature is demanded of the vendor's own server. A mirror may have none (a folder for tests, an air gap): then who
 * filled it answers for it.
 */
export async function checkSignature(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  url: string,
  fromVendor: boolean,
  fetch: TreeFetch,
): Promise<'signed' | 'unsigned'> {
  const signature = await fetchBytes(`${url}.asc`, signatureByteLimit, fetch);
  if (!signature && !fromVendor) return 'unsigned';
  const text = signature?.bytes.toString('latin1') ?? '';
  await verifySignature(body, text, fetch.definition.signingKey, url);
  return 'signed';
}

async function fetchBytes(
  where: string,
  maxBytes: number,
  { context, url }: TreeFetch,
): Promise<{ bytes: Buffer; fromVendor: boolean } | undefined> {
  try {
    const answer = await context.http.get(where, { maxBytes });
    if (answer.notModified) return undefined;
    const bytes = await readAll(answer.body, { maxBytes, code: 'FETCH_TOO_LARGE', where });
    return { bytes, fromVendor: answer.url.startsWith(url) };
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}

function isReadable(bytes: Buffer, { tree }: TreeFetch, path: string): boolean {
  try {
    readDocument(bytes, tree, path);
    return true;
  } catch (error) {
    if (error instanceof ScapfeedError) return false;
    throw error;
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

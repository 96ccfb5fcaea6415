import { readAll } from '../../../../io/bytes.ts';
import { ScapfeedError } from '../../../../model/index.ts';
import { unsigned, verifyDetached } from '../../../../sources/openpgp.ts';
import { majorsOf } from '../definition.ts';
import { documentByteLimit } from '../parse/csaf.ts';
import { readDocument } from '../parse/document.ts';
import type { Fetched } from '../stored/tree-set.ts';
import type { TreeFetch } from './context.ts';

const signatureByteLimit = 1 << 20;

/** Fetches a changed document and checks its signature on the raw bytes. */
export async function fetchDocument(path: string, fetch: TreeFetch): Promise<Fetched> {
  const { tree, url, context } = fetch;
  const bytes = await fetchBytes(url + path, documentByteLimit, fetch);
  if (!bytes) return { kind: 'absent' };
  const blob = await context.store.put(one(bytes));
  try {
    const signed = await checkSignature(bytes, url + path, fetch);
    return isReadable(bytes, fetch, path)
      ? { kind: 'readable', blob, unsigned: !signed }
      : { kind: 'unreadable', blob };
  } catch (error) {
    if (!(error instanceof ScapfeedError && isSignatureError(error))) throw error;
    context.progress(`${tree}: ${path}: ${error.message}`);
    return { kind: 'rejected', blob };
  }
}

function isSignatureError({ code }: ScapfeedError): boolean {
  return code === 'SOURCE_SIGNATURE_WRONG' || code === 'SOURCE_UNSIGNED';
}

/**
 * Red Hat signs every document. Returns `false` when there is no signature and the user accepts that (--unsigned-mirror).
 * @throws SOURCE_UNSIGNED, SOURCE_SIGNATURE_WRONG
 */
export async function checkSignature(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  url: string,
  fetch: TreeFetch,
): Promise<boolean> {
  const signature = await fetchBytes(`${url}.asc`, signatureByteLimit, fetch);
  if (!signature && fetch.context.unsignedMirror) return false;
  if (!signature) throw unsigned(url, `${url}.asc`);
  await verifyDetached(
    body,
    signature.toString('latin1'),
    fetch.definition.signingKeys,
    fetch.context.now,
    url,
  );
  return true;
}

async function fetchBytes(
  where: string,
  maxBytes: number,
  { context }: TreeFetch,
): Promise<Buffer | undefined> {
  try {
    const answer = await context.http.get(where, { maxBytes });
    if (answer.notModified) return undefined;
    return await readAll(answer.body, { maxBytes, code: 'FETCH_TOO_LARGE', where });
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}

function isReadable(bytes: Buffer, { tree, definition }: TreeFetch, path: string): boolean {
  try {
    readDocument(bytes, tree, path, majorsOf(definition));
    return true;
  } catch (error) {
    if (error instanceof ScapfeedError) return false;
    throw error;
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { boundedBytes } from '../io/bytes.ts';
import { filePieces } from '../io/file-pieces.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FetchContext } from '../sources/contract.ts';
import { download } from '../sources/download.ts';
import type { Blob, Snapshot, SnapshotStore } from '../sources/snapshots.ts';
import {
  type ContentList,
  type FolderEntry,
  type ReleaseEntry,
  type StreamEntry,
  streamName,
} from './content-list.ts';

export const source = 'ssg';

/** Ids of the inputs that an entry of the list is made of. */
export const inputIds = {
  list: 'content-list',
  digest: ({ id }: ReleaseEntry) => `${id}-sha512`,
  document: ({ id }: FolderEntry, product: string) => `${id}-${product}`,
} as const;

const maxReleaseBytes = 2 ** 30;
const maxStreamBytes = 2 ** 28;
const maxDigestBytes = 2 ** 16;

/** Updates the documents of a list, and keeps the list itself: what a build reads of them is then in the store alone. */
export async function fetchContent(context: FetchContext, list: ContentList): Promise<Snapshot[]> {
  const snapshots = [await saveList(context.store, list)];
  for (const entry of list.content) {
    if ('release' in entry) snapshots.push(...(await fetchRelease(context, entry)));
    else if ('folder' in entry) snapshots.push(...(await copyFolder(context, entry)));
    else snapshots.push(await fetchStream(context, entry));
  }
  await context.store.retain(source, snapshots);
  return snapshots;
}

function saveList(store: SnapshotStore, list: ContentList): Promise<Snapshot> {
  const origin = { id: inputIds.list, source, url: 'scapfeed:content.json' };
  return store.save(origin, once(Buffer.from(`${JSON.stringify(list, null, 2)}\n`)));
}

/** The digest first: a zip is put in place only if it has it. */
async function fetchRelease(context: FetchContext, entry: ReleaseEntry): Promise<Snapshot[]> {
  const { store } = context;
  const digest = await download(context, {
    id: inputIds.digest(entry),
    source,
    url: entry.sha512,
    kind: 'text',
    maxBytes: maxDigestBytes,
    verify: async (blob) => {
      digestOf((await store.read(blob)).toString('utf8'), entry.sha512);
    },
  });
  const zip = await download(context, {
    id: entry.id,
    source,
    url: entry.release,
    kind: 'zip',
    maxBytes: maxReleaseBytes,
    verify: (blob) => requireDigest(store, blob, digest, entry),
  });
  return [digest, zip];
}

/** @throws SOURCE_DIGEST_WRONG where a release does not have the sha512 that is published beside it */
export async function requireDigest(
  store: SnapshotStore,
  zip: Blob,
  digest: Blob,
  { release, sha512 }: ReleaseEntry,
): Promise<void> {
  const wanted = digestOf((await store.read(digest)).toString('utf8'), sha512);
  const hash = createHash('sha512');
  for await (const piece of store.open(zip)) hash.update(piece);
  requireSame('sha512', wanted, hash.digest('hex'), release);
}

/** The first word of what sha512sum writes. */
function digestOf(text: string, where: string): string {
  const found = /^([0-9a-f]{128})(?:\s|$)/i.exec(text)?.[1];
  if (found !== undefined) return found.toLowerCase();
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected a sha512 in hexadecimal digits, found something else',
    where,
    remedy: 'correct the address of the digest in the list of content',
  });
}

function requireSame(algorithm: string, wanted: string, found: string, where: string): void {
  if (wanted === found) return;
  throw new ScapfeedError({
    code: 'SOURCE_DIGEST_WRONG',
    message: `expected ${algorithm} ${wanted}, found ${found}`,
    where,
    remedy: 'fetch it again; if it repeats, ask the publisher which of the two is right',
  });
}

async function copyFolder({ store }: FetchContext, entry: FolderEntry): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const product of entry.products) {
    const id = inputIds.document(entry, product);
    snapshots.push(await copyFile(store, id, join(entry.folder, streamName(product))));
  }
  return snapshots;
}

async function fetchStream(context: FetchContext, entry: StreamEntry): Promise<Snapshot> {
  const { id, stream: url, sha256: wanted } = entry;
  const verify = async ({ sha256 }: Blob) => {
    if (wanted !== undefined) requireSame('sha256', wanted, sha256, url);
  };
  if (!/^https?:\/\//.test(url)) return copyFile(context.store, id, url, verify);
  const snapshot = await download(context, {
    id,
    source,
    url,
    kind: 'xml',
    maxBytes: maxStreamBytes,
    verify,
  });
  // The list may name another digest than when the unchanged document came.
  await verify(snapshot);
  return snapshot;
}

/** Copies a local file; its address is that of the list, so that it does not depend on the working directory. */
async function copyFile(
  store: SnapshotStore,
  id: string,
  path: string,
  verify?: (blob: Blob) => Promise<void>,
): Promise<Snapshot> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'the data stream is not there',
      where: path,
      remedy: 'correct the list of content, or install the package that has the file',
    });
  }
  const url = isAbsolute(path) ? pathToFileURL(path).href : `file:${path}`;
  const body = filePieces(resolve(path), found.size);
  const bound = { maxBytes: maxStreamBytes, code: 'SOURCE_TOO_LARGE', where: path } as const;
  return store.save({ id, source, url }, boundedBytes(body, bound), verify);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

import { hash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { ScapfeedError } from '../../model/error.ts';
import { readAsset } from '../assets.ts';
import { filePieces } from '../file-pieces.ts';
import type { HttpHeaders, HttpResponse } from './http.ts';

/** Where a vendor's address is read: over the network, or from a file that is treated like a response. */
export type MirrorPlace = { url: string } | { respond(headers: HttpHeaders): Promise<HttpResponse> };

/** A file beside the hosts' folders of a mirror, with dates of files that were copied without them (git keeps none). */
const datesFile = 'last-modified.json';

/** The mirror that comes with scapfeed: a few real records of each vendor, to try things out. */
export const sampleMirror = 'sample:';

/** Reads https://HOST/PATH as MIRROR/HOST/PATH, MIRROR being a folder, a file: or an http(s): address, or the sample. */
export function openMirror(mirror: string | undefined): (url: string) => MirrorPlace {
  if (mirror === undefined) return (url) => ({ url });
  if (mirror === sampleMirror) return (url) => ({ respond: async (headers) => sample(place(url), headers) });
  const folder = mirrorFolder(mirror);
  if (folder === undefined) {
    const base = mirror.replace(/\/+$/, '');
    return (url) => ({ url: `${base}/${place(url)}` });
  }
  const dates = readDates(folder);
  return (url) => {
    const path = decodeURIComponent(place(url));
    const file = resolve(folder, path);
    if (!file.startsWith(folder + sep)) throw outside(url);
    return { respond: async (headers) => answer(file, (await dates)[path], headers) };
  };
}

/** The folder of a mirror; undefined: it is an address or the sample. */
export function mirrorFolder(mirror: string): string | undefined {
  if (mirror === sampleMirror || /^https?:\/\//.test(mirror)) return undefined;
  return resolve(mirror.startsWith('file:') ? new URL(mirror).pathname : mirror);
}

function place(url: string): string {
  const { host, pathname, search } = new URL(url);
  return `${host}${pathname}${search}`;
}

async function answer(
  file: string,
  recorded: string | undefined,
  headers: HttpHeaders,
): Promise<HttpResponse> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  const url = `file://${file}`;
  if (!found?.isFile()) return { url, status: 404, headers: {}, body: nothing(), discard: async () => {} };
  // Not by the date: a file may change twice in a second, and a restored file is older than the one before.
  const etag = `"${found.size}-${found.mtimeNs}"`;
  const status = headers['if-none-match'] === etag ? 304 : 200;
  const lastModified = new Date(recorded ?? Number(found.mtimeMs / 1000n) * 1000).toUTCString();
  return {
    url,
    status,
    headers: { 'content-length': String(found.size), 'last-modified': lastModified, etag },
    body: status === 304 ? nothing() : contentOf(file, Number(found.size)),
    discard: async () => {},
  };
}

async function readDates(folder: string): Promise<Readonly<Record<string, string>>> {
  const file = resolve(folder, datesFile);
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch (cause) {
    throw new ScapfeedError({
      code: 'FETCH_FAILED',
      message: 'expected JSON of path to date',
      where: file,
      cause,
    });
  }
}

/** A document of the sample, which lies in the package or in the executable. */
function sample(path: string, headers: HttpHeaders): HttpResponse {
  const url = `${sampleMirror}//${path}`;
  const bytes = readAsset(`feeds/sample/${decodeURIComponent(path)}`);
  if (!bytes) return { url, status: 404, headers: {}, body: nothing(), discard: async () => {} };
  const dates = JSON.parse(readAsset(`feeds/sample/${datesFile}`)!.toString()) as Record<string, string>;
  const etag = `"${hash('sha256', bytes)}"`;
  const status = headers['if-none-match'] === etag ? 304 : 200;
  const date = dates[path];
  return {
    url,
    status,
    headers: { 'content-length': String(bytes.length), etag, ...(date && { 'last-modified': date }) },
    body: status === 304 ? nothing() : piece(bytes),
    discard: async () => {},
  };
}

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Opened when it is read, so that a dropped response costs nothing. */
async function* contentOf(file: string, size: number): AsyncGenerator<Uint8Array> {
  yield* filePieces(file, size);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function outside(url: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_REFUSED',
    message: 'the path points outside the mirror folder',
    where: url,
  });
}

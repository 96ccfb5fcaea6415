import { closeSync, constants, existsSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readAll } from '../../io/bytes.ts';
import { createHttp } from '../../io/http/create-http.ts';
import type { Http } from '../../io/http/http.ts';
import { ScapfeedError } from '../../model/error.ts';
import { looksLikeAddress, requirePlainAddress, unknownAddress } from '../address.ts';
import { openBundle } from '../bundle/open-bundle.ts';
import { sha256 } from '../feed/lines.ts';
import { feedStays } from '../feed-stays.ts';
import { keptFiles } from '../oci/kept-files.ts';
import { layoutSource } from '../oci/layout-source.ts';
import { ociOrigin } from '../oci/oci-origin.ts';
import { registrySource } from '../oci/registry-source.ts';
import { isOci, openFeedRepository, type RegistryAccess } from '../oci/repository.ts';
import { downloadHttp } from './download-http.ts';
import type { FileReader } from './file-reader.ts';
import type { Origin } from './origin.ts';
import { countedBy, openPatience } from './patience.ts';

/**
 * Opens `URL`, `oci://HOST/NAME[:tag]`, `DIR` (a published folder or an OCI layout), `oci:DIR[:TAG]` (an OCI layout) or `BUNDLE` (a
 * file). `kept`: a cache folder.
 */
export async function openOrigin(from: string, access: RegistryAccess, kept: string): Promise<Origin> {
  const { http = {} } = access;
  if (isOci(from)) {
    const source = registrySource(await openFeedRepository(from, access, 'pull'));
    return advisedOrigin(ociOrigin(source, keptFiles(join(kept, 'oci'))));
  }
  if (/^https?:\/\//.test(from)) {
    requirePlainAddress(from);
    return httpOrigin(from.replace(/\/+$/, ''), createHttp(http));
  }
  const path = resolve(from);
  const layout = layoutNamed(from);
  if (layout) {
    return ociOrigin(layoutSource(from, folderReader(requireFolder(layout.folder)), layout.tag));
  }
  // A name like `12:30` is an address only if there is no such file.
  if (looksLikeAddress(from) && !existsSync(path)) {
    throw unknownAddress(from, 'bundle, http(s)://HOST/PATH or oci://HOST/NAME');
  }
  const fd = openPath(path);
  const isFile = fstatSync(fd).isFile();
  closeSync(fd);
  if (isFile) return fileOrigin(from, openBundle(path));
  const reader = folderReader(path);
  return existsSync(join(path, 'oci-layout'))
    ? ociOrigin(layoutSource(from, reader))
    : fileOrigin(from, reader);
}

/** As images are named; a folder's name has no colon. */
const layoutForm = /^oci:(?!\/\/)([^:]+)(?::([^:]+))?$/;

function layoutNamed(from: string): { folder: string; tag?: string } | undefined {
  const [, folder, tag] = layoutForm.exec(from) ?? [];
  // A registry's name without its slashes is no folder.
  if (folder === undefined || !(isAbsolute(folder) || existsSync(folder))) return undefined;
  return { folder, ...(tag === undefined ? {} : { tag }) };
}

/** The same place from any working directory. */
export function absolutePlace(from: string): string {
  if (isOci(from) || /^https?:\/\//.test(from)) return from;
  const layout = layoutNamed(from);
  if (!layout) return resolve(from);
  return `oci:${resolve(layout.folder)}${layout.tag === undefined ? '' : `:${layout.tag}`}`;
}

function requireFolder(folder: string): string {
  const path = resolve(folder);
  closeSync(openPath(path));
  return path;
}

function fileOrigin(name: string, reader: FileReader): Origin {
  const traffic = { requests: 0, bytes: 0 };
  const read = (path: string, maxBytes: number) => {
    const bytes = reader.read(path, maxBytes);
    traffic.requests += 1;
    traffic.bytes += bytes?.length ?? 0;
    if (bytes) return bytes;
    throw notFound(`${name}/${path}`);
  };
  return {
    name,
    offline: true,
    ...(reader.roles ? { roles: reader.roles } : {}),
    traffic,
    fetch: async (path, maxBytes) => read(path, maxBytes),
    download: async (path, length, file) => {
      writeFileSync(file, read(path, length));
    },
    close: async () => reader.close(),
  };
}

function httpOrigin(base: string, http: Http): Origin {
  const traffic = { requests: 0, bytes: 0 };
  const patience = openPatience(http.limits);
  async function fetch(path: string, maxBytes: number, digest?: string): Promise<Buffer> {
    traffic.requests += 1;
    const url = `${base}/${path}`;
    const bytes = await patience.during(async (signal) => {
      // Some servers compress what is compressed, others declare it in .gz: the digest decides which bytes are meant.
      const limit = digest === undefined ? maxBytes : maxBytes + encodingRoom;
      const answer = await http.get(url, { maxBytes: limit, signal, stored: digest !== undefined });
      if (answer.notModified) throw notFound(url);
      const body = countedBy(patience, answer.body);
      const received = await readAll(body, { maxBytes: limit, code: 'FETCH_TOO_LARGE', where: url });
      traffic.bytes += received.length;
      const isEncoded = answer.headers['content-encoding'] === 'gzip' && sha256(received) !== digest;
      return digest !== undefined && isEncoded ? gunzipped(received, maxBytes, url) : received;
    });
    return bytes;
  }
  return advisedOrigin({
    name: base,
    offline: false,
    traffic,
    fetch: (path, maxBytes, digest) => missing(fetch(path, maxBytes, digest)),
    download: (path, length, file) =>
      missing(downloadHttp(http, `${base}/${path}`, length, file, { patience, traffic })),
    close: () => http.close(),
  });
}

/** Largest growth by gzip of bytes that are compressed already. */
const encodingRoom = 4096;

function gunzipped(bytes: Buffer, maxBytes: number, where: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (cause) {
    throw new ScapfeedError({
      code: 'FETCH_FAILED',
      message: `expected at most ${maxBytes} bytes in gzip as the content-encoding says, found something else`,
      where,
      cause,
    });
  }
}

function advisedOrigin(origin: Origin): Origin {
  return {
    ...origin,
    fetch: (path, maxBytes, sha256) => advised(origin.fetch(path, maxBytes, sha256)),
    download: (path, length, file) => advised(origin.download(path, length, file)),
  };
}

/** Adds remedies for users of a feed, which the HTTP client does not know. */
async function advised<T>(transfer: Promise<T>): Promise<T> {
  try {
    return await transfer;
  } catch (error) {
    if (!(error instanceof ScapfeedError) || error.code === 'FETCH_NOT_FOUND') throw error;
    const { code, message, where, cause } = error;
    const place = where === undefined ? {} : { where };
    const own = code.startsWith('FETCH_') && code !== 'FETCH_REFUSED' ? undefined : error.remedy;
    const remedy = own ?? `try again later, or specify another mirror${feedStays}`;
    throw new ScapfeedError({ code, message, ...place, remedy, cause });
  }
}

/** For a build, a document that is not there is a fault of feeds/ or of the mirror; here, of the address. */
async function missing<T>(transfer: Promise<T>): Promise<T> {
  try {
    return await transfer;
  } catch (error) {
    if (!(error instanceof ScapfeedError) || error.code !== 'FETCH_NOT_FOUND') throw error;
    const { code, message, where, cause } = error;
    const place = where === undefined ? {} : { where };
    throw new ScapfeedError({ code, message, ...place, remedy: notFoundRemedy, cause });
  }
}

/** Opens without blocking: a pipe in place of a file would wait for its writer. */
const forReading = constants.O_RDONLY | constants.O_NONBLOCK;

function folderReader(folder: string): FileReader {
  return {
    read(path, maxBytes) {
      let fd: number;
      try {
        fd = openSync(join(folder, path), forReading);
      } catch {
        return undefined;
      }
      try {
        const stat = fstatSync(fd);
        if (!stat.isFile()) return undefined;
        return readBounded(fd, stat.size, maxBytes, join(folder, path));
      } finally {
        closeSync(fd);
      }
    },
    close() {},
  };
}

function readBounded(fd: number, size: number, maxBytes: number, where: string): Buffer {
  if (size > maxBytes) {
    throw new ScapfeedError({
      code: 'FETCH_TOO_LARGE',
      message: `expected at most ${maxBytes} bytes, the file has ${size}`,
      where,
      remedy: 'copy the published folder again',
    });
  }
  const bytes = Buffer.alloc(size);
  const read = readSync(fd, bytes, 0, size, 0);
  return bytes.subarray(0, read);
}

function openPath(path: string): number {
  try {
    return openSync(path, forReading);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'no published feed here: neither a folder nor a bundle',
      where: path,
      remedy: 'specify with --from what `scapfeed publish` or `scapfeed bundle` wrote',
      cause,
    });
  }
}

const notFoundRemedy =
  'check the address given with --from; it is the folder that holds metadata/ and targets/';

function notFound(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_NOT_FOUND',
    message: 'expected a file of a published feed, found none',
    where,
    remedy: notFoundRemedy,
  });
}

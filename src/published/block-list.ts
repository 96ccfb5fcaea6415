import { parseForeignJson } from '../io/foreign-json.ts';
import { ScapfeedError } from '../model/error.ts';
import { feedFormat, type Manifest } from '../model/feed/index.ts';
import { contentFault } from '../model/feed/manifest-shape.ts';
import { encodings, feedRole } from './names.ts';

/** The whole of a file as a target: its name, and length and sha256 of the bytes as served. */
export interface WholeTarget {
  name: string;
  length: number;
  sha256: string;
}

/** The blocks of a line file, in their order. */
export interface FileBlocks extends BlockedFile {
  whole: WholeTarget;
  /** The same in gzip, which each browser decodes, where `whole` is in another encoding. Absent in feeds of older versions. */
  gzip?: WholeTarget;
}

/** The same of a file that is published in blocks alone. */
export interface BlockedFile {
  /** Path in a feed: `index/debian-12.jsonl`. */
  path: string;
  /** Target of the list that has the rest, if it is not here: files with many blocks have a list of their own. */
  list?: string;
  /** First key of each block. */
  keys: string[];
  /** Length of each block in bytes, before compression. */
  plain: number[];
  /** Length of each block in bytes, as served. */
  served: number[];
  /** sha256 of each block as served: 32 bytes each, in base64. */
  digests: string;
  /** The first 4 bytes of the sha256 of each key, sorted, in base64: what is not among them is in no block. Absent: not listed. */
  names?: string;
}

/** The list of the file by which the page of a feed finds what names a vulnerability, an advisory or a package. */
export interface SearchList {
  format: typeof blockFormat;
  files: BlockedFile[];
}

/** A signed list of blocks. */
export interface BlockList {
  format: typeof blockFormat;
  files: FileBlocks[];
}

/** The list of a feed: the manifests of its parts, those of platforms without their outputs, and the blocks of files that all share. */
export interface BlockCatalog extends BlockList {
  parts: Record<string, Manifest>;
}

export const blockFormat = 1;

/** Length of a key's digest in `names`, in bytes. */
export const nameBytes = 4;

const listFolder = `${feedRole}/blocks/`;
export const catalogName = `${listFolder}catalog.json.gz`;
export const searchName = `${listFolder}search.json.gz`;

/** Name of the list of a part, or of a file in it, as a target. */
export function listName(part: string, file?: string): string {
  return `${listFolder}${part}${file === undefined ? '' : `/${file}`}.list.json.gz`;
}

export function isListName(name: string): boolean {
  return name.startsWith(listFolder);
}

/** Path of a block in a published folder; the ending keeps servers from compressing it again. */
export function blockPath(sha256: string): string {
  return `blocks/${sha256.slice(0, 2)}/${sha256}.gz`;
}

/** sha256 of a block as served, in hexadecimal. */
export function digestOfBlock({ digests }: Pick<BlockedFile, 'digests'>, at: number): string {
  // Three bytes are four characters: decoded is what contains the 32 bytes.
  const from = Math.floor((at * 32) / 3);
  const bytes = bytesOfBase64(digests.slice(from * 4, Math.ceil(((at + 1) * 32) / 3) * 4));
  const start = at * 32 - from * 3;
  return Array.from(bytes.subarray(start, start + 32), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Reads a published catalog, decompressed. @throws FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED */
export function parseCatalog(text: Uint8Array, where: string): BlockCatalog {
  const catalog = parse(text, where) as BlockCatalog;
  const { parts, files } = catalog;
  if (typeof parts !== 'object' || parts === null) throw brokenList('parts', where);
  for (const [name, manifest] of Object.entries(parts)) {
    if (manifest?.format !== feedFormat) throw otherFormat(where);
    const lists = [manifest.platforms, manifest.inputs, manifest.sources, manifest.outputs];
    if (!lists.every((list) => Array.isArray(list))) throw brokenList(`parts/${name}`, where);
    if (contentFault(manifest.content) >= 0) throw brokenList(`parts/${name}/content`, where);
  }
  requireFiles(files, where);
  return catalog;
}

/** Reads a published list of blocks, decompressed. @throws FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED */
export function parseList(text: Uint8Array, where: string): BlockList {
  const list = parse(text, where) as BlockList;
  requireFiles(list.files, where);
  return list;
}

/** Reads the list of a search file, decompressed. @throws FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED */
export function parseSearchList(text: Uint8Array, where: string): SearchList {
  const list = parse(text, where) as SearchList;
  requireFiles(list.files, where, blocksFault);
  return list;
}

function parse(text: Uint8Array, where: string): Partial<BlockCatalog> {
  let found: unknown;
  try {
    found = parseForeignJson(text);
  } catch (cause) {
    throw brokenList('not JSON', where, cause);
  }
  if (typeof found !== 'object' || found === null) throw brokenList('no object', where);
  if ((found as BlockList).format !== blockFormat) throw otherFormat(where);
  return found;
}

function requireFiles(
  files: unknown,
  where: string,
  faultOf: (file: FileBlocks) => string | undefined = fileFault,
): void {
  if (!Array.isArray(files)) throw brokenList('files', where);
  files.forEach((file: Partial<FileBlocks> | null, at) => {
    const fault = file ? faultOf(file as FileBlocks) : 'no object';
    if (fault !== undefined) throw brokenList(`files/${at}: ${fault}`, where);
  });
}

const safePath = /^index\/[A-Za-z0-9][A-Za-z0-9._+-]*$/;
const safeName = /^[a-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*)+$/;

function fileFault(file: FileBlocks): string | undefined {
  const { path, whole, gzip } = file;
  if (typeof path !== 'string' || !safePath.test(path)) return 'path';
  if (!isWholeOf(path, whole, encodings)) return 'whole';
  return gzip === undefined || isWholeOf(path, gzip, ['gz']) ? blocksFault(file) : 'gzip';
}

function isWholeOf(path: string, whole: Partial<WholeTarget> | null, forms: readonly string[]): boolean {
  const { name, length, sha256 } = whole ?? {};
  return (
    typeof name === 'string' &&
    safeName.test(name) &&
    forms.some((encoding) => name.endsWith(`${path}.${encoding}`)) &&
    isLength(length) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}

function blocksFault({ path, list, keys, plain, served, digests, names }: BlockedFile): string | undefined {
  if (typeof path !== 'string' || !safePath.test(path)) return 'path';
  if (list !== undefined) return typeof list === 'string' && isListName(list) ? undefined : 'list';
  if (![keys, plain, served].every((each) => Array.isArray(each) && each.length === keys.length))
    return 'keys';
  if (!keys.every((key, at) => typeof key === 'string' && (at === 0 || keys[at - 1]! < key))) return 'keys';
  if (!plain.every(isLength) || !served.every(isLength)) return 'lengths';
  if (base64Length(digests) !== keys.length * 32) return 'digests';
  const isNames = names === undefined || base64Length(names) % nameBytes === 0;
  return isNames ? undefined : 'names';
}

/** NaN: it is no base64. */
function base64Length(text: unknown): number {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    return Number.NaN;
  return (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
}

/** A block or file is read into memory. */
const maxLength = 2 ** 30;

function isLength(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= maxLength;
}

export function brokenList(what: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `the signed list of blocks is broken: ${what}`,
    where,
    remedy: 'report it to the publisher; meanwhile use `scapfeed pull`',
    ...(cause === undefined ? {} : { cause }),
  });
}

function otherFormat(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_FORMAT_UNSUPPORTED',
    message: `the blocks of this feed have a format that this scapfeed does not read`,
    where,
    remedy: 'use a newer version of scapfeed, or ask the publisher to use this one',
  });
}

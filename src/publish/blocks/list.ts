import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { mostUnfolded } from '../../io/bytes.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { feedFormat, type Manifest, ScapfeedError } from '../../model/index.ts';
import { contentFault } from '../../model/manifest-shape.ts';
import { encodings } from '../feed/encoding.ts';
import { feedRole } from '../site/layout.ts';

/** The whole of a file as a target: its name, and length and sha256 of the bytes as served. */
export interface WholeTarget {
  name: string;
  length: number;
  sha256: string;
}

/** The blocks of a line file, in their order. */
export interface FileBlocks {
  /** Path in a feed: `index/debian-12.jsonl`. */
  path: string;
  whole: WholeTarget;
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
export function digestOfBlock({ digests }: Pick<FileBlocks, 'digests'>, at: number): string {
  return Buffer.from(digests, 'base64').toString('hex', at * 32, (at + 1) * 32);
}

/** The digest of a key in the list of names. */
export function nameDigest(key: string): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, nameBytes);
}

/** The parts of a published catalog. @throws FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED */
export function readCatalog(bytes: Buffer, where: string): BlockCatalog {
  const catalog = unfold(bytes, where) as BlockCatalog;
  const { parts, files } = catalog;
  if (typeof parts !== 'object' || parts === null) throw corrupt('parts', where);
  for (const [name, manifest] of Object.entries(parts)) {
    if (manifest?.format !== feedFormat) throw otherFormat(where);
    const lists = [manifest.platforms, manifest.inputs, manifest.sources, manifest.outputs];
    if (!lists.every((list) => Array.isArray(list))) throw corrupt(`parts/${name}`, where);
    if (contentFault(manifest.content) >= 0) throw corrupt(`parts/${name}/content`, where);
  }
  requireFiles(files, where);
  return catalog;
}

/** The files of a published list of blocks. @throws FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED */
export function readList(bytes: Buffer, where: string): BlockList {
  const list = unfold(bytes, where) as BlockList;
  requireFiles(list.files, where);
  return list;
}

function unfold(bytes: Buffer, where: string): Partial<BlockCatalog> {
  let found: unknown;
  try {
    found = parseForeignJson(gunzipSync(bytes, { maxOutputLength: mostUnfolded(bytes.length) }));
  } catch (cause) {
    throw corrupt('not JSON', where, cause);
  }
  if (typeof found !== 'object' || found === null) throw corrupt('no object', where);
  if ((found as BlockList).format !== blockFormat) throw otherFormat(where);
  return found;
}

function requireFiles(files: unknown, where: string): void {
  if (!Array.isArray(files)) throw corrupt('files', where);
  files.forEach((file: Partial<FileBlocks> | null, at) => {
    const fault = file ? fileFault(file as FileBlocks) : 'no object';
    if (fault !== undefined) throw corrupt(`files/${at}: ${fault}`, where);
  });
}

const safePath = /^index\/[A-Za-z0-9][A-Za-z0-9._+-]*$/;
const safeName = /^[a-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*)+$/;

function fileFault({
  path,
  whole,
  list,
  keys,
  plain,
  served,
  digests,
  names,
}: FileBlocks): string | undefined {
  if (typeof path !== 'string' || !safePath.test(path)) return 'path';
  const isWhole =
    typeof whole?.name === 'string' &&
    safeName.test(whole.name) &&
    encodings.some((encoding) => whole.name.endsWith(`${path}.${encoding}`)) &&
    isLength(whole.length) &&
    /^[0-9a-f]{64}$/.test(whole.sha256);
  if (!isWhole) return 'whole';
  if (list !== undefined) return typeof list === 'string' && isListName(list) ? undefined : 'list';
  if (![keys, plain, served].every((each) => Array.isArray(each) && each.length === keys.length))
    return 'keys';
  if (!keys.every((key, at) => typeof key === 'string' && (at === 0 || keys[at - 1]! < key))) return 'keys';
  if (!plain.every(isLength) || !served.every(isLength)) return 'lengths';
  if (typeof digests !== 'string' || Buffer.from(digests, 'base64').length !== keys.length * 32)
    return 'digests';
  const isNames = names === undefined || (typeof names === 'string' && base64Length(names) % nameBytes === 0);
  return isNames ? undefined : 'names';
}

function base64Length(text: string): number {
  return Buffer.from(text, 'base64').length;
}

/** A block or file is read into memory. */
const maxLength = 2 ** 30;

function isLength(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= maxLength;
}

function corrupt(what: string, where: string, cause?: unknown): ScapfeedError {
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

/** POSIX ustar (IEEE 1003.1, pax): blocks of 512 bytes, a header before each file. */
export const blockBytes = 512;

/** Type flags of the entries that a bundle has: files, and the records of pax that speak of the file after them. */
const regular = '0';
const extended = 'x';

/** Bytes of a header's name and prefix fields. A longer name needs a pax record. */
const nameBytes = 100;
const prefixBytes = 155;
/** More than any name of a published folder has: the pax records that are read for one. */
const maxPaxBytes = 4096;

/**
 * A regular file's header; a name too long for it stands in a pax record in front. Owner, mode and time are fixed: equal
 * content gives equal bundles.
 */
export function tarHeader(name: string, size: number): Buffer {
  const split = splitName(name);
  if (split) return header(split, size, regular);
  const record = paxRecord('path', name);
  return Buffer.concat([
    header(['', '././@PaxHeader'], record.length, extended),
    record,
    Buffer.alloc(tarPadding(record.length)),
    header(['', name.slice(-nameBytes)], size, regular),
  ]);
}

type SplitName = readonly [prefix: string, rest: string];

function header([prefix, rest]: SplitName, size: number, type: string): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write(rest, 0, nameBytes, 'utf8');
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345, prefixBytes, 'utf8');
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Bytes after a file that fill its last block. */
export function tarPadding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

/** `30 path=...\n`: the number in front counts the whole record, its own digits too (pax, "Extended Header"). */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes;
  while (String(length).length + bytes !== length) length = String(length).length + bytes;
  return Buffer.from(`${length}${rest}`);
}

export interface TarFile {
  name: string;
  size: number;
  /** Where its content begins. */
  start: number;
}

/** Reads so many bytes of an archive; fewer where it ends. */
export type ReadAt = (position: number, bytes: number) => Buffer;

/**
 * The file whose header, or whose pax record, stands at a position; undefined for the empty block that ends an archive.
 * Throws RangeError for anything that no bundle has, EndOfTar where the archive was cut.
 */
export function readTarFile(read: ReadAt, position: number): TarFile | undefined {
  const first = readHeader(read, position);
  if (first?.type !== extended) return first;
  if (first.size > maxPaxBytes) throw new RangeError(`${first.size} bytes of pax records`);
  const name = paxPath(exactly(read, first.start, first.size));
  const file = readHeader(read, first.start + first.size + tarPadding(first.size));
  if (file?.type !== regular) throw new RangeError('a pax record without its file');
  return { ...file, name };
}

/** The archive is shorter than its headers say. */
export class EndOfTar extends Error {}

function exactly(read: ReadAt, position: number, bytes: number): Buffer {
  const found = read(position, bytes);
  if (found.length < bytes) throw new EndOfTar();
  return found;
}

function readHeader(read: ReadAt, position: number): (TarFile & { type: string }) | undefined {
  const header = exactly(read, position, blockBytes);
  if (header.every((byte) => byte === 0)) return undefined;
  const expected = Number.parseInt(header.toString('latin1', 148, 156), 8);
  const plain = Buffer.from(header);
  plain.write('        ', 148);
  if (checksum(plain) !== expected) throw new RangeError('a header has a wrong checksum');
  const type = header.toString('latin1', 156, 157);
  if (type !== regular && type !== extended) throw new RangeError('an entry is no regular file');
  const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
  if (!(size >= 0)) throw new RangeError('an entry has no size');
  const prefix = text(header, 345, prefixBytes);
  const name = text(header, 0, nameBytes);
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, start: position + blockBytes, type };
}

/** The one record that we write. */
function paxPath(records: Buffer): string {
  const [, length, path] = /^(\d{1,5}) path=([^\n]+)\n$/.exec(records.toString('utf8')) ?? [];
  if (path === undefined || Number(length) !== records.length)
    throw new RangeError('a pax record is malformed');
  return path;
}

function text(header: Buffer, at: number, length: number): string {
  const end = header.indexOf(0, at);
  return header.toString('utf8', at, end === -1 || end > at + length ? at + length : end);
}

function checksum(header: Buffer): number {
  return header.reduce((sum, byte) => sum + byte, 0);
}

/** Undefined: the name does not fit the two fields at any of its slashes. */
function splitName(name: string): SplitName | undefined {
  if (Buffer.byteLength(name) <= nameBytes) return ['', name];
  for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
    const [prefix, rest] = [name.slice(0, slash), name.slice(slash + 1)];
    if (Buffer.byteLength(prefix) <= prefixBytes && Buffer.byteLength(rest) <= nameBytes)
      return [prefix, rest];
  }
  return undefined;
}

import { ScapfeedError } from '../../model/index.ts';

/** POSIX ustar (IEEE 1003.1, pax): blocks of 512 bytes, a header before each file. */
export const blockBytes = 512;

/** A regular file's header. Owner, mode and time are fixed: equal content gives equal bundles. */
export function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const [prefix, rest] = splitName(name);
  header.write(rest, 0, 100, 'utf8');
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345, 155, 'utf8');
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Bytes after a file that fill its last block. */
export function tarPadding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

export interface TarFile {
  name: string;
  size: number;
}

/** Undefined for the empty block that ends an archive. Throws RangeError for anything that is no regular file's header. */
export function readTarHeader(header: Buffer): TarFile | undefined {
  if (header.every((byte) => byte === 0)) return undefined;
  const expected = Number.parseInt(header.toString('latin1', 148, 156), 8);
  const plain = Buffer.from(header);
  plain.write('        ', 148);
  if (checksum(plain) !== expected) throw new RangeError('a header has a wrong checksum');
  if (header.toString('latin1', 156, 157) !== '0') throw new RangeError('an entry is no regular file');
  const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
  if (!(size >= 0)) throw new RangeError('an entry has no size');
  const prefix = text(header, 345, 155);
  const name = text(header, 0, 100);
  return { name: prefix === '' ? name : `${prefix}/${name}`, size };
}

function text(header: Buffer, at: number, length: number): string {
  const end = header.indexOf(0, at);
  return header.toString('utf8', at, end === -1 || end > at + length ? at + length : end);
}

function checksum(header: Buffer): number {
  return header.reduce((sum, byte) => sum + byte, 0);
}

function splitName(name: string): [prefix: string, rest: string] {
  if (name.length <= 100) return ['', name];
  for (let slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
    if (slash <= 155 && name.length - slash - 1 <= 100) return [name.slice(0, slash), name.slice(slash + 1)];
  }
  throw new ScapfeedError({ code: 'INTERNAL', message: 'a name is too long for a bundle', where: name });
}

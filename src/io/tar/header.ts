import { TarFault } from './fault.ts';
import { blockSize, field } from './format.ts';

/** One header block as it stands, before extended headers change it. */
export interface RawHeader {
  name: string;
  linkName: string;
  /** Type flag, one character. */
  flag: string;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since the epoch; NaN where the field is no octal number. */
  mtime: number;
}

type Field = readonly [offset: number, length: number];

/** Decodes the header block at an offset of the buffer. Throws TarFault: checksum, numbers. */
export function decodeHeader(block: Buffer, at: number): RawHeader {
  if (!checksumHolds(block, at))
    throw new TarFault('expected a tar header, found a block with a wrong checksum');
  const name = text(block, at, field.name);
  const prefix = prefixOf(block, at);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, at, field.linkName),
    flag: String.fromCharCode(block[at + field.type[0]]!),
    size: number(block, at, field.size),
    mode: number(block, at, field.mode) & 0o7777,
    uid: id(block, at, field.uid),
    gid: id(block, at, field.gid),
    mtime: time(block, at),
  };
}

/** True for a block of zeros: two of them end an archive. */
export function isZeroBlock(block: Buffer, at: number): boolean {
  if (block[at] !== 0) return false;
  for (let i = at; i < at + blockSize; i++) if (block[i] !== 0) return false;
  return true;
}

/** Bytes as text: UTF-8 where they are, else one character a byte, so that different names stay different. */
export function decodeText(bytes: Buffer): string {
  const decoded = bytes.toString('utf8');
  return decoded.includes('\ufffd') ? bytes.toString('latin1') : decoded;
}

/** A user or group: some systems write -2 for nobody, which is then the unsigned number of the same bits. */
function id(block: Buffer, at: number, [offset, length]: Field): number {
  const start = at + offset;
  return block[start]! & 0x80 ? block.readUInt32BE(start + length - 4) : octal(block, start, length);
}

/** NaN if it cannot be parsed: no archive is refused for its times. */
function time(block: Buffer, at: number): number {
  const [start, length] = field.mtime;
  const text = block.toString('latin1', at + start, at + start + length);
  const octalDigits = /^ *([0-7]+)[ \0]*$/.exec(text)?.[1];
  return octalDigits === undefined ? Number.NaN : Number.parseInt(octalDigits, 8);
}

/** A number of a header field: octal text, or GNU's base-256 when the first bit is set. */
export function number(block: Buffer, at: number, [offset, length]: Field): number {
  const start = at + offset;
  return block[start]! & 0x80 ? base256(block, start, length) : octal(block, start, length);
}

function base256(block: Buffer, start: number, length: number): number {
  if (block[start]! & 0x40) throw new TarFault('expected a size or id of zero or more, found a negative one');
  let value = block[start]! & 0x3f;
  for (let i = start + 1; i < start + length; i++) value = value * 256 + block[i]!;
  if (!Number.isSafeInteger(value)) throw new TarFault(`expected a number below 2^53, found ${value}`);
  return value;
}

function octal(block: Buffer, start: number, length: number): number {
  let value = 0;
  let digits = false;
  for (let i = start; i < start + length; i++) {
    const byte = block[i]!;
    if (byte === 0 || byte === 0x20) {
      if (digits) break;
    } else if (byte >= 0x30 && byte <= 0x37) {
      digits = true;
      value = value * 8 + (byte - 0x30);
    } else {
      const found = JSON.stringify(block.toString('latin1', start, start + length));
      throw new TarFault(`expected an octal number, found ${found}`);
    }
  }
  return value;
}

function text(block: Buffer, at: number, [offset, length]: Field): string {
  const start = at + offset;
  const end = block.subarray(start, start + length).indexOf(0);
  return decodeText(block.subarray(start, start + (end === -1 ? length : end)));
}

/** The prefix of the name, as container engines determine it (Go's archive/tar). */
function prefixOf(block: Buffer, at: number): string {
  const magic = latin1(block, at, field.magic);
  if (magic === 'ustar\0') {
    const isStar = latin1(block, at, field.starTrailer) === 'tar\0';
    return text(block, at, isStar ? field.starPrefix : field.prefix);
  }
  if (magic !== 'ustar ' || latin1(block, at, field.version) !== ' \0') return '';
  // GNU's format has times there; but old versions of Go wrote a prefix, recognised by not being valid times.
  if (isGnuTime(block, at, field.gnuAtime) && isGnuTime(block, at, field.gnuCtime)) return '';
  const prefix = text(block, at, field.prefix);
  return /^[\x01-\x7f]*$/.test(prefix) ? prefix : '';
}

/** Octal digits, or base 256 in 64 bits with a sign; no time at all is one too. */
function isGnuTime(block: Buffer, at: number, [offset, length]: Field): boolean {
  const bytes = block.subarray(at + offset, at + offset + length);
  const first = bytes[0]!;
  if (first < 0x80)
    return first === 0 || /^[ \0]*(?:[0-7]+(?:\0.*)?)?[ \0]*$/s.test(bytes.toString('latin1'));
  const fill = first & 0x40 ? 0xff : 0;
  const above = bytes.subarray(1, length - 8);
  return (
    (first | 0x80) === (fill | 0x80) &&
    above.every((byte) => byte === fill) &&
    (bytes[length - 8]! ^ fill) < 0x80
  );
}

function latin1(block: Buffer, at: number, [offset, length]: Field): string {
  return block.toString('latin1', at + offset, at + offset + length);
}

/** The sum of the header's bytes with blanks in the place of the checksum; old tars summed signed bytes. */
export function checksumHolds(block: Buffer, at: number): boolean {
  const [start, length] = field.checksum;
  let unsigned = 0x20 * length;
  let high = 0;
  for (let i = 0; i < blockSize; i++) {
    if (i >= start && i < start + length) continue;
    const byte = block[at + i]!;
    unsigned += byte;
    if (byte > 127) high += 1;
  }
  const recorded = checksumField(block, at + start);
  return recorded === unsigned || recorded === unsigned - 256 * high;
}

function checksumField(block: Buffer, start: number): number {
  const digits = /^[ \0]*([0-7]+)/.exec(block.toString('latin1', start, start + 8));
  return digits ? Number.parseInt(digits[1]!, 8) : -1;
}

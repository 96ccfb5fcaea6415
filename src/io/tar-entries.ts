import { ScapfeedError } from '../model/index.ts';

/** A regular file of a tar stream. */
export interface TarEntry {
  name: string;
  content: Buffer;
}

export interface TarOptions {
  /** Which files' contents are wanted; the others are passed over without being held. Default: all. */
  wanted?(name: string): boolean;
  /** Largest content held; above it SOURCE_TOO_LARGE. Default 64 MiB. */
  maxEntryBytes?: number;
  /** Headers read at most, against archives that never end. Default 4,000,000. */
  maxEntries?: number;
  /** Name of the archive in errors. */
  where: string;
}

const blockSize = 512;
const defaultMaxEntryBytes = 64 << 20;
const defaultMaxEntries = 4_000_000;
// Long names and pax records are held whole; a path is at most 4 kB on the systems that make them.
const maxMetadataBytes = 1 << 20;

/**
 * The wanted regular files of a tar (POSIX.1-1988 ustar, pax paths, GNU long names) in the order of the archive,
 * one at a time: nothing is unpacked, and no more than one file's content is held.
 */
export async function* tarEntries(
  chunks: AsyncIterable<Uint8Array>,
  options: TarOptions,
): AsyncGenerator<TarEntry> {
  const {
    wanted = () => true,
    maxEntryBytes = defaultMaxEntryBytes,
    maxEntries = defaultMaxEntries,
  } = options;
  const bytes = new ByteQueue(chunks, options.where);
  try {
    const names: NameRecords = {};
    for (let count = 0; ; count++) {
      const header = await bytes.take(blockSize);
      if (header === undefined || isZeroBlock(header)) return await bytes.finish();
      if (count === maxEntries) throw tooMany(maxEntries, options.where);
      const entry = readHeader(header, options.where);
      const padded = Math.ceil(entry.size / blockSize) * blockSize;
      if (entry.type === 'L' || entry.type === 'x') {
        bound(entry.size, maxMetadataBytes, entry.name, options.where);
        const content = await bytes.takeWhole(padded);
        names[entry.type] = nameRecord(entry.type, content.subarray(0, entry.size));
        continue;
      }
      // As the image's own tars are read: GNU's name wins over pax, and an empty one is none.
      const name = names.L || names.x || entry.name;
      names.L = undefined;
      names.x = undefined;
      if ((entry.type !== '0' && entry.type !== '\0') || !wanted(name)) {
        await bytes.skip(padded);
        continue;
      }
      bound(entry.size, maxEntryBytes, name, options.where);
      const content = await bytes.takeWhole(padded);
      yield { name, content: content.subarray(0, entry.size) };
    }
  } finally {
    await bytes.close();
  }
}

/** Names that records before an entry give it, by the records' type flag. */
interface NameRecords {
  L?: string | undefined;
  x?: string | undefined;
}

interface Header {
  name: string;
  size: number;
  type: string;
}

function readHeader(block: Buffer, where: string): Header {
  const size = readNumber(block.subarray(124, 136));
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 500) : '';
  const name = text(block, 0, 100);
  if (size === undefined || checksum(block) !== readNumber(block.subarray(148, 156))) {
    throw malformed(
      `expected a tar header, found other bytes near ${JSON.stringify(name.slice(0, 60))}`,
      where,
    );
  }
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type: String.fromCharCode(block[156]!) };
}

/** Octal text, or base 256 when the first bit is set (GNU). */
function readNumber(field: Buffer): number | undefined {
  if ((field[0]! & 0x80) !== 0) {
    const value = field.readUIntBE(field.length - 6, 6);
    const high = field.subarray(1, field.length - 6);
    return (field[0]! & 0x7f) === 0 && high.every((byte) => byte === 0) ? value : undefined;
  }
  const digits = /^[ \0]*([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits || '0', 8);
}

/** Sum of all bytes with the checksum's own field taken as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at++) if (at < 148 || at >= 156) sum += block[at]!;
  return sum;
}

function nameRecord(type: string, content: Buffer): string | undefined {
  if (type === 'L') return text(content, 0, content.length);
  let at = 0;
  let path: string | undefined;
  while (at < content.length) {
    const blank = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, blank));
    if (blank === -1 || !(length > 0)) return path;
    const record = content.toString('utf8', blank + 1, at + length - 1);
    if (record.startsWith('path=')) path = record.slice('path='.length);
    at += length;
  }
  return path;
}

function text(block: Buffer, start: number, end: number): string {
  const zero = block.subarray(start, end).indexOf(0);
  return block.toString('utf8', start, zero === -1 ? end : start + zero);
}

function isZeroBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function bound(size: number, limit: number, name: string, where: string): void {
  if (size <= limit) return;
  throw new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected at most ${limit} bytes in one file of the archive, found ${size}`,
    where: `${where}#${name}`,
  });
}

function tooMany(limit: number, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected at most ${limit} files in the archive, found more`,
    where,
  });
}

function malformed(message: string, where: string): ScapfeedError {
  return new ScapfeedError({ code: 'SOURCE_MALFORMED', message, where, remedy: 'fetch the archive again' });
}

/** Takes exact lengths out of a stream of pieces. */
class ByteQueue {
  #source: AsyncIterator<Uint8Array>;
  #where: string;
  #piece: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, where: string) {
    this.#source = chunks[Symbol.asyncIterator]();
    this.#where = where;
  }

  /** Undefined at the clean end of the stream. */
  async take(length: number): Promise<Buffer | undefined> {
    if (this.#at === this.#piece.length && !(await this.#next())) return undefined;
    return this.takeWhole(length);
  }

  async takeWhole(length: number): Promise<Buffer> {
    if (this.#piece.length - this.#at >= length) {
      this.#at += length;
      return this.#piece.subarray(this.#at - length, this.#at);
    }
    const whole = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      if (this.#at === this.#piece.length && !(await this.#next())) throw this.#cut();
      const copied = this.#piece.copy(whole, filled, this.#at, this.#at + length - filled);
      this.#at += copied;
      filled += copied;
    }
    return whole;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      if (this.#at === this.#piece.length && !(await this.#next())) throw this.#cut();
      const passed = Math.min(left, this.#piece.length - this.#at);
      this.#at += passed;
      left -= passed;
    }
  }

  /** Reads what pads the archive: a compressed stream that was cut off there says so only at its end. */
  async finish(): Promise<void> {
    while (await this.#next());
  }

  /** Ends the source: a file is closed, a decoder's thread stops. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #next(): Promise<boolean> {
    for (;;) {
      const { value, done } = await this.#source.next();
      if (done) return false;
      if (value.length === 0) continue;
      this.#piece = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#at = 0;
      return true;
    }
  }

  #cut(): ScapfeedError {
    return malformed('the archive ends in the middle of a file', this.#where);
  }
}

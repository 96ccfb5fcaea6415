import { readAll } from './bytes.ts';

/** Buffer of compressed bytes; the content is decompressed block by block. */
const maxCompressed = 2 ** 28;
const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const groupSize = 50;
const maxCodeLength = 20;

/** Decompresses a bzip2 file of one or more streams, a block (at most 900 kB) at a time; throws an Error if it is damaged. */
export async function* bunzip2(body: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  const packed = await readAll(body, { maxBytes: maxCompressed, code: 'SOURCE_TOO_LARGE', where });
  const bits = new BitReader(packed);
  while (!bits.atEnd) yield* stream(bits);
}

function* stream(bits: BitReader): Generator<Uint8Array> {
  const level = bits.read(24) === 0x425a68 ? bits.read(8) - 0x30 : 0;
  if (level < 1 || level > 9) throw broken('no stream header');
  for (;;) {
    const magic = bits.read(24) * 2 ** 24 + bits.read(24);
    const checksum = bits.read(32);
    if (magic === endMagic) {
      bits.align();
      return;
    }
    if (magic !== blockMagic) throw broken('no block header');
    const plain = block(bits, level * 100_000);
    if (crc32(plain) !== checksum) throw broken('a block with a wrong checksum');
    yield plain;
  }
}

function block(bits: BitReader, blockSize: number): Uint8Array {
  if (bits.read(1) === 1) throw broken('a randomised block, which no tool has written since 1998');
  const origin = bits.read(24);
  const symbols = usedBytes(bits);
  const packed = moveToFront(bits, symbols, blockSize);
  if (origin >= packed.length) throw broken('an origin outside of its block');
  return runLengths(burrowsWheeler(packed, origin));
}

function usedBytes(bits: BitReader): number[] {
  const ranges = bits.read(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if (!(ranges & (0x8000 >> range))) continue;
    const members = bits.read(16);
    for (let at = 0; at < 16; at++) if (members & (0x8000 >> at)) used.push(range * 16 + at);
  }
  if (used.length === 0) throw broken('a block without bytes');
  return used;
}

/** Huffman symbols: runs of the front byte (0 and 1 as digits of a length), positions in the list, end of block. */
function moveToFront(bits: BitReader, front: number[], blockSize: number): Uint8Array {
  const endOfBlock = front.length + 1;
  const tableCount = bits.read(3);
  const selectors = readSelectors(bits, tableCount);
  const tables = Array.from({ length: tableCount }, () => huffman(codeLengths(bits, endOfBlock + 1)));
  const out = new Uint8Array(blockSize);
  let size = 0;
  let run = 0;
  let digit = 1;
  for (let count = 0; ; count++) {
    const table = tables[selectors[Math.floor(count / groupSize)] ?? -1];
    if (!table) throw broken('more symbols than selectors');
    const symbol = table(bits);
    if (symbol < 2) {
      run += digit << symbol;
      digit *= 2;
      if (run > blockSize) throw broken('a run longer than its block');
      continue;
    }
    if (size + run + 1 > blockSize + (symbol === endOfBlock ? 1 : 0))
      throw broken('a block longer than its stream allows');
    out.fill(front[0]!, size, size + run);
    size += run;
    run = 0;
    digit = 1;
    if (symbol === endOfBlock) return out.subarray(0, size);
    const byte = front.splice(symbol - 1, 1)[0]!;
    front.unshift(byte);
    out[size++] = byte;
  }
}

function readSelectors(bits: BitReader, tableCount: number): number[] {
  const order = Array.from({ length: tableCount }, (_, at) => at);
  const selectors = new Array<number>(bits.read(15));
  for (let at = 0; at < selectors.length; at++) {
    let position = 0;
    while (bits.read(1)) position++;
    const [table] = order.splice(position, 1);
    if (table === undefined) throw broken('a selector of no table');
    order.unshift(table);
    selectors[at] = table;
  }
  return selectors;
}

function codeLengths(bits: BitReader, count: number): number[] {
  let length = bits.read(5);
  return Array.from({ length: count }, () => {
    while (bits.read(1)) length += bits.read(1) ? -1 : 1;
    if (length < 1 || length > maxCodeLength) throw broken('a code of no length');
    return length;
  });
}

/** A decoder of canonical codes: codes of one length are consecutive, symbols in rising order. */
function huffman(lengths: number[]): (bits: BitReader) => number {
  const counts = new Array<number>(maxCodeLength + 1).fill(0);
  for (const length of lengths) counts[length]!++;
  const sorted = lengths.map((_, symbol) => symbol).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  return (bits) => {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= maxCodeLength; length++) {
      code |= bits.read(1);
      const count = counts[length]!;
      if (code - first < count) return sorted[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw broken('a code of no symbol');
  };
}

function burrowsWheeler(last: Uint8Array, origin: number): Uint8Array {
  const starts = new Uint32Array(257);
  for (const byte of last) starts[byte + 1]!++;
  for (let byte = 0; byte < 256; byte++) starts[byte + 1]! += starts[byte]!;
  const next = new Uint32Array(last.length);
  for (let at = 0; at < last.length; at++) next[starts[last[at]!]!++] = at;
  const out = new Uint8Array(last.length);
  let at = next[origin]!;
  for (let position = 0; position < out.length; position++) {
    out[position] = last[at]!;
    at = next[at]!;
  }
  return out;
}

/** Four equal bytes are followed by the count of further ones. */
function runLengths(packed: Uint8Array): Uint8Array {
  let out = Buffer.alloc(packed.length * 2);
  let size = 0;
  let last = -1;
  let same = 0;
  for (const byte of packed) {
    const isCount = same === 4;
    const count = isCount ? byte : 1;
    if (size + count > out.length) out = Buffer.concat([out, Buffer.alloc(out.length + count)]);
    same = isCount ? 0 : byte === last ? same + 1 : 1;
    last = isCount ? last : byte;
    out.fill(last, size, size + count);
    size += count;
  }
  return out.subarray(0, size);
}

class BitReader {
  #bytes: Uint8Array;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#bit >= this.#bytes.length * 8;
  }

  /** The next bits, first one highest; at most 32. */
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      const byte = this.#bytes[this.#bit >> 3];
      if (byte === undefined) throw broken('an end in the middle');
      const available = 8 - (this.#bit & 7);
      const taken = Math.min(available, left);
      value = value * 2 ** taken + ((byte >> (available - taken)) & ((1 << taken) - 1));
      this.#bit += taken;
      left -= taken;
    }
    return value;
  }

  align(): void {
    this.#bit = (this.#bit + 7) & ~7;
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  return value;
});

/** CRC-32 with the high bit first, as in bzip2. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ byte) & 0xff]!;
  return ~crc >>> 0;
}

/** The caller adds the name of the file. */
function broken(found: string): Error {
  return new Error(found);
}

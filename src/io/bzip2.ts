const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const groupSize = 50;
const maxCodeLength = 20;
/** Codes up to this length are read by one look into a table. */
const quickLength = 10;
/** More than a block can have: 900,000 symbols of the longest code, and its tables. */
const maxPackedBlock = 3 * 2 ** 20;

/**
 * Decompresses a bzip2 file of one or more streams, a block at a time: of at most 900 kB, which runs of one byte make 46 MB of. Throws an
 * Error if it is damaged.
 */
export async function* bunzip2(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const bits = new BitReader(body);
  try {
    while (await bits.fill()) yield* stream(bits);
  } finally {
    await bits.close();
  }
}

async function* stream(bits: BitReader): AsyncGenerator<Uint8Array> {
  const level = bits.read(24) === 0x425a68 ? bits.read(8) - 0x30 : 0;
  if (level < 1 || level > 9) throw broken('no stream header');
  const room = { symbols: new Uint8Array(level * 100_000), links: new Uint32Array(level * 100_000) };
  for (;;) {
    await bits.fill();
    const magic = bits.read(24) * 2 ** 24 + bits.read(24);
    const checksum = bits.read(16) * 2 ** 16 + bits.read(16);
    if (magic === endMagic) {
      bits.align();
      return;
    }
    if (magic !== blockMagic) throw broken('no block header');
    const plain = block(bits, room);
    if (crc32(plain) !== checksum) throw broken('a block with a wrong checksum');
    yield plain;
  }
}

/** For the symbols of a block and the links between them, which may be many although a block is short. */
interface Room {
  symbols: Uint8Array;
  links: Uint32Array;
}

function block(bits: BitReader, room: Room): Uint8Array {
  if (bits.read(1) === 1) throw broken('a randomised block, which no tool has written since 1998');
  const origin = bits.read(24);
  const symbols = usedBytes(bits);
  const last = moveToFront(bits, symbols, room.symbols);
  if (origin >= last.length) throw broken('an origin outside of its block');
  return plainOf(linksOf(last, room.links), origin);
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
function moveToFront(bits: BitReader, used: readonly number[], out: Uint8Array): Uint8Array {
  const blockSize = out.length;
  const front = Uint8Array.from(used);
  const endOfBlock = front.length + 1;
  const tableCount = bits.read(3);
  const selectors = readSelectors(bits, tableCount);
  const tables = Array.from({ length: tableCount }, () => huffman(codeLengths(bits, endOfBlock + 1)));
  let size = 0;
  let run = 0;
  let digit = 1;
  for (const selector of selectors) {
    const table = tables[selector]!;
    for (let left = groupSize; left > 0; left--) {
      const symbol = bits.symbol(table);
      if (symbol < 2) {
        run += digit << symbol;
        digit *= 2;
        if (run > blockSize) throw broken('a run longer than its block');
        continue;
      }
      if (size + run + 1 > blockSize + (symbol === endOfBlock ? 1 : 0))
        throw broken('a block longer than its stream allows');
      if (run > 0) {
        out.fill(front[0]!, size, size + run);
        size += run;
        run = 0;
        digit = 1;
      }
      if (symbol === endOfBlock) return out.subarray(0, size);
      const place = symbol - 1;
      const byte = front[place]!;
      // A loop is faster for the places that text has, and 20 times slower for the last ones.
      if (place > 16) front.copyWithin(1, 0, place);
      else for (let at = place; at > 0; at--) front[at] = front[at - 1]!;
      front[0] = byte;
      out[size++] = byte;
    }
  }
  throw broken('more symbols than selectors');
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

/** Canonical codes: codes of one length are consecutive, symbols in rising order. */
interface Codes {
  /** By the next `quickLength` bits: symbol and length of a short code, `symbol * 32 + length`; 0: a longer one. */
  quick: Uint16Array;
  /** By length: the number of codes. */
  counts: readonly number[];
  /** Symbols by their codes. */
  sorted: readonly number[];
}

function huffman(lengths: readonly number[]): Codes {
  const counts = new Array<number>(maxCodeLength + 1).fill(0);
  for (const length of lengths) counts[length]!++;
  const sorted = lengths.map((_, symbol) => symbol).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const quick = new Uint16Array(2 ** quickLength);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= quickLength; length++) {
    const spread = 2 ** (quickLength - length);
    for (let left = counts[length]!; left > 0; left--) {
      const first = code * spread;
      if (first + spread > quick.length) throw broken('more codes than there can be');
      quick.fill(sorted[index++]! * 32 + length, first, first + spread);
      code += 1;
    }
    code *= 2;
  }
  return { quick, counts, sorted };
}

/** The sorted rotations of a block: the first byte of each, and above it the place of the rotation that follows in the text. */
function linksOf(last: Uint8Array, room: Uint32Array): Uint32Array {
  const links = room.subarray(0, last.length);
  const starts = new Uint32Array(257);
  for (let at = 0; at < last.length; at++) starts[last[at]! + 1]!++;
  for (let byte = 0; byte < 256; byte++) {
    const [from, to] = [starts[byte]!, starts[byte]! + starts[byte + 1]!];
    links.fill(byte, from, to);
    starts[byte + 1] = to;
  }
  for (let at = 0; at < last.length; at++) links[starts[last[at]!]!++]! |= at << 8;
  return links;
}

/** The text by its links, each a look far away in memory. Four equal bytes are followed by the count of further ones. */
function plainOf(links: Uint32Array, origin: number): Uint8Array {
  let out = Buffer.allocUnsafe(links.length * 2 + 256);
  let size = 0;
  let last = -1;
  let same = 0;
  let link = links[origin]!;
  for (let left = links.length; left > 0; left--) {
    const byte = link & 0xff;
    link = links[link >>> 8]!;
    if (same === 4) {
      if (size + byte + 256 > out.length) out = Buffer.concat([out, Buffer.allocUnsafe(out.length)]);
      out.fill(last, size, size + byte);
      size += byte;
      same = 0;
      continue;
    }
    if (size === out.length) out = Buffer.concat([out, Buffer.allocUnsafe(out.length)]);
    same = byte === last ? same + 1 : 1;
    last = byte;
    out[size++] = byte;
  }
  return out.subarray(0, size);
}

/** Reads bits of the bytes at hand, first one highest; `fill` gets the next bytes. */
class BitReader {
  readonly #body: AsyncIterator<Uint8Array>;
  #bytes: Uint8Array = new Uint8Array(0);
  /** The next byte. */
  #at = 0;
  /** Bits that were taken from the bytes and not read yet: the lowest `#have` ones. */
  #bits = 0;
  #have = 0;
  #ended = false;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#body = body[Symbol.asyncIterator]();
  }

  /** Gets so many bytes that a block can be read; false at the end of the file. */
  async fill(): Promise<boolean> {
    if (!this.#ended && this.#bytes.length - this.#at < maxPackedBlock) {
      const parts = [this.#bytes.subarray(this.#at)];
      let size = parts[0]!.length;
      while (size < 2 * maxPackedBlock) {
        const next = await this.#body.next();
        if (next.done) {
          this.#ended = true;
          break;
        }
        parts.push(next.value);
        size += next.value.length;
      }
      this.#bytes = Buffer.concat(parts);
      this.#at = 0;
    }
    return this.#at < this.#bytes.length || this.#have >= 8;
  }

  async close(): Promise<void> {
    await this.#body.return?.();
  }

  /** The next bits; at most 24. */
  read(count: number): number {
    while (this.#have < count) this.#take();
    this.#have -= count;
    return (this.#bits >>> this.#have) & (2 ** count - 1);
  }

  symbol({ quick, counts, sorted }: Codes): number {
    // Short of bits at the very end of a file, zeros stand for those that are not there.
    while (this.#have < maxCodeLength && this.#at < this.#bytes.length) this.#take();
    const ahead =
      this.#have >= quickLength
        ? this.#bits >>> (this.#have - quickLength)
        : this.#bits << (quickLength - this.#have);
    const found = quick[ahead & (2 ** quickLength - 1)]!;
    const length = found & 31;
    if (length === 0 || length > this.#have) return this.#longSymbol(counts, sorted);
    this.#have -= length;
    return found >> 5;
  }

  #longSymbol(counts: readonly number[], sorted: readonly number[]): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= maxCodeLength; length++) {
      code |= this.read(1);
      const count = counts[length]!;
      if (code - first < count) return sorted[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw broken('a code of no symbol');
  }

  #take(): void {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw broken('an end in the middle');
    this.#bits = (this.#bits << 8) | byte;
    this.#have += 8;
  }

  /** To the next whole byte. */
  align(): void {
    this.#have -= this.#have % 8;
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
  for (let at = 0; at < bytes.length; at++) crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** The caller adds the name of the file. */
function broken(found: string): Error {
  return new Error(found);
}

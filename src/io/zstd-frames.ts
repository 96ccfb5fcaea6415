import { ScapfeedError } from '../model/error.ts';

/** Frames that any stream may have, and stored bytes to each beyond them: every frame costs the decoder a start. */
const freeFrames = 65_536;
const bytesPerFrame = 64;

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/**
 * The same bytes in pieces that each lie within one frame: of a piece with several, Node's decoder (22 and 24) reads the first
 * and drops the rest without an error. Refused are streams of little but frames, and one that ends inside a frame, which Node
 * 22 takes for whole. The decoder itself refuses all other faults. @throws SOURCE_MALFORMED
 */
export async function* checkedFrames(
  body: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<Uint8Array> {
  const walk = new FrameWalk(where);
  let before = 0;
  for await (const piece of body) {
    let start = 0;
    for (let at = 0; at < piece.length; ) {
      at = walk.step(piece, at);
      if (!walk.isBetweenFrames) continue;
      walk.countFrame(before + at);
      yield piece.subarray(start, at);
      start = at;
    }
    if (start < piece.length) yield piece.subarray(start);
    before += piece.length;
  }
  walk.end();
}

/** The frames of a whole stream, by the same rules. @throws SOURCE_MALFORMED */
export function* framesOf(stream: Uint8Array, where: string): Generator<Uint8Array> {
  const walk = new FrameWalk(where);
  let start = 0;
  for (let at = 0; at < stream.length; ) {
    at = walk.step(stream, at);
    if (!walk.isBetweenFrames) continue;
    walk.countFrame(at);
    yield stream.subarray(start, at);
    start = at;
  }
  walk.end();
}

type Part = 'magic' | 'skippable size' | 'frame header' | 'block header' | 'checksum';

/** Goes from header to header of a zstd stream; what lies between is passed over. */
class FrameWalk {
  #where: string;
  #frames = 0;
  #part: Part = 'magic';
  /** Bytes of the part in hand, and how many it needs. */
  #bytes = Buffer.alloc(18);
  #filled = 0;
  #needed = 4;
  #skip = 0;
  #checksum = false;

  constructor(where: string) {
    this.#where = where;
  }

  /** Uses bytes from `at` on; returns where the next step begins. */
  step(piece: Uint8Array, at: number): number {
    if (this.#skip > 0) {
      const passed = Math.min(this.#skip, piece.length - at);
      this.#skip -= passed;
      return at + passed;
    }
    this.#bytes[this.#filled] = piece[at]!;
    this.#filled += 1;
    if (this.#filled === this.#needed) this.#take();
    return at + 1;
  }

  get isBetweenFrames(): boolean {
    return this.#part === 'magic' && this.#filled === 0 && this.#skip === 0;
  }

  /** A frame has ended; `stored` is the length of the stream so far. */
  countFrame(stored: number): void {
    this.#frames += 1;
    const most = freeFrames + Math.floor(stored / bytesPerFrame);
    if (this.#frames > most) throw this.#malformed(`expected at most ${most} frames by here, found more`);
  }

  /** The stream has no more bytes. */
  end(): void {
    if (this.isBetweenFrames) return;
    throw this.#malformed('expected a whole zstd frame, found the end of the file inside one');
  }

  #take(): void {
    if (this.#part === 'magic') this.#takeMagic();
    else if (this.#part === 'skippable size') this.#expect('magic', 4, this.#bytes.readUInt32LE(0));
    else if (this.#part === 'frame header') this.#takeFrameHeader();
    else if (this.#part === 'block header') this.#takeBlockHeader();
    else this.#expect('magic', 4);
  }

  #expect(part: Part, needed: number, skip = 0): void {
    this.#part = part;
    this.#needed = needed;
    this.#filled = 0;
    this.#skip = skip;
  }

  #takeMagic(): void {
    const magic = this.#bytes.readUInt32LE(0);
    if (magic === frameMagic) this.#expect('frame header', 1);
    else if ((magic & 0xfffffff0) >>> 0 === skippableMagic) this.#expect('skippable size', 4);
    else throw this.#malformed(`expected a zstd frame, found the magic number ${magic.toString(16)}`);
  }

  #takeFrameHeader(): void {
    const descriptor = this.#bytes[0]!;
    const single = (descriptor & 0x20) !== 0;
    const sizeFlag = descriptor >> 6;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
    const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 1 << sizeFlag;
    const length = 1 + (single ? 0 : 1) + dictionaryBytes + sizeBytes;
    if (this.#filled < length) {
      this.#needed = length;
      return;
    }
    this.#checksum = (descriptor & 4) !== 0;
    this.#expect('block header', 3);
  }

  #takeBlockHeader(): void {
    const header = this.#bytes.readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    const skip = type === 1 ? 1 : size;
    if ((header & 1) === 0) this.#expect('block header', 3, skip);
    else if (this.#checksum) this.#expect('checksum', 4, skip);
    else this.#expect('magic', 4, skip);
  }

  #malformed(message: string): ScapfeedError {
    return new ScapfeedError({ code: 'SOURCE_MALFORMED', message, where: this.#where });
  }
}

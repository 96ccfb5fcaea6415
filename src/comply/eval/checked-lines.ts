import { crc32 } from 'node:zlib';
import type { RandomAccess } from '../../model/inventory/index.ts';
import type { Shape } from '../../model/shape.ts';
import { corrupt, notAsWritten } from '../content/keyed-lines.ts';

/** Where a line begins and how long it is, in bytes. */
export type LinePlace = [at: number, length: number];

export function placeText(at: number, length: number): string {
  return `${at}:${length}`;
}

export function readPlace(text: string): LinePlace {
  const colon = text.indexOf(':');
  return [Number(text.slice(0, colon)), Number(text.slice(colon + 1))];
}

/** Every line is an object of JSON whose last member is the checksum of its place and the text before it: `,"crc32":"01234567"}`. */
const [lead, sumDigits, end] = [',"crc32":"', 8, '"}\n'];
const checkBytes = lead.length + sumDigits + end.length;

/** Bytes that are gathered for one write. */
const portionBytes = 1 << 20;

/** Writes lines with their checksums, and returns the position of each. */
export class CheckedLines {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #give: (bytes: Uint8Array) => void;
  #bytes = Buffer.allocUnsafe(portionBytes);
  #used = 0;
  #before: number;

  /**
   * `write` gets bytes that change after the call; `before`: bytes that were written elsewhere; `give` gets bytes that were
   * appended, which nobody uses any more.
   */
  constructor(write: (bytes: Uint8Array) => void, before = 0, give = write) {
    this.#write = write;
    this.#give = give;
    this.#before = before;
  }

  /** Adds a line: an object as JSON. */
  add(json: string): LinePlace {
    this.#room(json.length * 3 + checkBytes);
    const start = this.#used;
    // The checksum takes the place of the brace at the end.
    const at = start + this.#bytes.write(json, start) - 1;
    const sum = placed(crc32(this.#bytes.subarray(start, at)), this.#before + start);
    this.#used = at + this.#bytes.write(`${lead}${sum}${end}`, at, 'latin1');
    return [this.#before + start, this.#used - start];
  }

  /** Adds lines of these lengths that were written elsewhere, the first of them `at`; returns where they begin. */
  append(lines: Uint8Array, lengths: Uint32Array, at: number): number {
    this.flush();
    const start = this.#before;
    move(lines, lengths, at, start);
    this.#before += lines.length;
    this.#give(lines);
    return start;
  }

  /** Bytes of a line of ASCII. */
  static bytesOf(json: string): number {
    return json.length - 1 + checkBytes;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#before + this.#used;
  }

  flush(): void {
    if (this.#used === 0) return;
    this.#write(this.#bytes.subarray(0, this.#used));
    this.#before += this.#used;
    this.#used = 0;
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    this.flush();
    if (bytes > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(bytes);
  }
}

/** The checksum of a line that begins at a place, from that of its text: a line in the place of another is not taken for it. */
function placed(sum: number, at: number): string {
  return ((sum ^ at) >>> 0).toString(16).padStart(sumDigits, '0');
}

/** Makes lines that began at one place those of another: their texts need not be summed again. */
function move(lines: Uint8Array, lengths: Uint32Array, from: number, to: number): void {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  let at = 0;
  for (const length of lengths) {
    const digits = at + length - end.length - sumDigits;
    const sum = Number.parseInt(bytes.toString('latin1', digits, digits + sumDigits), 16) ^ (from + at);
    bytes.write(placed(sum, to + at), digits, 'latin1');
    at += length;
  }
}

/** Ends a line's JSON before a member that is not needed, the first of its name: `end` closes what is open there. */
export interface Cut {
  before: string;
  end: string;
}

/** Lines that are asked for together are read together where no more than the first lies between them, at most the second at once. */
const [gapBytes, portionRead] = [1 << 12, 1 << 16];
/** Read at once from a line on: most are much shorter, and elements that are used together are near each other. */
const roomBytes = 1 << 12;
/** More than the last line has. */
const tailBytes = 256;

/** Reads such lines, each checked when it is read. */
export class CheckedFile {
  readonly #file: RandomAccess;
  readonly #where: string;
  /** Bytes of the file that were read last for one line, where they begin, and how many they are. */
  readonly #held = Buffer.allocUnsafe(roomBytes);
  #heldFrom = 0;
  #heldBytes = 0;
  #portion: Buffer | undefined;

  constructor(file: RandomAccess, where: string) {
    this.#file = file;
    this.#where = where;
  }

  /** @throws CONTENT_MALFORMED for a line that is damaged, or of another shape: checksums are right in what another program wrote, too */
  line<T>(place: LinePlace, shape: Shape): T {
    const at = place[0];
    const length = place[1];
    if (length > roomBytes) return this.#parsed(this.#read(this.#held, at, length), at, place, shape);
    this.#requireInFile(at, length);
    if (at < this.#heldFrom || at + length > this.#heldFrom + this.#heldBytes) this.#hold(at);
    return this.#parsed(this.#held, this.#heldFrom, place, shape);
  }

  #hold(at: number): void {
    const bytes = Math.min(roomBytes, this.#file.size - at);
    this.#heldBytes = 0;
    this.#read(this.#held, at, bytes);
    this.#heldFrom = at;
    this.#heldBytes = bytes;
  }

  /** The lines at these places, of which neighbours in ascending order are read together. */
  *lines<T>(places: readonly LinePlace[], shape: Shape, cut?: Cut): Generator<T> {
    // For the next ones, unless these are not all read by then.
    const room = this.#portion ?? Buffer.allocUnsafe(portionRead);
    this.#portion = undefined;
    for (let nth = 0; nth < places.length; ) {
      // By number: code that has just begun takes a pair apart by an iterator.
      const start = places[nth]![0];
      let end = start + places[nth]![1];
      let behind = nth + 1;
      for (; behind < places.length; behind++) {
        const at = places[behind]![0];
        const more = places[behind]![1];
        if (!(at >= end && at <= end + gapBytes && more > 0 && at + more <= start + portionRead)) break;
        end = at + more;
      }
      const bytes = this.#read(room, start, end - start);
      for (; nth < behind; nth++) yield this.#parsed(bytes, start, places[nth]!, shape, cut);
    }
    this.#portion = room;
  }

  /** The last line, which says where everything else is. */
  last<T>(shape: Shape): T {
    const { size } = this.#file;
    const start = Math.max(0, size - tailBytes);
    const bytes = this.#read(Buffer.allocUnsafe(size - start), start, size - start);
    const from = bytes.subarray(0, -1).lastIndexOf(0x0a) + 1;
    return this.#parsed(bytes, start, [start + from, bytes.length - from], shape);
  }

  #requireInFile(at: number, length: number): void {
    const isPlace = Number.isSafeInteger(at) && Number.isSafeInteger(length) && at >= 0 && length > 0;
    if (isPlace && at + length <= this.#file.size) return;
    throw corrupt(this.#where, `the file is damaged: a line is sought outside it (${placeText(at, length)})`);
  }

  /** Bytes of the file from a place on, in the room that is given where they fit there. */
  #read(room: Buffer, at: number, length: number): Buffer {
    this.#requireInFile(at, length);
    const file = this.#file;
    const bytes = length > room.length ? Buffer.allocUnsafe(length) : room;
    const count = file.readInto ? file.readInto(bytes, 0, length, at) : file.read(at, length).copy(bytes);
    if (count < length) throw this.#damaged();
    return bytes;
  }

  /** A line in bytes that begin at `start` of the file. */
  #parsed(bytes: Buffer, start: number, place: LinePlace, shape: Shape, cut?: Cut): never {
    const at = place[0];
    const length = place[1];
    if (length <= checkBytes) throw this.#damaged();
    const from = at - start;
    const whole = bytes.toString('utf8', from, from + length);
    const text = whole.slice(0, -checkBytes);
    // Bytes that are no UTF-8 become others, of another sum.
    if (!whole.endsWith(`${lead}${placed(crc32(text), at)}${end}`)) throw this.#damaged();
    const cutAt = cut === undefined ? -1 : text.indexOf(cut.before);
    // The checksum gives way to the brace that it took the place of.
    const line = asJson(cut === undefined || cutAt === -1 ? `${text}}` : `${text.slice(0, cutAt)}${cut.end}`);
    const fault = shape(line);
    if (fault === undefined) return line as never;
    throw corrupt(this.#where, notAsWritten(`the line at byte ${at}`, fault));
  }

  #damaged(): Error {
    return corrupt(this.#where, 'the file is damaged or cut: the checksum of a line is another');
  }
}

/** Undefined, which has no shape, for what is none. */
function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { crc32 } from '../../io/crc32.ts';
import type { RandomAccess } from '../../model/index.ts';
import type { Shape } from '../../model/shape.ts';
import { corrupt, notAsWritten } from '../content/corrupt.ts';

/** Where a line begins and how long it is, in bytes. */
export type Place = [at: number, length: number];

export function placeText(at: number, length: number): string {
  return `${at}:${length}`;
}

export function readPlace(text: string): Place {
  const [at = '', length = ''] = text.split(':');
  return [Number(at), Number(length)];
}

/** Every line is an object of JSON whose last member is the checksum of its place and the text before it: `,"crc32":"01234567"}`. */
const [lead, sumDigits, end] = [',"crc32":"', 8, '"}\n'];
const checkBytes = lead.length + sumDigits + end.length;

/** Bytes that are gathered for one write. */
const portionBytes = 1 << 20;

/** Writes lines with their checksums, and tells where each of them is. */
export class CheckedLines {
  readonly #write: (bytes: Uint8Array) => void;
  #bytes = Buffer.allocUnsafe(portionBytes);
  #used = 0;
  #before: number;

  /** `write` gets bytes that change after the call; `before`: bytes that were written elsewhere. */
  constructor(write: (bytes: Uint8Array) => void, before = 0) {
    this.#write = write;
    this.#before = before;
  }

  /** Adds a line: an object as JSON. */
  add(json: string): Place {
    this.#room(json.length * 3 + checkBytes);
    const start = this.#used;
    // The checksum takes the place of the brace at the end.
    const at = start + this.#bytes.write(json, start) - 1;
    const sum = placed(crc32(this.#bytes.subarray(start, at)), this.#before + start);
    this.#used = at + this.#bytes.write(`${lead}${sum}${end}`, at, 'latin1');
    return [this.#before + start, this.#used - start];
  }

  /** Adds lines of these lengths that were written elsewhere, as if they began a file; returns where they begin. */
  append(lines: Uint8Array, lengths: Uint32Array): number {
    this.flush();
    const start = this.#before;
    this.#write(moved(lines, lengths, start));
    this.#before += lines.length;
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

/** Lines whose first is at 0, for a place further on: their texts need not be summed again. */
function moved(lines: Uint8Array, lengths: Uint32Array, start: number): Uint8Array {
  const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  let at = 0;
  for (const length of lengths) {
    const digits = at + length - end.length - sumDigits;
    const sum = Number.parseInt(bytes.toString('latin1', digits, digits + sumDigits), 16) ^ at;
    bytes.write(placed(sum, start + at), digits, 'latin1');
    at += length;
  }
  return bytes;
}

/** Neighbours of a line that are read with it. */
const windowBytes = 1 << 16;
/** More than the last line has. */
const tailBytes = 256;

/** Reads such lines, each checked when it is read. */
export class CheckedFile {
  readonly #file: RandomAccess;
  readonly #where: string;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  constructor(file: RandomAccess, where: string) {
    this.#file = file;
    this.#where = where;
  }

  /**
   * The line at a place. `near`: lines behind it will be asked for next.
   * @throws CONTENT_MALFORMED for one that is damaged, or of another shape: checksums are right in what another program wrote, too
   */
  line<T>([at, length]: Place, shape: Shape, near = false): T {
    const isInFile = Number.isSafeInteger(at) && Number.isSafeInteger(length) && at >= 0 && length > 0;
    if (!isInFile || at + length > this.#file.size)
      throw corrupt(
        this.#where,
        `the file is damaged: a line is sought outside it (${placeText(at, length)})`,
      );
    const inside = at >= this.#windowAt && at + length <= this.#windowAt + this.#window.length;
    if (!inside && (!near || length > windowBytes))
      return this.#parsed(this.#file.read(at, length), at, shape);
    if (!inside) {
      this.#window = this.#file.read(at, windowBytes);
      this.#windowAt = at;
    }
    const start = at - this.#windowAt;
    return this.#parsed(this.#window.subarray(start, start + length), at, shape);
  }

  /** The last line, which says where everything else is. */
  last<T>(shape: Shape): T {
    const bytes = this.#file.read(Math.max(0, this.#file.size - tailBytes), tailBytes);
    const line = bytes.subarray(bytes.subarray(0, -1).lastIndexOf(0x0a) + 1);
    return this.#parsed(line, this.#file.size - line.length, shape);
  }

  #parsed(bytes: Buffer, at: number, shape: Shape): never {
    const length = bytes.length - checkBytes;
    const text = bytes.toString('utf8');
    const isGood =
      length > 0 && text.endsWith(`${lead}${placed(crc32(bytes.subarray(0, length)), at)}${end}`);
    if (!isGood) throw corrupt(this.#where, 'the file is damaged or cut: the checksum of a line is another');
    const line = asJson(text);
    const fault = shape(line);
    if (fault === undefined) return line as never;
    throw corrupt(this.#where, notAsWritten(`the line at byte ${at}`, fault));
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

import { crc32 } from '../../io/crc32.ts';
import type { RandomAccess } from '../../model/index.ts';
import { corrupt } from '../content/corrupt.ts';

/** Where a line begins and how long it is, in bytes. */
export type Place = [at: number, length: number];

export function placeText(at: number, length: number): string {
  return `${at}:${length}`;
}

export function readPlace(text: string): Place {
  const [at = '', length = ''] = text.split(':');
  return [Number(at), Number(length)];
}

/** Every line is an object of JSON whose last member is the checksum of the text before it: `,"crc32":"01234567"}`. */
const [lead, end] = [',"crc32":"', '"}\n'];
const checkBytes = lead.length + 8 + end.length;

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
    const sum = hex(crc32(this.#bytes.subarray(start, at)));
    this.#used = at + this.#bytes.write(`${lead}${sum}${end}`, at, 'latin1');
    return [this.#before + start, this.#used - start];
  }

  /** Adds lines that were written elsewhere; returns where they begin. */
  append(lines: Uint8Array): number {
    this.flush();
    const start = this.#before;
    this.#write(lines);
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

function hex(sum: number): string {
  return sum.toString(16).padStart(8, '0');
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

  /** The line at a place. `near`: lines behind it will be asked for next. */
  line<T>([at, length]: Place, near = false): T {
    const inside = at >= this.#windowAt && at + length <= this.#windowAt + this.#window.length;
    if (inside) return this.#parsed(this.#window.subarray(at - this.#windowAt, at - this.#windowAt + length));
    if (!near || length > windowBytes) return this.#parsed(this.#file.read(at, length));
    this.#window = this.#file.read(at, windowBytes);
    this.#windowAt = at;
    return this.#parsed(this.#window.subarray(0, length));
  }

  /** The last line, which says where everything else is. */
  last<T>(): T {
    const bytes = this.#file.read(Math.max(0, this.#file.size - tailBytes), tailBytes);
    return this.#parsed(bytes.subarray(bytes.subarray(0, -1).lastIndexOf(0x0a) + 1));
  }

  #parsed(bytes: Buffer): never {
    const at = bytes.length - checkBytes;
    const text = bytes.toString('utf8');
    const isGood = at > 0 && text.endsWith(`${lead}${hex(crc32(bytes.subarray(0, at)))}${end}`);
    if (!isGood) throw corrupt(this.#where, 'the file is damaged or cut: the checksum of a line is another');
    return JSON.parse(text) as never;
  }
}

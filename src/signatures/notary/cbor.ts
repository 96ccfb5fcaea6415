import { Refused } from '../refused.ts';

/** The values in COSE headers: RFC 8949 without floats and without indefinite lengths, which a signer has no use for. */
export type CborValue =
  | number
  | string
  | boolean
  | null
  | Buffer
  | readonly CborValue[]
  | CborMap
  | CborTagged;

export type CborMap = ReadonlyMap<number | string, CborValue>;

export class CborTagged {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

const maxDepth = 16;
/** Items of all arrays and maps of one document. */
const maxItems = 1000;

/** One item that takes up all of the bytes. Refused: SIGNATURE_MALFORMED. */
export function readCbor(bytes: Buffer): CborValue {
  const reader = new CborReader(bytes);
  const value = reader.item(0);
  reader.requireEnd();
  return value;
}

class CborReader {
  #bytes: Buffer;
  #at = 0;
  #items = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  item(depth: number): CborValue {
    if (depth > maxDepth) throw malformed(`expected at most ${maxDepth} levels, found more`);
    this.#items += 1;
    if (this.#items > maxItems) throw malformed(`expected at most ${maxItems} items, found more`);
    const first = this.#take(1)[0]!;
    const major = first >> 5;
    if (major === 7) return simpleValue(first & 0x1f);
    const argument = this.#argument(first & 0x1f);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return this.#take(argument);
      case 3:
        return this.#take(argument).toString('utf8');
      case 4:
        return this.#array(argument, depth);
      case 5:
        return this.#map(argument, depth);
      default:
        return new CborTagged(argument, this.item(depth + 1));
    }
  }

  requireEnd(): void {
    if (this.#at !== this.#bytes.length) throw malformed('expected the end, found more bytes');
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info === 24) return this.#take(1)[0]!;
    if (info === 25) return this.#take(2).readUInt16BE(0);
    if (info === 26) return this.#take(4).readUInt32BE(0);
    const value = info === 27 ? Number(this.#take(8).readBigUInt64BE(0)) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    throw malformed(`expected a length or number, found one of form ${info}`);
  }

  #array(count: number, depth: number): CborValue[] {
    const values: CborValue[] = [];
    while (values.length < count) values.push(this.item(depth + 1));
    return values;
  }

  #map(count: number, depth: number): CborMap {
    const map = new Map<number | string, CborValue>();
    for (let at = 0; at < count; at++) {
      const key = this.item(depth + 1);
      if (typeof key !== 'number' && typeof key !== 'string') throw malformed('expected a label, found none');
      if (map.has(key)) throw malformed(`expected a label once, found ${key} twice`);
      map.set(key, this.item(depth + 1));
    }
    return map;
  }

  #take(count: number): Buffer {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw malformed('expected more bytes, found the end');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function simpleValue(info: number): boolean | null {
  const known = new Map([
    [20, false],
    [21, true],
    [22, null],
  ]).get(info);
  if (known === undefined) throw malformed(`expected true, false or null, found form ${info}`);
  return known;
}

/** `["Signature1", protected, no further data, payload]`: what the signature of a COSE_Sign1 is over (RFC 9052 4.4). */
export function signature1(protectedHeader: Buffer, payload: Buffer): Buffer {
  const context = Buffer.from('Signature1');
  return Buffer.concat([
    Buffer.from([0x84]),
    head(3, context.length),
    context,
    head(2, protectedHeader.length),
    protectedHeader,
    head(2, 0),
    head(2, payload.length),
    payload,
  ]);
}

function head(major: number, length: number): Buffer {
  const type = major << 5;
  if (length < 24) return Buffer.from([type | length]);
  if (length < 0x100) return Buffer.from([type | 24, length]);
  if (length < 0x10000) return Buffer.from([type | 25, length >> 8, length & 0xff]);
  const bytes = Buffer.alloc(5);
  bytes[0] = type | 26;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function malformed(message: string): Refused {
  return new Refused('SIGNATURE_MALFORMED', `CBOR: ${message}`);
}

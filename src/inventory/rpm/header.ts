import { endianness } from 'node:os';
import { unreadable } from '../unreadable.ts';
import type { HeaderBlob } from './header-blob.ts';

/** Tags of rpmtag.h that an inventory needs. */
export const tags = {
  sigPgp: 259,
  sigGpg: 262,
  dsaHeader: 267,
  rsaHeader: 268,
  openPgp: 278,
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  arch: 1022,
  sourceRpm: 1044,
  modularityLabel: 5096,
} as const;

type Tag = (typeof tags)[keyof typeof tags];

/** 1 for a wanted tag: a header has a hundred entries, few of which are wanted. */
const wanted = new Uint8Array(Math.max(...Object.values(tags)) + 1);
for (const tag of Object.values(tags)) wanted[tag] = 1;

/** rpm allows no more entries a header. */
const maxEntries = 0xffff;
const entryBytes = 16;
/** Types of rpmtag.h: string, array of strings, translated string; 32-bit number; bytes. */
const textTypes = [6, 8, 9];
const int32Types = [4];
const binaryTypes = [7];

interface Entry {
  type: number;
  offset: number;
  count: number;
}

/** One package's header: the wanted tags of it, read when asked for. */
export class RpmHeader {
  readonly where: string;
  readonly #entries: ReadonlyMap<number, Entry>;
  readonly #data: Buffer;

  constructor({
    entries,
    data,
    where,
  }: { entries: ReadonlyMap<number, Entry>; data: Buffer; where: string }) {
    this.#entries = entries;
    this.#data = data;
    this.where = where;
  }

  /** A string, the first of an array too. Undefined: the header has no such tag. */
  text(tag: Tag): string | undefined {
    const entry = this.#entries.get(tag);
    if (!entry) return undefined;
    this.#require(entry, tag, textTypes);
    const end = this.#data.indexOf(0, entry.offset);
    if (end === -1)
      throw unreadable(this.where, `expected the text of tag ${tag} to end, found the end of the header`);
    return this.#data.toString('utf8', entry.offset, end);
  }

  int32(tag: Tag): number | undefined {
    const entry = this.#entries.get(tag);
    if (!entry) return undefined;
    this.#require(entry, tag, int32Types);
    if (entry.offset + 4 > this.#data.length) {
      throw unreadable(this.where, `expected the number of tag ${tag}, found the end of the header`);
    }
    return this.#data.readUInt32BE(entry.offset);
  }

  bytes(tag: Tag): Buffer | undefined {
    const entry = this.#entries.get(tag);
    if (!entry) return undefined;
    this.#require(entry, tag, binaryTypes);
    const end = entry.offset + entry.count;
    if (end > this.#data.length) {
      throw unreadable(
        this.where,
        `expected ${entry.count} bytes of tag ${tag}, found the end of the header`,
      );
    }
    return this.#data.subarray(entry.offset, end);
  }

  #require(entry: Entry, tag: Tag, types: readonly number[]): void {
    if (types.includes(entry.type) && entry.count > 0 && entry.offset < this.#data.length) return;
    throw unreadable(
      this.where,
      `expected tag ${tag} of type ${types.join(' or ')} within the header, found type ${entry.type} at ${entry.offset}`,
    );
  }
}

/**
 * A header without its magic, as databases keep it: count of entries, bytes of data, the entries, the data, all
 * big-endian. Entries behind the immutable region (signatures, install time) overrule those in it.
 */
export function parseHeader({ bytes, where }: HeaderBlob): RpmHeader {
  if (bytes.length < 8) throw unreadable(where, `expected a header, found ${bytes.length} bytes`);
  const count = bytes.readUInt32BE(0);
  const dataBytes = bytes.readUInt32BE(4);
  if (count === 0 || count > maxEntries)
    throw unreadable(where, `expected 1 to ${maxEntries} entries, found ${count}`);
  const dataStart = 8 + entryBytes * count;
  if (dataStart + dataBytes !== bytes.length) {
    throw unreadable(where, `expected a header of ${dataStart + dataBytes} bytes, found ${bytes.length}`);
  }
  const entries = new Map<number, Entry>();
  const words = bigEndianWords(bytes, 8, dataStart);
  for (let at = 0; at < words.length; at += entryBytes / 4) {
    const tag = words[at]!;
    if (wanted[tag] !== 1) continue;
    entries.set(tag, { type: words[at + 1]!, offset: words[at + 2]!, count: words[at + 3]! });
  }
  return new RpmHeader({ entries, data: bytes.subarray(dataStart), where });
}

/** Numbers of 32 bits, turned around together: reading them one by one is most of an inventory's time. */
function bigEndianWords(bytes: Buffer, start: number, end: number): Uint32Array {
  const words = new Uint32Array((end - start) / 4);
  const copy = Buffer.from(words.buffer);
  bytes.copy(copy, 0, start, end);
  if (littleEndian) copy.swap32();
  return words;
}

const littleEndian = endianness() === 'LE';

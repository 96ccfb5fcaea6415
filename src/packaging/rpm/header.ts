import { unreadable } from '../../files/unreadable.ts';
import { type HeaderBlob, uint32At } from './header-blob.ts';

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

/** Index of a wanted tag in `tags`, from 1; 0 for the others. A header has a hundred entries, few of which are wanted. */
const places = new Uint8Array(Math.max(...Object.values(tags)) + 1);
for (const [at, tag] of Object.values(tags).entries()) places[tag] = at + 1;
/** 1 if a wanted tag ends in this byte. */
const endings = new Uint8Array(256);
for (const tag of Object.values(tags)) endings[tag & 0xff] = 1;

/** rpm's limit on the entries of a header. */
const maxEntries = 0xffff;
const entryBytes = 16;
/** Types of rpmtag.h: string, array of strings, translated string; 32-bit number; bytes. */
const textTypes = [6, 8, 9];
const int32Types = [4];
const binaryTypes = [7];

/** Bytes that are decoded at once: name, version and release are adjacent. */
const pieceBytes = 192;

/** One package's header; its wanted tags are read on demand. */
export class RpmHeader {
  readonly where: string;
  readonly #bytes: Buffer;
  /** Offset of each wanted tag's entry, by its index; 0: there is none. */
  readonly #entries: readonly number[];
  readonly #dataStart: number;
  /** The last decoded text, if it has one byte per character, and its offset. */
  #piece = '';
  #pieceStart = 0;

  constructor({ bytes, where }: HeaderBlob, entries: readonly number[], dataStart: number) {
    this.#bytes = bytes;
    this.where = where;
    this.#entries = entries;
    this.#dataStart = dataStart;
  }

  /** A string, or the first of an array. Undefined: the header has no such tag. */
  text(tag: Tag): string | undefined {
    const start = this.#dataOf(tag, textTypes);
    return start === undefined ? undefined : this.#textAt(start, tag);
  }

  int32(tag: Tag): number | undefined {
    const start = this.#dataOf(tag, int32Types);
    if (start === undefined) return undefined;
    if (start + 4 > this.#bytes.length) {
      throw unreadable(this.where, `expected the number of tag ${tag}, found the end of the header`);
    }
    return uint32At(this.#bytes, start);
  }

  bytes(tag: Tag): Buffer | undefined {
    const start = this.#dataOf(tag, binaryTypes);
    if (start === undefined) return undefined;
    const count = uint32At(this.#bytes, this.#entries[places[tag]!]! + 12);
    if (start + count > this.#bytes.length) {
      throw unreadable(this.where, `expected ${count} bytes of tag ${tag}, found the end of the header`);
    }
    return this.#bytes.subarray(start, start + count);
  }

  /** Where a tag's data begins; undefined: the header has no such tag. */
  #dataOf(tag: Tag, types: readonly number[]): number | undefined {
    const entry = this.#entries[places[tag]!]!;
    if (entry === 0) return undefined;
    const type = uint32At(this.#bytes, entry + 4);
    const offset = uint32At(this.#bytes, entry + 8);
    const start = this.#dataStart + offset;
    if (types.includes(type) && uint32At(this.#bytes, entry + 12) > 0 && start < this.#bytes.length)
      return start;
    throw unreadable(
      this.where,
      `expected tag ${tag} of type ${types.join(' or ')} within the header, found type ${type} at ${offset}`,
    );
  }

  #textAt(start: number, tag: Tag): string {
    const within = start - this.#pieceStart;
    if (within >= 0 && within < this.#piece.length) {
      const end = this.#piece.indexOf('\0', within);
      if (end !== -1) return this.#piece.slice(within, end);
    }
    const piece = this.#bytes.toString('utf8', start, start + pieceBytes);
    if (piece.length === pieceBytes) {
      this.#piece = piece;
      this.#pieceStart = start;
    }
    const end = piece.indexOf('\0');
    if (end !== -1) return piece.slice(0, end);
    const last = this.#bytes.indexOf(0, start);
    if (last === -1)
      throw unreadable(this.where, `expected the text of tag ${tag} to end, found the end of the header`);
    return this.#bytes.toString('utf8', start, last);
  }
}

/**
 * Parses a header without its magic, as databases store it: count of entries, bytes of data, the entries, the data, all
 * big-endian. Entries after the immutable region (signatures, install time) replace those in it.
 */
export function parseHeader(blob: HeaderBlob): RpmHeader {
  const { bytes, where } = blob;
  if (bytes.length < 8) throw unreadable(where, `expected a header, found ${bytes.length} bytes`);
  const count = uint32At(bytes, 0);
  const dataBytes = uint32At(bytes, 4);
  if (count === 0 || count > maxEntries)
    throw unreadable(where, `expected 1 to ${maxEntries} entries, found ${count}`);
  const dataStart = 8 + entryBytes * count;
  if (dataStart + dataBytes !== bytes.length) {
    throw unreadable(where, `expected a header of ${dataStart + dataBytes} bytes, found ${bytes.length}`);
  }
  const entries = noEntries.slice();
  for (let at = 8; at < dataStart; at += entryBytes) {
    // The lowest byte rules out most entries.
    if (endings[bytes[at + 3]!] === 0) continue;
    const place = places[uint32At(bytes, at)];
    if (place !== undefined && place > 0) entries[place] = at;
  }
  return new RpmHeader(blob, entries, dataStart);
}

const noEntries = [0, ...Object.values(tags).map(() => 0)];

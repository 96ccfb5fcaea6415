/** The largest prime below 2 ** 16 (RFC 1950, 8.2). */
const modulus = 65521;

/** Bytes 0 and 2 of a word, and after a shift 1 and 3: two 16-bit lanes that are summed in parallel. */
const lanes = 0x00ff00ff;

/** With more words the lanes of the second sums could overflow: 255 * (23 * 22 / 2) is the largest below 2 ** 16. */
const wordsPerFold = 23;

/** Adler-32 of the first `length` bytes, a multiple of four. Words take a quarter of the time that bytes take. */
export function adler32(bytes: Uint8Array, length: number): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, length);
  let low = 1;
  let high = 0;
  for (let at = 0; at < length; ) {
    const count = Math.min(wordsPerFold, (length - at) / 4);
    const end = at + 4 * count;
    let even = 0;
    let odd = 0;
    // Each word is added once for every word after it.
    let evenSums = 0;
    let oddSums = 0;
    for (; at < end; at += 4) {
      const word = words.getInt32(at, true);
      evenSums = (evenSums + even) | 0;
      oddSums = (oddSums + odd) | 0;
      even = (even + (word & lanes)) | 0;
      odd = (odd + ((word >>> 8) & lanes)) | 0;
    }
    const within = 4 * (even & 0xffff) + 3 * (odd & 0xffff) + 2 * (even >>> 16) + (odd >>> 16);
    high = (high + 4 * (count * low + laneSum(evenSums) + laneSum(oddSums)) + within) % modulus;
    low = (low + laneSum(even) + laneSum(odd)) % modulus;
  }
  return ((high << 16) | low) >>> 0;
}

function laneSum(word: number): number {
  return (word & 0xffff) + (word >>> 16);
}

/** One header as a database stores it, with its place for errors: file and record. */
export interface HeaderBlob {
  /** Valid until the next header is read: readers reuse the memory. */
  bytes: Buffer;
  where: string;
}

/** rpm itself refuses headers above 256 MB; the largest real ones (kernel, texlive) have some 10 MB. */
export const maxHeaderBytes = 64 << 20;

/** A buffer for one header at a time, so that memory depends on the largest header and not on the database. */
export class HeaderSpace {
  #bytes: Buffer = Buffer.alloc(0);

  /** Returns at least `length` bytes. */
  take(length: number): Buffer {
    if (this.#bytes.length < length)
      this.#bytes = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length));
    return this.#bytes;
  }
}

// Big-endian numbers. Buffer's own methods check their arguments, which is most of their cost.
export function uint16At(bytes: Buffer, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function uint32At(bytes: Buffer, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

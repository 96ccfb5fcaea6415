/** One header as a database stores it, and its place for an error: file and record. */
export interface HeaderBlob {
  /** Valid until the next header is asked for: readers put one after the other into the same memory. */
  bytes: Buffer;
  where: string;
}

/** rpm itself refuses headers above 256 MB; the largest real ones (kernel, texlive) have some 10 MB. */
export const maxHeaderBytes = 64 << 20;

/** Memory for one header at a time, so that a database of any size costs no more than its largest header. */
export class HeaderSpace {
  #bytes: Buffer = Buffer.alloc(0);

  /** At least `length` bytes. */
  take(length: number): Buffer {
    if (this.#bytes.length < length)
      this.#bytes = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length));
    return this.#bytes;
  }
}

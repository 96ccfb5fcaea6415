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

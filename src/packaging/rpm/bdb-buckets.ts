import type { ReportLoss } from '../database.ts';

/** Berkeley DB writes in the machine's byte order: databases from s390x are big-endian. */
export interface ByteOrder {
  u16(bytes: Buffer, at: number): number;
  u32(bytes: Buffer, at: number): number;
}

export const littleEndian: ByteOrder = {
  u16: (bytes, at) => bytes.readUInt16LE(at),
  u32: (bytes, at) => bytes.readUInt32LE(at),
};

export const bigEndian: ByteOrder = {
  u16: (bytes, at) => bytes.readUInt16BE(at),
  u32: (bytes, at) => bytes.readUInt32BE(at),
};

/** Fields of a hash file's first page (HMETA in src/dbinc/db_page.h of Berkeley DB's sources). */
export interface HashMeta {
  lastBucket: number;
  /** Offset from a bucket's number to its page; one for each doubling of the table. */
  spares: readonly number[];
  /** Pairs of key and value. */
  pairs: number;
}

const doublings = 32;

export function readHashMeta(page: Buffer, { u32 }: ByteOrder): HashMeta {
  const keys = u32(page, 40);
  const elements = u32(page, 88);
  return {
    lastBucket: u32(page, 72),
    spares: Array.from({ length: doublings }, (_, at) => u32(page, 96 + 4 * at)),
    // The second counts each pair of a foreign byte order twice after `db_load`; the first is 0 until it is computed on request.
    pairs: keys === 0 ? elements : Math.min(keys, elements),
  };
}

interface HashPage {
  next: number;
  /** Keys and values together. */
  items: number;
}

/** Compares the hash pages of a file with the buckets that lead to them and with the count of pairs. */
export class BucketWalk {
  readonly #meta: HashMeta;
  readonly #pages = new Map<number, HashPage>();

  constructor(meta: HashMeta) {
    this.#meta = meta;
  }

  add(number: number, page: HashPage): void {
    this.#pages.set(number, page);
  }

  /** Reports the first contradiction of each kind. */
  check(lost: ReportLoss): void {
    const found = [...this.#pages.values()].reduce((sum, { items }) => sum + items / 2, 0);
    if (found < this.#meta.pairs) lost(`${this.#meta.pairs} records are counted, ${found} were found`);
    const broken = this.#follow();
    if (broken) lost(broken);
  }

  /** Each bucket is a chain of hash pages, and each hash page with a pair is in one of them. */
  #follow(): string | undefined {
    const { lastBucket } = this.#meta;
    const reached = new Set<number>();
    for (let bucket = 0; bucket <= lastBucket; bucket += 1) {
      for (let number = this.#firstPage(bucket); ; ) {
        const page = this.#pages.get(number);
        if (!page || reached.has(number))
          return `bucket ${bucket} leads to page ${number}, which is not its own`;
        reached.add(number);
        if (page.next === 0) break;
        number = page.next;
      }
    }
    const stray = [...this.#pages].find(([number, { items }]) => items > 0 && !reached.has(number));
    return stray && `page ${stray[0]} has records and is in no bucket`;
  }

  #firstPage(bucket: number): number {
    return bucket + this.#meta.spares[bucket === 0 ? 0 : doublings - Math.clz32(bucket)]!;
  }
}

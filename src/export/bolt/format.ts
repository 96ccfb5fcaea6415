/** The file format of bbolt 1.3 and later; all integers are little-endian. */
export const pageSize = 4096;

/** A page's header: id (8 bytes), flags (2), count (2), overflow: further pages that belong to it (4). */
export const pageHeader = 16;
/** Flags of a page. */
export const pageFlags = { branch: 1, leaf: 2, meta: 4, freelist: 16 } as const;

/** An element of a leaf page: flags (4), position from this element (4), size of the key (4) and of the value (4). */
export const leafElement = 16;
/** Flag of a leaf element whose value is a bucket. */
export const bucketFlag = 1;
/** An element of a branch page: position from this element (4), size of the key (4), page of the child (8). */
export const branchElement = 16;

/** A bucket's value: its root page (8), sequence (8). Root 0: an inline leaf page follows. */
export const bucketHeader = 16;
/** The largest inline page of a bucket without sub-buckets, as bbolt itself decides. */
export const maxInline = pageSize / 4;

/** bbolt's MaxKeySize. */
export const maxKey = 32_768;

/** Pages 0 and 1 are meta pages, 2 is the empty list of free pages. */
export const firstDataPage = 3;

const metaMagic = 0xed0cdaed;
const metaVersion = 2;
const metaBody = 56;

/** A page's header, in front of its content. */
export function writePageHeader(
  page: Buffer,
  { id, flags, count, overflow }: { id: number; flags: number; count: number; overflow: number },
): void {
  page.writeBigUInt64LE(BigInt(id), 0);
  page.writeUInt16LE(flags, 8);
  page.writeUInt16LE(count, 10);
  page.writeUInt32LE(overflow, 12);
}

/** Pages 0 to 2 of a file that is written once: two equal meta pages, and no free page. */
export function headPages(root: number, pages: number): Buffer {
  const head = Buffer.alloc(firstDataPage * pageSize);
  for (const id of [0, 1]) {
    const page = head.subarray(id * pageSize, (id + 1) * pageSize);
    writePageHeader(page, { id, flags: pageFlags.meta, count: 0, overflow: 0 });
    const meta = page.subarray(pageHeader);
    meta.writeUInt32LE(metaMagic, 0);
    meta.writeUInt32LE(metaVersion, 4);
    meta.writeUInt32LE(pageSize, 8);
    meta.writeBigUInt64LE(BigInt(root), 16);
    meta.writeBigUInt64LE(2n, 32);
    meta.writeBigUInt64LE(BigInt(pages), 40);
    meta.writeBigUInt64LE(BigInt(id), 48);
    meta.writeBigUInt64LE(fnv1a(meta.subarray(0, metaBody)), metaBody);
  }
  writePageHeader(head.subarray(2 * pageSize), { id: 2, flags: pageFlags.freelist, count: 0, overflow: 0 });
  return head;
}

/** FNV-1a of 64 bits. */
function fnv1a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

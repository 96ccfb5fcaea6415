const pageSize = 4096;
const pageHeaderBytes = 26;
const overflowBytes = pageSize - pageHeaderBytes;
/** Berkeley DB keeps longer values on pages of their own. */
const longestInline = pageSize / 4;

/** A Berkeley DB hash file `Packages` with these headers, record numbers from 1, all in one bucket. */
export function rpmBdb(headers: readonly Buffer[], { bigEndian = false } = {}): Buffer {
  const { u16, u32 } = bigEndian ? bigEndianWriter : littleEndianWriter;
  const pages: Buffer[] = [Buffer.alloc(pageSize)];

  function addPage(type: number): { page: Buffer; number: number } {
    const page = Buffer.alloc(pageSize);
    const number = pages.push(page) - 1;
    u32(page, number, 8);
    page[25] = type;
    return { page, number };
  }

  function overflowItem(value: Buffer): Buffer {
    const item = Buffer.alloc(12);
    item[0] = 3;
    u32(item, value.length, 8);
    let pointer: { bytes: Buffer; at: number } = { bytes: item, at: 4 };
    for (let at = 0; at < value.length; at += overflowBytes) {
      const { page, number } = addPage(7);
      u32(pointer.bytes, number, pointer.at);
      const size = value.copy(page, pageHeaderBytes, at, at + overflowBytes);
      u16(page, size, 22);
      pointer = { bytes: page, at: 16 };
    }
    return item;
  }

  const hashPages: { page: Buffer; number: number }[] = [];

  function addHashPage(items: readonly Buffer[]): void {
    const { page, number } = addPage(13);
    const before = hashPages.at(-1);
    if (before) {
      u32(before.page, number, 16);
      u32(page, before.number, 12);
    }
    hashPages.push({ page, number });
    u16(page, items.length, 20);
    let at = pageSize;
    for (const [i, item] of items.entries()) {
      at -= item.length;
      item.copy(page, at);
      u16(page, at, pageHeaderBytes + 2 * i);
    }
    u16(page, at, 22);
  }

  function numberItem(value: number): Buffer {
    const item = Buffer.alloc(5);
    item[0] = 1;
    u32(item, value, 1);
    return item;
  }

  const counter = [numberItem(0), numberItem(headers.length)];
  let items: Buffer[] = counter;
  for (const [i, header] of headers.entries()) {
    const isShort = header.length <= longestInline;
    const value = isShort ? Buffer.concat([Buffer.from([1]), header]) : overflowItem(header);
    const pair = [numberItem(i + 1), value];
    const used = [...items, ...pair].reduce((sum, { length }) => sum + length + 2, pageHeaderBytes);
    if (used > pageSize) {
      addHashPage(items);
      items = [];
    }
    items.push(...pair);
  }
  addHashPage(items);

  const meta = pages[0]!;
  u32(meta, 0x061561, 12);
  u32(meta, 9, 16);
  u32(meta, pageSize, 20);
  meta[25] = 8;
  u32(meta, pages.length - 1, 32);
  u32(meta, headers.length + 1, 88);
  u32(meta, hashPages[0]!.number, 96);
  return Buffer.concat(pages);
}

interface Writer {
  u16(bytes: Buffer, value: number, at: number): void;
  u32(bytes: Buffer, value: number, at: number): void;
}

const littleEndianWriter: Writer = {
  u16: (bytes, value, at) => bytes.writeUInt16LE(value, at),
  u32: (bytes, value, at) => bytes.writeUInt32LE(value, at),
};

const bigEndianWriter: Writer = {
  u16: (bytes, value, at) => bytes.writeUInt16BE(value, at),
  u32: (bytes, value, at) => bytes.writeUInt32BE(value, at),
};

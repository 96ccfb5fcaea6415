const pageSize = 4096;
/** Rows whose payload is longer keep a part of it on overflow pages (fileformat2, 1.6). */
const mostLocal = pageSize - 35;
const leastLocal = Math.floor(((pageSize - 12) * 32) / 255) - 23;

/**
 * An rpmdb.sqlite with these headers in table Packages, hnum from 1. `numbers`: those of the pages, beginning with the
 * third, in the order in which they are needed; one after the other by default. `names`: of the packages, for table Name;
 * the other indexes are left out.
 */
export function rpmSqlite(
  headers: readonly Buffer[],
  numbers?: readonly number[],
  names: readonly string[] = [],
): Buffer {
  const pages = new Pages(numbers);
  const schemaPage = pages.add();
  const tables = [
    {
      name: 'Packages',
      sql: "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)",
      rows: headers.map((header) => record(null, header)),
    },
    {
      name: 'Name',
      sql: "CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)",
      rows: names.map((name, at) => record(name, at + 1, 0)),
    },
  ].filter(({ name }) => name === 'Packages' || names.length > 0);
  const schema = tables.map(({ name, sql, rows }, at) => {
    const rootPage = pages.add();
    fillRoot(pages.at(rootPage), leafPages(pages, rows));
    const row = record('table', name, name, rootPage, sql);
    return Buffer.concat([varint(row.length), varint(at + 1), row]);
  });
  fillLeaf(pages.at(schemaPage), 100, schema);
  writeFileHeader(pages.at(schemaPage));
  pages.at(schemaPage).writeUInt32BE(pages.count, 28);
  return pages.bytes();
}

/** A write-ahead log whose frames are these pages (counted from 1); the last frame commits, if wanted. */
export function sqliteWal(
  frames: readonly { number: number; page: Buffer }[],
  { commit = true, pageCount }: { commit?: boolean; pageCount: number },
): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32BE(0x377f0682, 0);
  header.writeUInt32BE(3007000, 4);
  header.writeUInt32BE(pageSize, 8);
  header.writeUInt32BE(0x5ca9feed, 16);
  header.writeUInt32BE(0x20261124, 20);
  let sums = checksum([0, 0], header.subarray(0, 24));
  writeSums(header, 24, sums);
  const parts: Buffer[] = [header];
  for (const [i, { number, page }] of frames.entries()) {
    const frame = Buffer.alloc(24);
    frame.writeUInt32BE(number, 0);
    frame.writeUInt32BE(commit && i === frames.length - 1 ? pageCount : 0, 4);
    header.copy(frame, 8, 16, 24);
    sums = checksum(checksum(sums, frame.subarray(0, 8)), page);
    writeSums(frame, 16, sums);
    parts.push(frame, page);
  }
  return Buffer.concat(parts);
}

class Pages {
  /** By number, from 1. */
  readonly #pages = new Map<number, Buffer>();
  readonly #numbers: readonly number[] | undefined;

  constructor(numbers: readonly number[] | undefined) {
    this.#numbers = numbers && [1, 2, ...numbers];
  }

  /** Number (from 1) of a new empty page. */
  add(): number {
    const number = this.#numbers ? this.#numbers[this.#pages.size]! : this.#pages.size + 1;
    this.#pages.set(number, Buffer.alloc(pageSize));
    return number;
  }

  at(number: number): Buffer {
    return this.#pages.get(number)!;
  }

  get count(): number {
    return Math.max(...this.#pages.keys());
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(this.count * pageSize);
    for (const [number, page] of this.#pages) page.copy(bytes, (number - 1) * pageSize);
    return bytes;
  }
}

/** Leaves filled from the first row on, with the number of each leaf's last row. */
function leafPages(pages: Pages, rows: readonly Buffer[]): { page: number; lastRow: number }[] {
  const leaves: { page: number; lastRow: number }[] = [];
  let cells: Buffer[] = [];
  const flush = (lastRow: number) => {
    const page = pages.add();
    fillLeaf(pages.at(page), 0, cells);
    leaves.push({ page, lastRow });
    cells = [];
  };
  for (const [i, row] of rows.entries()) {
    const cell = cellOf(pages, i + 1, row);
    const used = [...cells, cell].reduce((sum, { length }) => sum + length + 2, 8);
    if (used > pageSize) flush(i);
    cells.push(cell);
  }
  flush(rows.length);
  return leaves;
}

function cellOf(pages: Pages, row: number, payload: Buffer): Buffer {
  const head = Buffer.concat([varint(payload.length), varint(row)]);
  if (payload.length <= mostLocal) return Buffer.concat([head, payload]);
  const fitted = leastLocal + ((payload.length - leastLocal) % (pageSize - 4));
  const local = fitted <= mostLocal ? fitted : leastLocal;
  const first = Buffer.alloc(4);
  let pointer: Buffer = first;
  for (let at = local; at < payload.length; at += pageSize - 4) {
    const number = pages.add();
    pointer.writeUInt32BE(number, 0);
    payload.copy(pages.at(number), 4, at);
    pointer = pages.at(number);
  }
  return Buffer.concat([head, payload.subarray(0, local), first]);
}

function fillLeaf(page: Buffer, start: number, cells: readonly Buffer[]): void {
  page[start] = 0x0d;
  page.writeUInt16BE(cells.length, start + 3);
  let at = pageSize;
  for (const [i, cell] of cells.entries()) {
    at -= cell.length;
    cell.copy(page, at);
    page.writeUInt16BE(at, start + 8 + 2 * i);
  }
  page.writeUInt16BE(at, start + 5);
}

function fillRoot(page: Buffer, leaves: readonly { page: number; lastRow: number }[]): void {
  page[0] = 0x05;
  page.writeUInt16BE(leaves.length - 1, 3);
  page.writeUInt32BE(leaves.at(-1)!.page, 8);
  let at = pageSize;
  for (const [i, leaf] of leaves.slice(0, -1).entries()) {
    const key = varint(leaf.lastRow);
    at -= 4 + key.length;
    page.writeUInt32BE(leaf.page, at);
    key.copy(page, at + 4);
    page.writeUInt16BE(at, 12 + 2 * i);
  }
  page.writeUInt16BE(at, 5);
}

function writeFileHeader(page: Buffer): void {
  page.write('SQLite format 3\0', 0, 'latin1');
  page.writeUInt16BE(pageSize, 16);
  page.set([2, 2, 0, 64, 32, 32], 18);
  page.writeUInt32BE(1, 24);
  page.writeUInt32BE(1, 40);
  page.writeUInt32BE(4, 44);
  page.writeUInt32BE(1, 56);
  page.writeUInt32BE(1, 92);
  page.writeUInt32BE(3045000, 96);
}

function record(...columns: (string | Buffer | number | null)[]): Buffer {
  const serials = columns.map((column) => {
    if (column === null) return varint(0);
    if (typeof column === 'number') return varint(4);
    return varint(Buffer.byteLength(column) * 2 + (typeof column === 'string' ? 13 : 12));
  });
  const values = columns.map((column) => {
    if (column === null) return Buffer.alloc(0);
    if (typeof column !== 'number') return Buffer.from(column);
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(column);
    return bytes;
  });
  const header = Buffer.concat(serials);
  return Buffer.concat([varint(header.length + 1), header, ...values]);
}

function varint(value: number): Buffer {
  const groups = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    groups.unshift((rest & 0x7f) | 0x80);
  }
  return Buffer.from(groups);
}

type Sums = readonly [number, number];

function checksum([a, b]: Sums, bytes: Buffer): Sums {
  let x = a;
  let y = b;
  for (let at = 0; at < bytes.length; at += 8) {
    x = (x + bytes.readUInt32LE(at) + y) >>> 0;
    y = (y + bytes.readUInt32LE(at + 4) + x) >>> 0;
  }
  return [x, y];
}

function writeSums(bytes: Buffer, at: number, [a, b]: Sums): void {
  bytes.writeUInt32BE(a, at);
  bytes.writeUInt32BE(b, at + 4);
}

import { unreadable } from '../../files/unreadable.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { RandomAccess } from '../../model/inventory/index.ts';
import type { ReportLoss } from '../database.ts';
import { type HeaderBlob, HeaderSpace, maxHeaderBytes, uint16At, uint32At } from './header-blob.ts';
import { PageGuard, type Pages, pagesOf } from './pages.ts';
import { withWal } from './sqlite-wal.ts';

/** File format: https://www.sqlite.org/fileformat2.html; clause numbers below are of that page. */
const magic = 'SQLite format 3\0';
const headerBytes = 100;
const interiorTable = 0x05;
const leafTable = 0x0d;
interface Database {
  pages: Pages;
  /** Usable bytes of a page (1.3.4). */
  usable: number;
  guard: PageGuard;
  space: HeaderSpace;
  cursor: Cursor;
  where: string;
}

/** Where the next number is read. */
interface Cursor {
  at: number;
}

/** A record is the first `length` bytes of `bytes`; readers reuse the memory. */
interface Row {
  id: number;
  bytes: Buffer;
  length: number;
  /** Bytes of the row on its page. */
  cellBytes: number;
}

/**
 * Yields the headers in table Packages, in order of hnum, including those that are only in the write-ahead log. Table Name, rpm's
 * index by name, lists every record again in a few pages and so shows whether all of them were found.
 */
export function* sqliteHeaders(
  content: RandomAccess,
  wal: RandomAccess | undefined,
  where: string,
  lost: ReportLoss,
): Generator<HeaderBlob> {
  const database = openSqlite(content, wal, where, lost);
  const roots = rootPages(database);
  if (roots.Packages === undefined) throw unreadable(where, 'expected a table Packages, found none');
  const found = new Set<number>();
  for (const row of tableRows({ ...database, guard: guardOf(database) }, roots.Packages)) {
    const place = `${where} hnum ${row.id}`;
    const bytes = columnOf(row, 1, database.cursor, place);
    if (!Buffer.isBuffer(bytes)) throw unreadable(place, 'expected a blob, found another type');
    found.add(row.id);
    yield { bytes, where: place };
  }
  if (roots.Name !== undefined) compareWithIndex(database, roots.Name, found, lost);
}

/** rpm makes table Name with columns key, hnum and idx. */
function compareWithIndex(
  database: Database,
  root: number,
  found: ReadonlySet<number>,
  lost: ReportLoss,
): void {
  const listed = new Set<number>();
  try {
    for (const row of tableRows({ ...database, guard: guardOf(database) }, root)) {
      const record = columnOf(row, 1, database.cursor, database.where);
      if (typeof record !== 'number')
        throw unreadable(database.where, `expected the number of a record in row ${row.id}, found none`);
      listed.add(record);
    }
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    lost(`table Name, which lists the records, cannot be read: ${error.message}`);
    return;
  }
  const missing = [...listed].filter((record) => !found.has(record));
  if (missing.length > 0) {
    lost(`table Name lists ${listed.size} records, ${missing.length} of which were not found`);
  }
}

function openSqlite(
  content: RandomAccess,
  wal: RandomAccess | undefined,
  where: string,
  lost: ReportLoss,
): Database {
  const head = content.read(0, headerBytes);
  if (head.length < headerBytes || head.toString('latin1', 0, 16) !== magic) {
    throw unreadable(where, 'expected an SQLite database, found other bytes');
  }
  const stated = head.readUInt16BE(16);
  const pageSize = stated === 1 ? 65536 : stated;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) {
    throw unreadable(where, `expected a page size that is a power of two from 512, found ${pageSize}`);
  }
  const file = pagesOf(content, pageSize);
  const pages = withWal(file, wal, lost);
  // With a log, the size is the one that its last commit states.
  const pageCount = statedPages(head);
  if (pages === file && pageCount > file.count)
    throw unreadable(where, `expected ${pageCount} pages, found ${file.count}: the file is cut off`);
  const database = {
    pages,
    usable: pageSize - head[20]!,
    space: new HeaderSpace(),
    cursor: { at: 0 },
    where,
  };
  if (database.usable < 480)
    throw unreadable(where, `expected at least 480 usable bytes a page, found ${database.usable}`);
  return { ...database, guard: guardOf(database) };
}

function guardOf({ pages, where }: Pick<Database, 'pages' | 'where'>): PageGuard {
  return new PageGuard(pages.count, (message) => unreadable(where, message));
}

/** Size in pages by the file's header; 0 if an old writer did not update it (1.3.7). */
function statedPages(head: Buffer): number {
  return head.readUInt32BE(24) === head.readUInt32BE(92) ? head.readUInt32BE(28) : 0;
}

/** sqlite_schema (2.6) has columns type, name, tbl_name, rootpage, sql and begins on the first page. */
function rootPages(database: Database): { Packages?: number; Name?: number } {
  const { cursor, where } = database;
  const roots: { Packages?: number; Name?: number } = {};
  for (const row of tableRows(database, 0)) {
    if (columnOf(row, 0, cursor, where) !== 'table') continue;
    const name = columnOf(row, 1, cursor, where);
    const root = columnOf(row, 3, cursor, where);
    if (typeof root === 'number' && (name === 'Packages' || name === 'Name')) roots[name] = root - 1;
  }
  return roots;
}

/** Rows of a table b-tree in key order (1.6). Pages count from 0 here, from 1 in the file; each is used once. */
function* tableRows(database: Database, root: number): Generator<Row> {
  const { pages, guard, where, usable } = database;
  const pending = [root];
  let before = Number.NEGATIVE_INFINITY;
  for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
    const page = pages.page(guard.take(number, 0));
    if (page.length < pages.pageSize) throw cutOff(database, number);
    const start = number === 0 ? headerBytes : 0;
    const type = page[start];
    const place = `${where} page ${number + 1}`;
    if (type !== interiorTable && type !== leafTable)
      throw unreadable(place, `expected a table page, found type ${type}`);
    const cells = cellsOf(page, start, type, place);
    let used = 0;
    if (type === leafTable) {
      for (const at of cells) {
        const row = rowAt(database, page, at, place);
        if (row.id <= before)
          throw unreadable(place, `expected rows in order, found ${row.id} after ${before}`);
        before = row.id;
        used += row.cellBytes;
        yield row;
      }
    } else {
      // A stack: children are pushed in reverse, so that they are visited in key order.
      pending.push(uint32At(page, start + 8) - 1);
      for (const at of cells.reverse()) {
        pending.push(uint32At(page, at) - 1);
        database.cursor.at = at + 4;
        nextVarint(page, page.length, database.cursor, place);
        used += database.cursor.at - at;
      }
    }
    checkUse(page.subarray(0, usable), start, used, place);
  }
}

/** Offsets of a page's cells, in key order. */
function cellsOf(page: Buffer, start: number, type: number, place: string): number[] {
  const count = uint16At(page, start + 3);
  const pointers = start + (type === interiorTable ? 12 : 8);
  if (pointers + 2 * count > page.length)
    throw unreadable(place, `expected cells within the page, found ${count}`);
  const cells: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const at = uint16At(page, pointers + 2 * i);
    if (at < pointers || at + 4 > page.length)
      throw unreadable(place, `expected a cell within the page, found one at ${at}`);
    cells.push(at);
  }
  return cells;
}

/**
 * Cells, free blocks and fragments fill the content area of a page without a gap (1.6). A lowered cell count would
 * otherwise hide rows, or whole subtrees, of a page that looks valid.
 */
function checkUse(page: Buffer, start: number, cells: number, place: string): void {
  const first = uint16At(page, start + 5) || 65536;
  let free = page[start + 7]!;
  // Free blocks are in ascending order; each has the offset of the next and its own size.
  for (let at = uint16At(page, start + 1), last = 0; at !== 0; ) {
    if (at <= last || at + 4 > page.length)
      throw unreadable(place, `expected a free block within the page, found one at ${at}`);
    free += uint16At(page, at + 2);
    last = at;
    at = uint16At(page, at);
  }
  if (first + cells + free !== page.length) {
    throw unreadable(
      place,
      `expected cells that fill the page, found ${cells} bytes of them and ${free} free ones behind ${first}`,
    );
  }
}

/** A leaf cell: payload length, row id, payload; the part that does not fit is on overflow pages (1.6, 1.7). */
function rowAt(database: Database, page: Buffer, at: number, place: string): Row {
  const { usable, cursor } = database;
  cursor.at = at;
  const length = nextVarint(page, page.length, cursor, place);
  const id = nextVarint(page, page.length, cursor, place);
  const start = cursor.at;
  if (length > maxHeaderBytes) {
    throw unreadable(place, `expected at most ${maxHeaderBytes} bytes a row, found ${length}`);
  }
  const local = localBytes(length, usable);
  if (start + local > page.length)
    throw unreadable(place, 'expected a row within the page, found its end outside');
  if (local === length) {
    // A cell can be freed, so it has room for a free block.
    const cellBytes = Math.max(4, start + local - at);
    return { id, bytes: page.subarray(start), length, cellBytes };
  }
  if (start + local + 4 > page.length)
    throw unreadable(place, 'expected an overflow page number, found the end of the page');
  const first = uint32At(page, start + local) - 1;
  const held = usable - 4;
  const bytes = database.space.take(local + Math.ceil((length - local) / held) * database.pages.pageSize);
  page.copy(bytes, 0, start, start + local);
  addOverflow(database, bytes, local, length, first);
  return { id, bytes, length, cellBytes: start + local + 4 - at };
}

function localBytes(length: number, usable: number): number {
  if (length <= usable - 35) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitted = least + ((length - least) % (usable - 4));
  return fitted <= usable - 35 ? fitted : least;
}

/**
 * Reads the part of a row that is on overflow pages, after the `filled` bytes that are there. Each page of the chain begins
 * with the number of the next: a run of them is read at once, and their data is joined in place.
 */
function addOverflow(database: Database, bytes: Buffer, filled: number, length: number, first: number): void {
  const { pages, guard, usable } = database;
  const { pageSize } = pages;
  const held = usable - 4;
  let end = filled;
  for (let number = first; end < length; ) {
    const read = pages.run(guard.take(number, 1), Math.ceil((length - end) / held), bytes, end);
    if (read === 0) throw cutOff(database, number);
    const last = end + (read - 1) * pageSize;
    for (let at = end; ; at += pageSize) {
      const next = uint32At(bytes, at) - 1;
      const size = Math.min(held, length - end);
      bytes.copyWithin(end, at + 4, at + 4 + size);
      end += size;
      const follows = next === number + 1;
      number = next;
      if (!follows || at === last) break;
      guard.take(number, 1);
    }
  }
}

/** A log may refer to pages that the file does not have. */
function cutOff({ where }: Database, number: number): Error {
  return unreadable(where, `expected page ${number + 1}, found the end of the file`);
}

/** A column of a record (2.1): text, blob or integer; undefined for others and for a missing column. */
function columnOf(
  { bytes, length }: Row,
  index: number,
  cursor: Cursor,
  place: string,
): string | Buffer | number | undefined {
  cursor.at = 0;
  const headerEnd = nextVarint(bytes, length, cursor, place);
  let offset = headerEnd;
  for (let column = 0; cursor.at < headerEnd; column += 1) {
    const serial = nextVarint(bytes, length, cursor, place);
    const size = serialBytes(serial);
    if (column === index) {
      if (offset + size > length)
        throw unreadable(place, 'expected a column within the row, found its end outside');
      return columnValue(bytes.subarray(offset, offset + size), serial);
    }
    offset += size;
  }
  return undefined;
}

function serialBytes(serial: number): number {
  if (serial >= 12) return Math.floor((serial - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][serial]!;
}

function columnValue(bytes: Buffer, serial: number): string | Buffer | number | undefined {
  if (serial >= 12) return serial % 2 === 0 ? bytes : bytes.toString('utf8');
  if (serial === 8 || serial === 9) return serial - 8;
  return serial >= 1 && serial <= 5 ? bytes.readIntBE(0, bytes.length) : undefined;
}

/** Big-endian groups of seven bits, at most nine bytes (1.6); callers check limits, which a value beyond 2^53 exceeds. */
function nextVarint(bytes: Buffer, end: number, cursor: Cursor, place: string): number {
  let value = 0;
  for (let i = 0; i < 9; i += 1) {
    if (cursor.at >= end) throw unreadable(place, 'expected a number, found the end of the data');
    const byte = bytes[cursor.at]!;
    cursor.at += 1;
    if (i === 8) return value * 256 + byte;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return value;
  }
  throw unreadable(place, 'expected a number of at most nine bytes, found a longer one');
}

import type { RandomAccess } from '../../model/index.ts';
import { unreadable } from '../unreadable.ts';
import { type HeaderBlob, HeaderSpace, maxHeaderBytes } from './header-blob.ts';
import { PageGuard, type Pages, pagesOf, uint32At } from './pages.ts';
import { withWal } from './sqlite-wal.ts';

/** File format: https://www.sqlite.org/fileformat2.html; clause numbers below are of that page. */
const magic = 'SQLite format 3\0';
const headerBytes = 100;
const interiorTable = 0x05;
const leafTable = 0x0d;
/** A table b-tree of 2^31 pages is less deep than this. */
const maxDepth = 20;

interface Database {
  pages: Pages;
  /** Bytes of a page that hold data (1.3.4). */
  usable: number;
  guard: PageGuard;
  space: HeaderSpace;
  where: string;
}

interface Row {
  id: number;
  record: Buffer;
}

/** The headers in table Packages, in order of hnum, with what stands only in the write-ahead log. */
export function* sqliteHeaders(
  content: RandomAccess,
  wal: RandomAccess | undefined,
  where: string,
): Generator<HeaderBlob> {
  const database = openSqlite(content, wal, where);
  const root = rootOfPackages(database);
  const guarded = { ...database, guard: guardOf(database) };
  for (const { id, record } of tableRows(guarded, root, 0)) {
    const place = `${where} hnum ${id}`;
    const bytes = columnOf(record, 1, place);
    if (!Buffer.isBuffer(bytes)) throw unreadable(place, 'expected a blob, found another type');
    yield { bytes, where: place };
  }
}

function openSqlite(content: RandomAccess, wal: RandomAccess | undefined, where: string): Database {
  const head = content.read(0, headerBytes);
  if (head.length < headerBytes || head.toString('latin1', 0, 16) !== magic) {
    throw unreadable(where, 'expected an SQLite database, found other bytes');
  }
  const stated = head.readUInt16BE(16);
  const pageSize = stated === 1 ? 65536 : stated;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) {
    throw unreadable(where, `expected a page size that is a power of two from 512, found ${pageSize}`);
  }
  const pages = withWal(pagesOf(content, pageSize), wal);
  const database = { pages, usable: pageSize - head[20]!, space: new HeaderSpace(), where };
  if (database.usable < 480)
    throw unreadable(where, `expected at least 480 usable bytes a page, found ${database.usable}`);
  return { ...database, guard: guardOf(database) };
}

function guardOf({ pages, where }: Pick<Database, 'pages' | 'where'>): PageGuard {
  return new PageGuard(pages.count, (message) => unreadable(where, message));
}

/** sqlite_schema (2.6) has columns type, name, tbl_name, rootpage, sql and begins on the first page. */
function rootOfPackages(database: Database): number {
  for (const { record } of tableRows(database, 0, 0)) {
    const isPackages =
      columnOf(record, 0, database.where) === 'table' && columnOf(record, 1, database.where) === 'Packages';
    const root = isPackages ? columnOf(record, 3, database.where) : undefined;
    if (typeof root === 'number') return root - 1;
  }
  throw unreadable(database.where, 'expected a table Packages, found none');
}

/** Rows of a table b-tree in key order (1.6). Pages count from 0 here, from 1 in the file. */
function* tableRows(database: Database, number: number, depth: number): Generator<Row> {
  const { pages, guard, where } = database;
  if (depth > maxDepth)
    throw unreadable(where, `expected a tree of at most ${maxDepth} levels, found a deeper one`);
  const page = pages.page(guard.take(number, 0));
  if (page.length < pages.pageSize) throw cutOff(database, number);
  const start = number === 0 ? headerBytes : 0;
  const type = page[start];
  const cells = page.readUInt16BE(start + 3);
  const place = `${where} page ${number + 1}`;
  if (type !== interiorTable && type !== leafTable)
    throw unreadable(place, `expected a table page, found type ${type}`);
  const pointers = start + (type === interiorTable ? 12 : 8);
  if (pointers + 2 * cells > page.length)
    throw unreadable(place, `expected cells within the page, found ${cells}`);
  for (let i = 0; i < cells; i += 1) {
    const at = page.readUInt16BE(pointers + 2 * i);
    if (at < pointers || at + 4 > page.length)
      throw unreadable(place, `expected a cell within the page, found one at ${at}`);
    if (type === interiorTable) yield* tableRows(database, page.readUInt32BE(at) - 1, depth + 1);
    else yield rowAt(database, page, at, place);
  }
  if (type === interiorTable) yield* tableRows(database, page.readUInt32BE(start + 8) - 1, depth + 1);
}

/** A leaf cell: payload length, row id, payload, of which what does not fit stands on overflow pages (1.6, 1.7). */
function rowAt(database: Database, page: Buffer, at: number, place: string): Row {
  const { usable } = database;
  const length = varintAt(page, at, place);
  const id = varintAt(page, length.end, place);
  if (length.value > maxHeaderBytes) {
    throw unreadable(place, `expected at most ${maxHeaderBytes} bytes a row, found ${length.value}`);
  }
  const local = localBytes(length.value, usable);
  const payload = page.subarray(id.end, id.end + local);
  if (payload.length < local)
    throw unreadable(place, 'expected a row within the page, found its end outside');
  if (local === length.value) return { id: id.value, record: payload };
  if (id.end + local + 4 > page.length)
    throw unreadable(place, 'expected an overflow page number, found the end of the page');
  const first = page.readUInt32BE(id.end + local) - 1;
  return { id: id.value, record: withOverflow(database, payload, length.value, first) };
}

function localBytes(length: number, usable: number): number {
  if (length <= usable - 35) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitted = least + ((length - least) % (usable - 4));
  return fitted <= usable - 35 ? fitted : least;
}

/** Each page of the chain begins with the number of the next: a run of them is read as it is and closed up in place. */
function withOverflow(database: Database, head: Buffer, length: number, first: number): Buffer {
  const { pages, guard, space, usable } = database;
  const { pageSize } = pages;
  const held = usable - 4;
  const record = space.take(head.length + Math.ceil((length - head.length) / held) * pageSize);
  let filled = head.copy(record);
  for (let number = first; filled < length; ) {
    const read = pages.run(guard.take(number, 1), Math.ceil((length - filled) / held), record, filled);
    if (read === 0) throw cutOff(database, number);
    const end = filled + read * pageSize;
    for (let at = filled; at < end; at += pageSize) {
      const next = uint32At(record, at) - 1;
      const size = Math.min(held, length - filled);
      record.copyWithin(filled, at + 4, at + 4 + size);
      filled += size;
      const follows = next === number + 1;
      number = next;
      if (!follows || at + pageSize === end) break;
      guard.take(number, 1);
    }
  }
  return record.subarray(0, length);
}

/** A log may promise pages that the file does not have. */
function cutOff({ where }: Database, number: number): Error {
  return unreadable(where, `expected page ${number + 1}, found the end of the file`);
}

/** A column of a record (2.1): text, blob or integer; undefined for others and where there is no such column. */
function columnOf(record: Buffer, index: number, place: string): string | Buffer | number | undefined {
  const header = varintAt(record, 0, place);
  let at = header.end;
  let offset = header.value;
  for (let column = 0; at < header.value; column += 1) {
    const serial = varintAt(record, at, place);
    at = serial.end;
    const size = serialBytes(serial.value);
    if (column === index) {
      if (offset + size > record.length)
        throw unreadable(place, 'expected a column within the row, found its end outside');
      return columnValue(record.subarray(offset, offset + size), serial.value);
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

/** Big-endian groups of seven bits, at most nine bytes (1.6); a value beyond 2^53 fails the bounds of its user. */
function varintAt(bytes: Buffer, at: number, place: string): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < 9; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) throw unreadable(place, 'expected a number, found the end of the data');
    if (i === 8) return { value: value * 256 + byte, end: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  throw unreadable(place, 'expected a number of at most nine bytes, found a longer one');
}

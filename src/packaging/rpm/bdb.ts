import { unreadable } from '../../files/unreadable.ts';
import type { RandomAccess } from '../../model/inventory/index.ts';
import type { ReportLoss } from '../database.ts';
import {
  BucketWalk,
  type ByteOrder,
  bigEndian,
  type HashMeta,
  littleEndian,
  readHashMeta,
} from './bdb-buckets.ts';
import { type HeaderBlob, HeaderSpace, maxHeaderBytes } from './header-blob.ts';
import { PageGuard, type Pages, pagesOf } from './pages.ts';

/** Berkeley DB 4 to 5, access method hash: src/dbinc/db_page.h of its sources gives the layout. */
const hashMagic = 0x061561;
const pageHeaderBytes = 26;
const unsortedHashPage = 2;
const overflowPage = 7;
const hashPage = 13;
const inlineItem = 1;
const offPageItem = 3;

interface Database {
  pages: Pages;
  meta: HashMeta;
  order: ByteOrder;
  guard: PageGuard;
  space: HeaderSpace;
  where: string;
}

/**
 * Yields the headers of a Packages file in the order of its pages, so that the file is read from front to end. Then buckets
 * and counters are compared with the pairs that were found, because an overwritten page looks like an unused one.
 */
export function* bdbHeaders(content: RandomAccess, where: string, lost: ReportLoss): Generator<HeaderBlob> {
  const database = openBdb(content, where);
  const { pages, order, meta } = database;
  const { count, pageSize, longestRun, run } = pages;
  const scanned = Buffer.allocUnsafe(longestRun * pageSize);
  const buckets = new BucketWalk(meta);
  for (let first = 1, read = 0; first < count; first += read) {
    read = run(first, longestRun, scanned, 0);
    if (read === 0) throw unreadable(where, `expected page ${first}, found the end of the file`);
    for (let i = 0; i < read; i += 1) {
      const page = scanned.subarray(i * pageSize, (i + 1) * pageSize);
      const type = page[25];
      if (type !== unsortedHashPage && type !== hashPage) continue;
      checkNumber(order.u32(page, 8), first + i, where);
      buckets.add(first + i, { next: order.u32(page, 16), items: order.u16(page, 20) });
      yield* pairsOf(database, page, first + i);
    }
  }
  buckets.check(lost);
}

function openBdb(content: RandomAccess, where: string): Database {
  const meta = content.read(0, 512);
  if (meta.length < 512) throw unreadable(where, `expected a Berkeley DB file, found ${meta.length} bytes`);
  const order = [littleEndian, bigEndian].find(({ u32 }) => u32(meta, 12) === hashMagic);
  if (!order) throw unreadable(where, 'expected a Berkeley DB hash file, found other bytes');
  const version = order.u32(meta, 16);
  if (version < 7 || version > 10)
    throw unreadable(where, `expected a hash file of version 7 to 10, found ${version}`);
  const pageSize = order.u32(meta, 20);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) {
    throw unreadable(
      where,
      `expected a page size that is a power of two from 512 to 65536, found ${pageSize}`,
    );
  }
  if (meta[24] !== 0) throw unreadable(where, 'expected an unencrypted file, found an encrypted one');
  if ((meta[26]! & 1) !== 0) throw unreadable(where, 'expected pages without checksums, found some with');
  const pages = pagesOf(content, pageSize);
  const stated = order.u32(meta, 32) + 1;
  if (stated > pages.count)
    throw unreadable(where, `expected ${stated} pages, found ${pages.count}: the file is cut off`);
  const guard = new PageGuard(pages.count, (message) => unreadable(where, message));
  const hashMeta = readHashMeta(meta, order);
  return { pages, meta: hashMeta, order, guard, space: new HeaderSpace(), where };
}

/** A page has its own number: one that was written to another place has another record's bytes. */
function checkNumber(stated: number, number: number, place: string): void {
  if (stated !== number)
    throw unreadable(place, `expected page ${number}, found page ${stated} in its place`);
}

/** Items alternate between key and value; an item ends where the one before it begins. */
function* pairsOf(database: Database, page: Buffer, number: number): Generator<HeaderBlob> {
  const { order, where } = database;
  const place = `${where} page ${number}`;
  const items = order.u16(page, 20);
  if (pageHeaderBytes + 2 * items > page.length)
    throw unreadable(place, `expected items within the page, found ${items}`);
  if (items % 2 !== 0) throw unreadable(place, `expected pairs of key and value, found ${items} items`);
  for (let i = 0; i < items; i += 2) {
    const key = itemAt(database, page, i, place);
    if (key.length !== 5 || key[0] !== inlineItem)
      throw unreadable(place, 'expected a key of four bytes, found another');
    const record = order.u32(key, 1);
    const value = itemAt(database, page, i + 1, place);
    const recordPlace = `${where} record ${record}`;
    if (record > 0) yield { bytes: headerOf(database, value, recordPlace), where: recordPlace };
    // Record 0 is rpm's counter of records.
    else if (value.length !== 5) throw unreadable(recordPlace, 'expected a counter, found a longer value');
  }
}

function itemAt({ order }: Database, page: Buffer, index: number, place: string): Buffer {
  const start = order.u16(page, pageHeaderBytes + 2 * index);
  const end = index === 0 ? page.length : order.u16(page, pageHeaderBytes + 2 * (index - 1));
  if (start >= end || end > page.length)
    throw unreadable(place, `expected an item that ends at ${end}, found it begin at ${start}`);
  return page.subarray(start, end);
}

function headerOf(database: Database, item: Buffer, place: string): Buffer {
  if (item[0] === inlineItem) return item.subarray(1);
  if (item[0] !== offPageItem || item.length < 12) {
    throw unreadable(place, `expected an inline or off-page value, found one of type ${item[0]}`);
  }
  const { u32 } = database.order;
  return overflowValue(database, u32(item, 4), u32(item, 8), place);
}

function overflowValue(database: Database, first: number, length: number, place: string): Buffer {
  if (length > maxHeaderBytes)
    throw unreadable(place, `expected at most ${maxHeaderBytes} bytes, found ${length}`);
  if (length > database.pages.count * database.pages.pageSize) {
    throw unreadable(place, `expected a value shorter than the file, found ${length} bytes`);
  }
  const { pages, order, guard, space } = database;
  const { pageSize } = pages;
  const held = pageSize - pageHeaderBytes;
  // A run of pages is read at once, and their data is joined in place.
  const value = space.take((Math.ceil(length / held) + 1) * pageSize);
  let filled = 0;
  for (let number = first; filled < length; ) {
    const read = pages.run(guard.take(number, 1), Math.ceil((length - filled) / held), value, filled);
    if (read === 0) throw unreadable(place, `expected page ${number}, found the end of the file`);
    const end = filled + read * pageSize;
    for (let at = filled; at < end; at += pageSize) {
      const type = value[at + 25];
      if (type !== overflowPage)
        throw unreadable(place, `expected an overflow page, found type ${type} on page ${number}`);
      checkNumber(order.u32(value, at + 8), number, place);
      const size = order.u16(value, at + 22);
      if (size === 0 || size > held || filled + size > length) {
        throw unreadable(place, `expected a part of the value on page ${number}, found ${size} bytes`);
      }
      const next = order.u32(value, at + 16);
      value.copyWithin(filled, at + pageHeaderBytes, at + pageHeaderBytes + size);
      filled += size;
      const follows = next === number + 1;
      number = next;
      if (!follows || filled === length || at + pageSize === end) break;
      guard.take(number, 1);
    }
  }
  return value.subarray(0, length);
}

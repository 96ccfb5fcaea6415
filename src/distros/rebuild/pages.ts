import { readItems } from '../../io/json-items.ts';
import { ScapfeedError } from '../../model/error.ts';
import { list, malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import type { Rebuild } from '../rebuilds.ts';
import type { PagesDefinition } from './definition.ts';

/** The set of all pages. */
export function advisoriesId({ id }: Pick<Rebuild, 'id'>): string {
  return `${id}-advisories`;
}

export function pageUrl({ advisories, pageSize }: PagesDefinition, page: number): string {
  return `${advisories}?size=${pageSize}&page=${page}`;
}

/** Its name in the set; names sort as pages do. */
export function pageName(page: number): string {
  return `page-${String(page).padStart(5, '0')}.json`;
}

/** A page's description of the list that it is a part of. */
export interface PageHead {
  /** Advisories on all pages. */
  total: number;
  /** Advisories on a full page; the server may allow fewer than it was asked for. */
  size: number;
  page: number;
}

/** The text of an advisory, and its place in the page's list. */
export interface PageItem {
  at: number;
  item: string;
}

/** An item that cannot be read as an advisory at all. */
export interface PageFault {
  at: number;
  fault: string;
}

/** The largest are those of the kernel, with some 500 kB. */
const maxAdvisoryBytes = 2 ** 26;
/** There are some 8,000 advisories; more than this is no list of them. */
const maxTotal = 1_000_000;
const maxSize = 1000;

/**
 * The advisories of a page, one at a time, then its data about the whole list. @throws SOURCE_NOT_JSON, SOURCE_MALFORMED if it is
 * not a page of the list
 */
export async function* readPage(
  body: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<PageItem | PageFault | { head: PageHead }> {
  const faults: PageFault[] = [];
  let rest = '';
  for await (const read of readItems(body, {
    list: 'advisories',
    maxItemBytes: maxAdvisoryBytes,
    where,
    tooLong: (at) => faults.push({ at, fault: `more than ${maxAdvisoryBytes} bytes` }),
    stray: (at) => faults.push({ at, fault: 'expected an object, found another value' }),
  })) {
    if ('rest' in read) rest = read.rest;
    else yield read;
  }
  yield* faults;
  yield { head: headOf(rest, where) };
}

function headOf(rest: string, where: string): PageHead {
  const read = readRecord(where, () => {
    const raw = record(parseJsonText(rest), '');
    if (list(raw['advisories'], '/advisories') !== raw['advisories'])
      throw malformed('/advisories', 'a list of advisories', raw['advisories']);
    return {
      total: count(raw['total'], '/total', 0, maxTotal),
      size: count(raw['size'], '/size', 1, maxSize),
      page: count(raw['page'], '/page', 1, maxTotal),
    };
  });
  if (read instanceof ScapfeedError) throw read;
  return read;
}

function count(value: unknown, pointer: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw malformed(pointer, `a number from ${least} to ${most}`, value);
  return value;
}

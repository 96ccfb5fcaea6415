import { parseForeignJson } from '../../../io/foreign-json.ts';
import { refusal } from '../../refusal.ts';

export type CursorValue = string | number;

/** A part of a list. */
export interface ListPage<Item> {
  items: Item[];
  next: string | null;
}

/** The values by which a list is sorted, of its last item: the rest begins after them. */
function cursorOf(values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** @throws REQUEST_INVALID for what no answer had as `next` */
export function readCursor(
  text: string | undefined,
  kinds: readonly ('string' | 'number')[],
): CursorValue[] | undefined {
  if (text === undefined) return undefined;
  const values = parsed(text);
  const isOurs =
    Array.isArray(values) &&
    values.length === kinds.length &&
    values.every((value, at) => typeof value === kinds[at]);
  if (isOurs && values.every((value) => typeof value === 'string' || isDatabaseInteger(value)))
    return values as CursorValue[];
  throw refusal(
    'REQUEST_INVALID',
    'the cursor is not one of an answer to this request',
    'begin without a cursor',
  );
}

/** Lists are sorted by counts and ids, which the database keeps in 32 bits. */
function isDatabaseInteger(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
}

function parsed(text: string): unknown {
  try {
    return parseForeignJson(Buffer.from(text, 'base64url'));
  } catch {
    return undefined;
  }
}

/** A part of a list, of which one row more than asked for was read if there are more. `values`: by which it is sorted. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  values: (row: Row) => readonly CursorValue[],
): ListPage<Row> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? cursorOf(values(items.at(-1)!)) : null };
}

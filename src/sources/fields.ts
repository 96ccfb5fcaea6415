import { ScapfeedError } from '../model/error.ts';

// Values from JSON.parse may have any type: every list, object and text of a vendor's record is checked by one of these before
// use. Their errors have the place within the record; foreign-record.ts adds the place of the record.

/** A list that may be absent or null; anything else but a list is malformed. */
export function list<T>(value: unknown, pointer: string): readonly T[] {
  if (value === undefined || value === null) return noItems;
  if (!Array.isArray(value)) throw malformed(pointer, 'a list', value);
  return value as T[];
}

const noItems: readonly never[] = [];

/** A list of texts that may be absent or null. */
export function texts(value: unknown, pointer: string): readonly string[] {
  const items = list<unknown>(value, pointer);
  for (let at = 0; at < items.length; at++) {
    if (typeof items[at] !== 'string') throw malformed(`${pointer}/${at}`, 'a text', items[at]);
  }
  return items as readonly string[];
}

/** A JSON object, or malformed. */
export function record(value: unknown, pointer: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(pointer, 'an object', value);
  return value as Record<string, unknown>;
}

/** A text, or malformed. */
export function text(value: unknown, pointer: string): string {
  if (typeof value !== 'string') throw malformed(pointer, 'a text', value);
  return value;
}

/** A name, version or id: printable ASCII without blanks, not empty. */
export function word(value: unknown, pointer: string): string {
  if (typeof value !== 'string' || !/^[!-~]+$/.test(value)) throw malformed(pointer, 'a word', value);
  return value;
}

/** The same, or undefined if it is absent or null. */
export function optionalWord(value: unknown, pointer: string): string | undefined {
  return value === undefined || value === null ? undefined : word(value, pointer);
}

/** A text that may be absent or null; anything else is malformed: for fields that decide. */
export function optionalText(value: unknown, pointer: string): string | undefined {
  return value === undefined || value === null ? undefined : text(value, pointer);
}

/** A text, or undefined for anything else, also for '': for fields that decide nothing. */
export function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The day of an ISO 8601 time, YYYY-MM-DD, or undefined for anything else: for fields that decide nothing. */
export function dayOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? /^\d{4}-\d{2}-\d{2}(?![^T ])/.exec(value)?.[0] : undefined;
}

/** The error for a record that is JSON but not in its format, at a pointer within the record. */
export function malformed(pointer: string, expected: string, found: unknown): ScapfeedError {
  const kind = Array.isArray(found) ? 'a list' : typeof found === 'object' ? 'an object' : typeof found;
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected ${expected}, found ${found === undefined || found === null ? 'nothing' : shown(found, kind)}`,
    where: pointer,
  });
}

function shown(found: unknown, kind: string): string {
  return typeof found === 'string' ? JSON.stringify(found.slice(0, 60)) : kind;
}

import { type JsonBound, JsonNameError, parseForeignJson } from '../io/foreign-json.ts';
import { ScapfeedError } from '../model/error.ts';

/**
 * Reads a vendor's record: returns what was read, or the error with the place where its form is wrong. Nothing is thrown,
 * whatever the record contains, so that one bad record is a finding and does not end a build. `where` is the record's place;
 * errors of fields.ts add the place within it.
 */
export function readRecord<T>(where: string, read: () => T): T | ScapfeedError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ScapfeedError) {
      const { code, message, where: pointer = '', remedy, cause } = error;
      return new ScapfeedError({
        code,
        message,
        where: where + pointer,
        ...(remedy ? { remedy } : {}),
        cause,
      });
    }
    // V8's error messages differ between versions, so they must not be in a feed.
    const message = 'expected the form that its vendor documents, found another';
    return new ScapfeedError({ code: 'SOURCE_MALFORMED', message, where, cause: error });
  }
}

/** JSON of a vendor. Throws SOURCE_NOT_JSON, without V8's words and with a place only once it was read; SOURCE_MALFORMED for a name that an object has twice. */
export function parseJsonText(json: string, bound: JsonBound = {}): unknown {
  try {
    return parseForeignJson(json, bound);
  } catch (cause) {
    if (cause instanceof JsonNameError)
      throw new ScapfeedError({ code: 'SOURCE_MALFORMED', message: cause.message, cause });
    throw new ScapfeedError({
      code: 'SOURCE_NOT_JSON',
      message: `expected JSON, found ${JSON.stringify(json.slice(0, 40))}`,
      cause,
    });
  }
}

/** True if a record names itself so in this field of its outermost object. Only a record that has the text is parsed. */
export function namesItself(json: string, field: string, name: string): boolean {
  if (!json.includes(JSON.stringify(name))) return false;
  const read = readRecord('', () => parseJsonText(json));
  return !(read instanceof ScapfeedError) && (read as Record<string, unknown> | null)?.[field] === name;
}

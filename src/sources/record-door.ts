import { ScapfeedError } from '../model/index.ts';

/**
 * The one way from a vendor's record to what we read of it: the record, or the error that says at which place it is of
 * another form than it should be. Nothing else is thrown, whatever stands in the record, so that one odd record is a finding
 * and never the end of a build. `where` is the record's place; errors of fields.ts tell the rest of it.
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
    // The words of V8 differ from release to release: they are no part of a feed.
    const message = 'expected the form that its vendor documents, found another';
    return new ScapfeedError({ code: 'SOURCE_MALFORMED', message, where, cause: error });
  }
}

/** JSON of a vendor. Throws SOURCE_NOT_JSON, without V8's words and with a place only once it went through the door. */
export function parseJsonText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'SOURCE_NOT_JSON',
      message: `expected JSON, found ${JSON.stringify(json.slice(0, 40))}`,
      cause,
    });
  }
}

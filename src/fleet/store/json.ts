/**
 * A value as JSON that PostgreSQL takes. It refuses NUL and halves of surrogate pairs, which names in an image can have: both
 * become U+FFFD. They are always escaped in JSON; an even number of backslashes before is text.
 */
export function json(value: unknown): string {
  return JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '$1\\ufffd');
}

/** The same for a text that goes into a column. */
export function storable(text: string): string {
  return Buffer.from(text).toString('utf8').replaceAll('\0', '\ufffd');
}

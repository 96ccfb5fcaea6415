/**
 * Yields the lines of a file of names. Bytes that are not UTF-8 are taken as one character each, as in names in layers, so
 * that both name the same file.
 */
export function* textLines(content: Buffer): Generator<string> {
  for (let start = 0; start < content.length; ) {
    const newline = content.indexOf(0x0a, start);
    const end = newline === -1 ? content.length : newline;
    const text = content.toString('utf8', start, end);
    yield text.includes('\ufffd') ? content.toString('latin1', start, end) : text;
    start = end + 1;
  }
}

/**
 * Lines of a file of names, without the empty last one. Bytes that are no UTF-8 are taken one character each, as names in
 * the layers are, so that both name the same file.
 */
export function textLines(content: Buffer): string[] {
  const text = content.toString('utf8');
  const lines = text.includes('\ufffd')
    ? content.toString('latin1').split('\n').map(utf8Line)
    : text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function utf8Line(line: string): string {
  const text = Buffer.from(line, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? line : text;
}

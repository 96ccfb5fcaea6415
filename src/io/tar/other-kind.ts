/** What people give for a tar, by its first bytes. */
const kinds: readonly [start: string, kind: string][] = [
  ['PK\x03\x04', 'a zip archive'],
  ['PK\x05\x06', 'an empty zip archive'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive'],
  ['Rar!', 'a RAR archive'],
  ['!<arch>\n', 'an ar archive, as a .deb package is'],
  ['\xed\xab\xee\xdb', 'an RPM package'],
  ['hsqs', 'a squashfs file system'],
  ['QFI\xfb', 'a disk image (qcow2)'],
  ['\x7fELF', 'a program (ELF)'],
];

/** The kind of bytes that are no tar; undefined: none that is known, as of a damaged tar. */
export function otherKind(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  const found = kinds.find(([start]) => text.startsWith(start))?.[1];
  if (found !== undefined) return found;
  if (/^(\xef\xbb\xbf)?\s*<(!doctype html|html)\b/i.test(text)) return 'a page of HTML';
  // Every tar header has zero bytes.
  return /^[\t\n\f\r\x20-\x7e\x80-\xff]+$/.test(text) ? 'text' : undefined;
}

/** Files that are given by mistake instead of a tar, by their first bytes. */
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

/** Documents that list packages, by what their first block of 512 bytes has if their tool writes its usual order. */
const boms: readonly [mark: RegExp, format: string][] = [
  [/"bomFormat"|cyclonedx\.org\/schema/, 'CycloneDX'],
  [/"spdxVersion"|"SPDXID"|spdx\.org\/rdf|^SPDXVersion[ \t]*:/m, 'SPDX'],
  [/^\{\s*"artifacts"\s*:/, "syft's JSON"],
  [/^\{\s*"SchemaVersion"\s*:/, "trivy's JSON"],
  [/^\{\s*"image"\s*:\s*\{\s*"reference"|^#platform /, 'written by scapfeed inventory'],
];

/** Beginnings of documents that list packages. */
export const bomKind = 'an SBOM';

/** The kind of bytes that are no tar; undefined: none that is known, as of a damaged tar. */
export function otherKind(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  const found = kinds.find(([start]) => text.startsWith(start))?.[1];
  if (found !== undefined) return found;
  if (/^(\xef\xbb\xbf)?\s*<(!doctype html|html)\b/i.test(text)) return 'a page of HTML';
  const bom = boms.find(([mark]) => mark.test(text.replace(/^\xef\xbb\xbf/, '').trimStart()))?.[1];
  if (bom !== undefined && !text.includes('\0')) return `${bomKind} (${bom})`;
  // Every tar header has zero bytes.
  return /^[\t\n\f\r\x20-\x7e\x80-\xff]+$/.test(text) ? 'text' : undefined;
}

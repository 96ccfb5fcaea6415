import { isUtf8 } from 'node:buffer';

/** The kind of a file that is not the expected XML document, and the remedy. */
export interface ForeignFile {
  found: string;
  remedy: string;
}

const unpack = 'unpack it, and name the document inside';

/** Files that are given by mistake, by their first bytes as Latin-1. */
const foreignFiles: readonly [start: RegExp, found: string, remedy: string][] = [
  [/^PK(?:\x03\x04|\x05\x06|\x07\x08)/, 'a zip archive', unpack],
  [/^.{257}ustar/s, 'a tar archive', unpack],
  [/^(?:\x1f\x8b|BZh[1-9]|\xfd7zXZ\0|\x28\xb5\x2f\xfd)/, 'a compressed file in a compressed one', unpack],
  [/^(?:7z\xbc\xaf|Rar!)/, 'an archive', unpack],
  [/^%PDF-/, 'a PDF', 'take the document in XML from its publisher'],
  [/^\x7fELF/, 'a program', 'specify the document'],
  [/^\xed\xab\xee\xdb/, 'an rpm package', unpack],
  [/^!<arch>\n/, 'a package or an archive (ar)', unpack],
  [/^SQLite format 3\0/, 'an SQLite database', 'specify the document'],
  [
    /^(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)[\s>]/i,
    'a web page (HTML)',
    'take the document itself from its publisher: a server may answer with a page of its own',
  ],
  [
    /^\{.{0,80}"kind":"scapfeed-benchmark"/,
    'a benchmark, compiled',
    'evaluate it with `scapfeed comply IMAGE --content FILE --profile ID`',
  ],
  [/^(?:\xef\xbb\xbf)?\s*[[{]/, 'JSON', '`scapfeed info FILE` says what it is, and which command takes it'],
];

/** By the first bytes of a file, at least 512 if it has so many; undefined: it may be XML. */
export function foreignFile(head: Uint8Array): ForeignFile | undefined {
  if (head.length === 0) return { found: 'an empty file', remedy: 'make or fetch it again' };
  const start = latin1(head.subarray(0, 512));
  const known = foreignFiles.find(([pattern]) => pattern.test(start));
  if (known) return { found: known[1], remedy: known[2] };
  if (xmlEncoding(head) !== 'utf-8' || /^(?:\xef\xbb\xbf)?\s*(?:<|$)/.test(start)) return undefined;
  const isText = !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(start);
  return {
    found: isText ? 'text of another kind' : 'binary data',
    remedy: '`scapfeed info FILE` says what a file is, if it knows it',
  };
}

/** First bytes of documents without a readable declaration, with their encoding (XML 1.0, appendix F). */
const starts: readonly [start: string, encoding: string][] = [
  ['\xef\xbb\xbf', 'utf-8'],
  ['\xff\xfe\0\0', 'utf-32'],
  ['\0\0\xfe\xff', 'utf-32'],
  ['<\0\0\0', 'utf-32'],
  ['\0\0\0<', 'utf-32'],
  ['\xff\xfe', 'utf-16le'],
  ['\xfe\xff', 'utf-16be'],
  ['<\0', 'utf-16le'],
  ['\0<', 'utf-16be'],
  ['\x4c\x6f\xa7\x94', 'ebcdic'],
];

/** The encoding of an XML document by its first bytes: its beginning, then its declaration. */
export function xmlEncoding(head: Uint8Array): string {
  const start = latin1(head.subarray(0, 200));
  const known = starts.find(([bytes]) => start.startsWith(bytes));
  if (known) return known[1];
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1]?.toLowerCase();
  return declared === undefined || /^(?:utf-?8|us-ascii|ascii)$/.test(declared) ? 'utf-8' : declared;
}

/** Whether a declaration can only be read if it is wrong: its bytes are those of ASCII. */
export function isWideEncoding(encoding: string): boolean {
  return /^(?:utf-?(?:16|32)|ucs-?[24]|iso-10646)/.test(encoding);
}

/** Place of the first byte that is not of UTF-8, from the start of a character on; the number of bytes: there is none. */
export function firstNotUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = utf8Length(bytes[at]!);
    if (bytes[at]! >= 0x80 && !isUtf8(bytes.subarray(at, at + length))) break;
    at += length;
  }
  return at;
}

/** Bytes of a character by its first. */
export function utf8Length(byte: number): number {
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

import { createGunzip } from 'node:zlib';
import { compressionOf } from '../io/decompress.ts';
import { ScapfeedError } from '../model/error.ts';

/** `json`: one JSON object or array; `text`: lines, but not HTML; `packed`: gzip, xz, bzip2 or zstd; `xml`: but not HTML. */
export type DocumentKind = 'json' | 'text' | 'packed' | 'zip' | 'xml';

/** Number of bytes of a document's end that are checked: room for trailing white space. */
const tailBytes = 64;

/**
 * Passes a body on while checking its start and end: an error page sent with status 200, or a truncated file, must not
 * become a snapshot. @throws SOURCE_NOT_JSON, SOURCE_MALFORMED
 */
export async function* watchKind(
  body: AsyncIterable<Uint8Array>,
  kind: DocumentKind,
  where: string,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined;
  let tail = Buffer.alloc(0);
  let gzip: GzipEnd | undefined;
  for await (const piece of body) {
    if (head === undefined && piece.length > 0) {
      head = Buffer.from(piece.subarray(0, tailBytes));
      checkHead(head, kind, where);
    }
    tail = Buffer.concat([tail, piece.subarray(-tailBytes)]).subarray(-tailBytes);
    if (kind === 'packed' && head && compressionOf(head) === 'gzip') {
      gzip ??= new GzipEnd();
      await gzip.write(piece);
    }
    yield piece;
  }
  checkHead(head ?? tail, kind, where);
  if (kind === 'text' && tail.at(-1) !== 0x0a)
    throw malformed('a text that ends with a line', `one that stops at ${quoted(tail)}`, where);
  if (kind === 'packed' && !(await (gzip?.whole() ?? endsWell(head ?? tail, tail))))
    throw malformed('a whole compressed file', `one that stops at ${quoted(tail)}`, where);
  if (kind === 'json' && !/[}\]]\s*$/.test(tail.toString('latin1'))) {
    throw notJson(`expected JSON to its end, found one that stops at ${quoted(tail)}`, where);
  }
}

function quoted(tail: Buffer): string {
  return JSON.stringify(tail.subarray(-20).toString('latin1'));
}

/** True if a compressed file is complete. zstd has no end mark: its readers detect a truncated file. */
function endsWell(head: Buffer, tail: Buffer): boolean {
  const form = compressionOf(head);
  // XZ file format 2.1.2: stream footer magic, padded by zeros.
  if (form === 'xz') return /YZ(?:\0{4})*$/.test(tail.toString('latin1'));
  if (form === 'bzip2') return endsBzip2(tail);
  return true;
}

/** The end-of-stream mark of 48 bits and a checksum of 32 bits, at any bit, padded to a byte. */
function endsBzip2(tail: Buffer): boolean {
  const bits = [...tail.subarray(-11)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const mark = (0x177245385090).toString(2).padStart(48, '0');
  return Array.from({ length: 8 }, (_, padding) => bits.length - padding - 80).some(
    (at) => at >= 0 && bits.startsWith(mark, at),
  );
}

/** The end of gzip is only known after decompression. */
class GzipEnd {
  readonly #gunzip = createGunzip();
  readonly #end: Promise<boolean>;

  constructor() {
    this.#end = new Promise((resolve) => {
      this.#gunzip.once('end', () => resolve(true)).once('error', () => resolve(false));
    });
    this.#gunzip.resume();
  }

  async write(piece: Uint8Array): Promise<void> {
    if (this.#gunzip.destroyed || this.#gunzip.write(piece)) return;
    await Promise.race([new Promise((resolve) => this.#gunzip.once('drain', resolve)), this.#end]);
  }

  whole(): Promise<boolean> {
    this.#gunzip.end();
    return this.#end;
  }
}

function checkHead(head: Buffer, kind: DocumentKind, where: string): void {
  const text = head
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  const found = JSON.stringify(text.slice(0, 40));
  if (kind === 'json' && !/^[{[]/.test(text)) throw notJson(`expected JSON, found ${found}`, where);
  if (kind === 'text' && (text === '' || text.startsWith('<')))
    throw malformed('a text document', found, where);
  if (kind === 'zip' && !text.startsWith('PK')) throw malformed('a zip archive', found, where);
  if (kind === 'xml' && (!text.startsWith('<') || /^<(?:!doctype\s+)?html/i.test(text)))
    throw malformed('an XML document', found, where);
  if (kind === 'packed' && compressionOf(head) === undefined)
    throw malformed('a compressed file', found, where);
}

function notJson(message: string, where: string): ScapfeedError {
  return new ScapfeedError({ code: 'SOURCE_NOT_JSON', message, where, remedy: wrongPage });
}

function malformed(expected: string, found: string, where: string): ScapfeedError {
  const message = `expected ${expected}, found ${found}`;
  return new ScapfeedError({ code: 'SOURCE_MALFORMED', message, where, remedy: wrongPage });
}

const wrongPage =
  'check the address: a proxy or a moved page may answer in its place; the last good snapshot is kept';

import { compressionOf } from '../io/decompress.ts';
import { ScapfeedError } from '../model/index.ts';

/** `json`: one JSON object or array; `text`: anything but HTML; `packed`: gzip, xz, bzip2 or zstd. */
export type DocumentKind = 'json' | 'text' | 'packed';

/** How many bytes of a document's end are looked at: room for trailing blanks. */
const tailBytes = 64;

/**
 * Passes a body on while looking at its two ends: an error page sent with status 200, or a file that stops in the
 * middle, must not become a snapshot. Throws SOURCE_NOT_JSON or SOURCE_MALFORMED.
 */
export async function* watchKind(
  body: AsyncIterable<Uint8Array>,
  kind: DocumentKind,
  where: string,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined;
  let tail = Buffer.alloc(0);
  for await (const piece of body) {
    if (head === undefined && piece.length > 0) {
      head = Buffer.from(piece.subarray(0, tailBytes));
      checkHead(head, kind, where);
    }
    tail = Buffer.concat([tail, piece.subarray(-tailBytes)]).subarray(-tailBytes);
    yield piece;
  }
  checkHead(head ?? tail, kind, where);
  if (kind === 'json' && !/[}\]]\s*$/.test(tail.toString('latin1'))) {
    const end = JSON.stringify(tail.subarray(-20).toString('latin1'));
    throw notJson(`expected JSON to its end, found one that stops at ${end}`, where);
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
  'look at the address: a proxy or a moved page may answer in its place; the last good snapshot stays';

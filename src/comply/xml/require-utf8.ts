import { isUtf8 } from 'node:buffer';
import { firstNotUtf8, utf8Length } from '../../model/document-start.ts';
import { SettledProblem } from './scan-parts.ts';

/**
 * Refuses bytes that are no UTF-8: read as U+FFFD, the name of a package would be another, and a flaw in it would be missed.
 * `before`: bytes of the document before them. A character may go on in the next piece.
 * @throws XmlProblem
 */
export function requireUtf8(bytes: Uint8Array, before: number, isLast: boolean): void {
  const whole = isLast ? bytes : bytes.subarray(0, bytes.length - unfinished(bytes));
  if (isUtf8(whole)) return;
  const at = firstNotUtf8(whole);
  const found = Buffer.from(whole.subarray(at, at + 4)).toString('hex');
  throw new SettledProblem(
    `byte ${before + at + 1} is not of UTF-8 (found 0x${found}): the document is damaged, or its XML declaration does not name its encoding`,
  );
}

/** Bytes of a character that has begun at the end. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) !== 0x80) return utf8Length(byte) > back ? back : 0;
  }
  return 0;
}

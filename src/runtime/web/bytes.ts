import { ScapfeedError } from '../../model/error.ts';

/** sha256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return hexOf(await digestOf(bytes));
}

export async function digestOf(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle().digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Undefined: it is no hexadecimal. */
export function bytesOfHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

/** WebCrypto, which browsers give to pages of https and localhost alone. */
export function subtle(): typeof crypto.subtle {
  const found = (globalThis.crypto as typeof crypto | undefined)?.subtle;
  if (found) return found;
  throw cannotVerify('this page has no WebCrypto, because its address is not https or localhost');
}

export function cannotVerify(message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_SIGNATURE_WRONG',
    message: `signatures cannot be verified here: ${message}`,
    remedy:
      'open the page by https in a newer browser (Chrome 137, Firefox 129, Safari 17), or use `scapfeed scan --feed`',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Decompresses gzip to exactly so many bytes, or to so many at most. Undefined: it is something else. */
export async function gunzip(
  bytes: Uint8Array,
  { exactly, most }: { exactly?: number; most: number },
): Promise<Uint8Array | undefined> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const plain = stream.pipeThrough(new DecompressionStream('gzip'));
  try {
    const content = await readAtMost(plain, most);
    return exactly === undefined || content?.length === exactly ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: there is more. */
export async function readAtMost(
  stream: { getReader(): Reader },
  most: number,
  onPiece: (bytes: number) => void = () => {},
): Promise<Uint8Array | undefined> {
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    size += value!.length;
    if (size > most) {
      await reader.cancel().catch(() => {});
      return undefined;
    }
    pieces.push(value!);
    onPiece(value!.length);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

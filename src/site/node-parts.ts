import { sha256 } from './sha256.ts';

/**
 * Browser replacement for the parts of Node that document readers and report writers use; the bundler substitutes it for
 * `Buffer`, `node:buffer` and `node:crypto`.
 */
export class PageBuffer extends Uint8Array {
  static override from(value: unknown, encoding?: unknown, length?: unknown): PageBuffer {
    if (value instanceof ArrayBuffer)
      return new PageBuffer(value, encoding as number | undefined, length as number | undefined);
    if (typeof value !== 'string') return new PageBuffer(value as ArrayLike<number>);
    if (encoding === 'hex')
      return new PageBuffer((value.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
    if (encoding === 'latin1') return codes(value);
    if (encoding === 'base64')
      return codes(
        atob(
          value
            .replaceAll('-', '+')
            .replaceAll('_', '/')
            .replace(/[^A-Za-z0-9+/]/g, ''),
        ),
      );
    return new PageBuffer(new TextEncoder().encode(value));
  }

  static alloc(length: number): PageBuffer {
    return new PageBuffer(length);
  }

  static allocUnsafe(length: number): PageBuffer {
    return new PageBuffer(length);
  }

  static isBuffer(value: unknown): boolean {
    return value instanceof PageBuffer;
  }

  static concat(parts: readonly Uint8Array[]): PageBuffer {
    const whole = new PageBuffer(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  override toString(encoding = 'utf8', start = 0, end = this.length): string {
    const part = this.subarray(start, end);
    if (encoding === 'hex') return Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return encoding === 'latin1' ? latin1(part) : utf8.decode(part);
  }

  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, at) => byte === other[at]);
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const pieceBytes = 8192;

function latin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + pieceBytes)));
  return pieces.join('');
}

function codes(text: string): PageBuffer {
  return PageBuffer.from(Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)));
}

export { PageBuffer as Buffer };

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

export function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}

/** As `hash` of `node:crypto`. @throws {TypeError} for another algorithm or encoding, which no report uses */
export function hash(algorithm: string, data: string | Uint8Array, encoding = 'hex'): string {
  if (algorithm !== 'sha256' || encoding !== 'hex')
    throw new TypeError(`no ${algorithm} in ${encoding} here`);
  return PageBuffer.from(sha256(PageBuffer.from(data))).toString('hex');
}

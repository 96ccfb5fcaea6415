import { createHash, type Hash } from 'node:crypto';
import { isDigest } from '../../io/digest.ts';
import { ScapfeedError } from '../../model/error.ts';
import { malformed } from '../limits.ts';

/** `sha256:` and 64 hex digits. Errors: IMAGE_MALFORMED. */
export function requireDigest(value: unknown, where: string): string {
  if (typeof value === 'string' && isDigest(value)) return value;
  throw malformed(`expected a digest sha256:HEX, found ${JSON.stringify(value)?.slice(0, 100)}`, where);
}

/** Hashes a stream while it is read, and compares the digest at its end. */
export class DigestCheck {
  #expected: string | undefined;
  #algorithm: string;
  #hash: Hash;
  #where: string;

  /** Without an expected digest it only computes sha256. */
  constructor(expected: string | undefined, where: string) {
    this.#expected = expected;
    this.#algorithm = expected?.split(':')[0] ?? 'sha256';
    this.#hash = createHash(this.#algorithm);
    this.#where = where;
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  /** The digest found. Errors: IMAGE_DIGEST_MISMATCH. */
  finish(): string {
    const found = `${this.#algorithm}:${this.#hash.digest('hex')}`;
    requireSame(this.#expected, found, this.#where);
    return found;
  }
}

/** Errors: IMAGE_DIGEST_MISMATCH. */
export function verifyDigest(bytes: Uint8Array, expected: string, where: string): void {
  const check = new DigestCheck(expected, where);
  check.update(bytes);
  check.finish();
}

/** Errors: IMAGE_DIGEST_MISMATCH, when a digest is expected and another was found. */
export function requireSame(expected: string | undefined, found: string | undefined, where: string): void {
  if (expected === undefined || expected === found) return;
  throw new ScapfeedError({
    code: 'IMAGE_DIGEST_MISMATCH',
    message: `expected content with digest ${expected}, found ${found}`,
    where,
    remedy: 'fetch or save the image again; do not trust what was read from it',
  });
}

import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adler32 } from '../../../src/packaging/rpm/header-blob.ts';

/** A zlib stream ends with the checksum of what it holds. */
const byZlib = (bytes: Uint8Array) => deflateSync(bytes, { level: 0 }).subarray(-4).readUInt32BE();

test('adler32 is what zlib writes, of any words and of those that make its sums largest', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000, size: 'max' }), (random) => {
      const bytes = random.subarray(random.length % 4);
      expect(adler32(bytes, bytes.length)).toBe(byZlib(bytes));
    }),
  );
  for (const words of [0, 1, 22, 23, 24, 46, 47, 1_000_001]) {
    const bytes = new Uint8Array(4 * words).fill(255);
    expect(adler32(bytes, bytes.length)).toBe(byZlib(bytes));
  }
});

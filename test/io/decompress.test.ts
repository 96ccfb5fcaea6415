import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readAll } from '../../src/io/bytes.ts';
import { compressionOf, decompress } from '../../src/io/decompress.ts';
import { bodyOf } from '../support/sources.ts';

/** The same text by each tool, so that this test needs none: printf 'hello\n' | TOOL -c | base64 -w0 */
const hello = {
  gzip: 'H4sIAAAAAAAAA8tIzcnJ5wIAIDA6NgYAAAA=',
  xz: '/Td6WFoAAATm1rRGBMAKBiEBFgAAAAAAAAAAAKowjqYBAAVoZWxsbwoAAAClYJfxlPb94AABJgY6kzsKH7bzfQEAAAAABFla',
  bzip2: 'QlpoOTFBWSZTWcHAgOIAAAFBAAAQAkSgADDNAMNGKZcXckU4UJDBwIDi',
  zstd: 'KLUv/QRYMQAAaGVsbG8KU4i9kQ==',
};

/** head -c 100000000 /dev/zero | bzip2 | base64 -w0 */
const zeros = Buffer.from(
  'QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1nEYApVAD7RQALAAAABAAAggADDMCapppUiDaipEHi7kinChIcCoiS4=',
  'base64',
);

describe('decompress', () => {
  it('passes a plain body as it is', async () => {
    for (const text of ['', 'h', 'hello\n']) expect(await plain(Buffer.from(text))).toBe(text);
  });

  it('undoes gzip of several members, in small pieces', async () => {
    expect(await plain(Buffer.concat([gzipSync('hello '), gzipSync('world')]), 3)).toBe('hello world');
  });

  it('refuses bytes that follow a magic of gzip and are none', async () => {
    await expect(plain(Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
      where: 'file',
      message: expect.stringContaining('expected a whole gzip file'),
    });
  });

  it('is bounded by the plain size', async () => {
    await expect(plain(gzipSync(Buffer.alloc(1_000_000)), 1000, 10_000)).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
    });
  });

  it('is bounded by what was received: a hundred bytes of bzip2 that make 100 MB', async () => {
    await expect(plain(zeros, 113, 1_000_000_000)).rejects.toMatchObject({
      code: 'SOURCE_TOO_LARGE',
      message: `expected at most ${2 ** 24 + 250 * zeros.length} bytes from ${zeros.length} of bzip2, found more`,
    });
  });

  it('passes on what the body throws', async () => {
    async function* failing() {
      yield gzipSync('hello').subarray(0, 12);
      throw new Error('the disk is gone');
    }

    await expect(
      readAll(decompress(failing(), { maxBytes: 100, where: 'file' }), bound(100)),
    ).rejects.toThrow('the disk is gone');
  });
});

it.each([1, 3, 5, 9, 15])(
  'zstd that lacks its last %i bytes is refused, also where the decoder takes it',
  async (lost) => {
    const bytes = Buffer.from(hello.zstd, 'base64');

    await expect(plain(bytes.subarray(0, bytes.length - lost))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
  },
);

describe.each(Object.entries(hello))('%s', (kind, packed) => {
  const bytes = Buffer.from(packed, 'base64');

  it('is known by its magic', () => {
    expect(compressionOf(bytes)).toBe(kind);
  });

  it('is undone', async () => {
    expect(await plain(bytes)).toBe('hello\n');
  });
});

async function plain(bytes: Uint8Array, size = 1000, maxBytes = 1_000_000): Promise<string> {
  return (
    await readAll(decompress(bodyOf(bytes, size), { maxBytes, where: 'file' }), bound(maxBytes))
  ).toString();
}

function bound(maxBytes: number) {
  return { maxBytes, code: 'SOURCE_TOO_LARGE', where: 'file' } as const;
}

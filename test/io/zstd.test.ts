import { describe, expect, it } from 'vitest';
import { readAll } from '../../src/io/bytes.ts';
import { unzstd } from '../../src/io/zstd.ts';
import { plainOfZstd } from '../../src/io/zstd-at-once.ts';
import { blockHeader, frameHeader, zstdFrame } from '../image/support/make-zstd.ts';
import { bodyOf } from '../support/sources.ts';

async function plain(bytes: Buffer, size = 100_000): Promise<string> {
  const body = unzstd(bodyOf(bytes, size), 'file');
  return (await readAll(body, { maxBytes: 10_000_000, code: 'SOURCE_TOO_LARGE', where: 'file' })).toString();
}

function skippable(length: number, kind = 0): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50 + kind, 0);
  header.writeUInt32LE(length, 4);
  return Buffer.concat([header, Buffer.alloc(length, 'skipped')]);
}

const [hello, world] = [zstdFrame(Buffer.from('hello ')), zstdFrame(Buffer.from('world'))];

describe.each([1, 2, 5, 13, 100_000])('zstd in pieces of %i bytes', (size) => {
  it.each<[string, Buffer[], string]>([
    ['one frame without content size', [hello], 'hello '],
    ['frames one after the other', [hello, world, hello], 'hello worldhello '],
    ['a skippable frame before', [skippable(20), hello], 'hello '],
    [
      'skippable frames between and after',
      [hello, skippable(0), skippable(9, 15), world, skippable(3)],
      'hello world',
    ],
    ['a frame of nothing', [zstdFrame(Buffer.alloc(0)), world], 'world'],
    ['skippable frames only', [skippable(7)], ''],
  ])('of %s is whole', async (_, frames, expected) => {
    const bytes = Buffer.concat(frames);
    expect(await plain(bytes, size)).toBe(expected);
    expect(plainOfZstd(bytes, { maxBytes: 100, where: 'file' }).toString()).toBe(expected);
  });

  it.each<[string, Buffer]>([
    ['a cut second frame', Buffer.concat([hello, world.subarray(0, -2)])],
    ['a cut skippable frame', Buffer.concat([hello, skippable(30).subarray(0, -1)])],
    ['other bytes after a frame', Buffer.concat([hello, Buffer.from('more')])],
  ])('of %s is refused', async (_, bytes) => {
    await expect(plain(bytes, size)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
    expect(() => plainOfZstd(bytes, { maxBytes: 100, where: 'file' })).toThrow(
      expect.objectContaining({ code: 'SOURCE_MALFORMED' }),
    );
  });
});

it.each([5, 11])('frames of 12 bytes in all are too large for %i', (maxBytes) => {
  const frames = Buffer.concat([hello, hello]);

  expect(() => plainOfZstd(frames, { maxBytes, where: 'file' })).toThrow(
    expect.objectContaining({ code: 'SOURCE_TOO_LARGE' }),
  );
  expect(plainOfZstd(frames, { maxBytes: 12, where: 'file' })).toHaveLength(12);
});

describe('a hostile zstd stream', () => {
  const byte = Buffer.concat([blockHeader({ last: false, type: 1, size: 1 }), Buffer.from('x')]);
  const last = blockHeader({ last: true, type: 0, size: 0 });

  it('of a million blocks of a byte each costs as much as its length', async () => {
    const count = 1_000_000;
    const bytes = Buffer.concat([frameHeader(27), Buffer.alloc(byte.length * count, byte), last]);
    const before = process.cpuUsage();

    expect(await plain(bytes)).toBe('x'.repeat(count));

    // Node's decoder takes 0.1 s for these 4 MB.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(10);
  });

  it('may not want a window above 128 MiB', async () => {
    const tooLarge = { code: 'ZSTD_error_frameParameter_windowTooLarge' };
    expect(await plain(Buffer.concat([frameHeader(27), last]))).toBe('');
    await expect(plain(Buffer.concat([frameHeader(28), last]))).rejects.toMatchObject(tooLarge);
    expect(() => plainOfZstd(Buffer.concat([frameHeader(28), last]), { maxBytes: 1, where: 'file' })).toThrow(
      expect.objectContaining({ code: 'SOURCE_MALFORMED' }),
    );
    // A frame of one segment has its content size for a window.
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(2n ** 28n);
    const single = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0]), size]);
    await expect(plain(Buffer.concat([single, byte, last]))).rejects.toMatchObject(tooLarge);
  });

  it('may not have a block of no type', async () => {
    const bytes = Buffer.concat([frameHeader(17), Buffer.from([7, 0, 0]), Buffer.alloc(100)]);
    await expect(plain(bytes)).rejects.toThrow();
  });

  it('may not be little but frames', async () => {
    const frame = Buffer.concat([frameHeader(10), last]);
    await expect(plain(Buffer.alloc(frame.length * 80_000, frame))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
      message: expect.stringContaining('frames'),
    });
  });

  it('may be of as many frames as files of an image, as zstd:chunked makes them', async () => {
    const frame = zstdFrame(Buffer.alloc(100, 'x'));
    expect(await plain(Buffer.alloc(frame.length * 70_000, frame))).toHaveLength(7_000_000);
  });
});

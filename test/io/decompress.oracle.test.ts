import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readAll } from '../../src/io/bytes.ts';
import { decompress } from '../../src/io/decompress.ts';
import { hasOracle } from '../support/oracles.ts';

const tools = [
  { tool: 'xz', magic: 'xz' },
  { tool: 'bzip2', magic: 'bzip2' },
  { tool: 'zstd', magic: 'zstd' },
  { tool: 'gzip', magic: 'gzip' },
] as const;

/** Runs of one byte, text that repeats, and bytes without order: each takes another path through a decoder. */
const contents = {
  empty: Buffer.alloc(0),
  'one byte': Buffer.from('x'),
  'long runs': Buffer.concat([Buffer.alloc(1_000_003, 0), Buffer.alloc(259, 0xff), Buffer.from('aaaab')]),
  text: Buffer.from('Package: openssl\nVersion: 3.0.17-1~deb12u2\n\n'.repeat(60_000)),
  noise: noise(1_200_000),
  'noise of many blocks': noise(3_000_000),
};

describe.each(tools)('decompress agrees with $tool', ({ tool }) => {
  describe.skipIf(!hasOracle(tool))('installed', () => {
    it.each(Object.entries(contents))('%s', async (_, content) => {
      const packed = execFileSync(tool, ['-c'], { input: content, maxBuffer: 2 ** 28 });

      const plain = await readAll(decompress(inPieces(packed, 4093), { maxBytes: 2 ** 26, where: tool }), {
        maxBytes: 2 ** 26,
        code: 'SOURCE_TOO_LARGE',
        where: tool,
      });

      expect(plain.equals(content)).toBe(true);
    });

    it.each([1, 7, 4093, 1_000_000])('files one after the other, in pieces of %i bytes', async (size) => {
      const one = execFileSync(tool, ['-c'], { input: 'one\n' });
      const other = execFileSync(tool, ['-c'], { input: contents['long runs'] });
      const packed = Buffer.concat([one, one, other, one]);

      const plain = await readAll(decompress(inPieces(packed, size), { maxBytes: 2 ** 26, where: tool }), {
        maxBytes: 2 ** 26,
        code: 'SOURCE_TOO_LARGE',
        where: tool,
      });

      expect(plain.equals(execFileSync(tool, ['-dc'], { input: packed }))).toBe(true);
    });

    it('ends with its reader, before the file does', async () => {
      const packed = execFileSync(tool, ['-c'], {
        input: contents['noise of many blocks'],
        maxBuffer: 2 ** 28,
      });
      let ended = 0;
      async function* body() {
        try {
          yield* inPieces(packed, 4093);
        } finally {
          ended += 1;
        }
      }

      for (let times = 0; times < 5; times++)
        for await (const _ of decompress(body(), { maxBytes: 2 ** 26, where: tool })) break;
      // An exception after the end would have nobody to catch it, and fails the run.
      await new Promise((resolve) => setTimeout(resolve, 100));

      expect(ended).toBe(5);
    });

    it('refuses 64 MiB from a few kilobytes, whatever limit the reader has', async () => {
      const packed = execFileSync(tool, ['-9', '-c'], { input: Buffer.alloc(2 ** 26), maxBuffer: 2 ** 28 });

      const bomb = drain(decompress(inPieces(packed, 4093), { maxBytes: 2 ** 30, where: 'bomb' }));

      await expect(bomb).rejects.toMatchObject({
        code: 'SOURCE_TOO_LARGE',
        where: 'bomb',
        message: expect.stringContaining(`from ${packed.length} of ${tool}`),
      });
    });

    it('takes them where the reader says that any length may make so much', async () => {
      const packed = execFileSync(tool, ['-9', '-c'], { input: Buffer.alloc(2 ** 25), maxBuffer: 2 ** 28 });

      await drain(decompress(inPieces(packed, 4093), { maxBytes: 2 ** 26, where: 'layer', free: 2 ** 25 }));
    });

    it('refuses a cut file by code', async () => {
      const packed = execFileSync(tool, ['-c'], { input: contents.text });
      const cut = packed.subarray(0, Math.floor(packed.length / 2));

      const plain = drain(decompress(inPieces(cut, 4093), { maxBytes: 2 ** 26, where: 'cut' }));

      await expect(plain).rejects.toMatchObject({ code: 'SOURCE_MALFORMED', where: 'cut' });
    });

    it('refuses more plain bytes than the bound, however small the file', async () => {
      const packed = execFileSync(tool, ['-c'], { input: Buffer.alloc(20_000_000) });

      const plain = drain(decompress(inPieces(packed, 4093), { maxBytes: 1_000_000, where: 'bomb' }));

      await expect(plain).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE', where: 'bomb' });
    });
  });
});

async function drain(body: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const piece of body) size += piece.length;
  return size;
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The same bytes in each run: a linear congruential generator. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

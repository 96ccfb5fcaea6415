import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../src/io/decompress.ts';
import { unxzInThread } from '../../src/io/xz-thread.ts';
import { hasOracle } from '../support/oracles.ts';

async function* pieces(bytes: Buffer, size = 10_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** 40 MB of lines: more than may wait between the two threads. */
const plain = Buffer.from(
  Array.from({ length: 1_600_000 }, (_, n) => `line ${n} of the whole text`.padEnd(25)).join('\n'),
);

describe.skipIf(!hasOracle('xz'))('xz in a thread of its own', () => {
  const packed = execFileSync('xz', ['-0', '-c'], { input: plain, maxBuffer: 1 << 30 });
  const options = { maxBytes: 1 << 30, where: 'a.xz', unxz: unxzInThread };

  async function digest(bytes: Buffer): Promise<string> {
    const hash = createHash('sha256');
    for await (const piece of decompress(pieces(bytes), options)) hash.update(piece);
    return hash.digest('hex');
  }

  it('gives the same bytes', async () => {
    expect(await digest(packed)).toBe(createHash('sha256').update(plain).digest('hex'));
  });

  it.each([
    ['cut', packed.subarray(0, packed.length - 1000)],
    ['damaged', Buffer.concat([packed.subarray(0, 5000), Buffer.alloc(100), packed.subarray(5100)])],
  ])('refuses a file that is %s', async (_, bytes) => {
    await expect(digest(bytes)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED', where: 'a.xz' });
  });

  it('ends with its reader', async () => {
    for await (const piece of decompress(pieces(packed), options)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
  });

  it('passes on an error of the bytes it reads', async () => {
    async function* failing() {
      yield packed.subarray(0, 20_000);
      throw new Error('the disk is gone');
    }
    const read = async () => {
      for await (const _ of decompress(failing(), options));
    };
    await expect(read()).rejects.toThrow('the disk is gone');
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { HashBeside } from '../../src/io/hash-beside.ts';

it.each([0, 1000, 9 * 1024 * 1024])('hashes %d bytes in pieces, as one hash does', async (size) => {
  const bytes = randomBytes(size);
  const hash = new HashBeside();
  for (let at = 0; at < size; at += 1 << 20) hash.update(bytes.subarray(at, at + (1 << 20)));

  expect(await hash.hex()).toBe(createHash('sha256').update(bytes).digest('hex'));
  await hash.close();
});

it('ends a thread that was not asked for its hash', async () => {
  const hash = new HashBeside();
  for (let count = 0; count < 6; count++) hash.update(Buffer.alloc(1 << 20));

  await hash.close();
});

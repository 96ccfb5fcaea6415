import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { Spool } from '../../src/io/spool.ts';

it('gives texts back as they were, from memory and from disk, as often as they are asked for', () => {
  const spool = new Spool(200_000);
  const texts = [1, 2, 3].map((nth) => Array.from({ length: 40_000 }, (_, at) => `${nth}.${at} äöü 🦊\n`));
  const before = names();
  const kept = texts.map((parts) => spool.keep(parts));

  expect(kept.flat().some((piece) => 'at' in piece)).toBe(true);
  expect(names()).toEqual(before);
  for (const _again of [1, 2])
    for (const [nth, parts] of texts.entries())
      expect([...spool.read(kept[nth]!)].join('')).toBe(parts.join(''));
  spool.close();
  spool.close();
});

/** Nothing is left behind, not even while it is in use. */
function names(): string[] {
  return existsSync(tmpdir())
    ? readdirSync(tmpdir()).filter((name) => /^scapfeed-[0-9a-f]{16}$/.test(name))
    : [];
}

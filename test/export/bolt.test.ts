import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeBolt } from '../../src/export/bolt/bolt-file.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { readBolt } from './read-bolt.ts';

function written(fill: Parameters<typeof writeBolt>[1]): Buffer {
  const path = join(temporaryFolder(), 'test.db');
  writeBolt(path, fill);
  return readFileSync(path);
}

test('an empty database has one empty page', () => {
  const file = written(() => undefined);

  expect(file.length).toBe(4 * 4096);
  expect(readBolt(file)).toEqual({});
});

test('a small bucket lies in the page of its parent, a large one in pages of its own', () => {
  const file = written((root) => {
    root.bucket('large', (bucket) => {
      for (let at = 0; at < 2000; at++)
        bucket.put(`key-${String(at).padStart(5, '0')}`, 'x'.repeat(at % 200));
    });
    root.bucket('small', (bucket) => bucket.put('CVE-2024-1', '{}'));
  });
  const read = readBolt(file);

  expect(Object.keys(read)).toEqual(['large', 'small']);
  expect(Object.keys(read['large'] as object)).toHaveLength(2000);
  expect(read['small']).toEqual({ 'CVE-2024-1': '{}' });
  // 2,000 pairs of 16 + 9 + 100 bytes in pages of 4,096, with two levels above them.
  expect(file.length / 4096).toBeLessThan(72);
});

test('a pair that is larger than a page gets one with an overflow', () => {
  const value = 'x'.repeat(50_000);
  const file = written((root) => {
    root.put('a', 'small');
    root.put('b', value);
    root.put('c', 'small');
  });

  expect(readBolt(file)).toEqual({ a: 'small', b: value, c: 'small' });
});

test('keys out of order, without a byte or too long are refused', () => {
  const wrong: [string, string][] = [
    ['b', 'a'],
    ['a', 'a'],
    ['a', ''],
    ['a', 'x'.repeat(32_769)],
  ];
  for (const [first, second] of wrong) {
    const fill = () =>
      written((root) => {
        root.put(first, '');
        root.put(second, '');
      });
    expect(fill).toThrow(RangeError);
  }
});

test('any sorted pairs in any nesting are read back as they were', () => {
  const key = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' });
  const leaf = fc.string({ maxLength: 600 });
  const inner = fc.dictionary(key, leaf, { maxKeys: 60 });
  const tree = fc.dictionary(key, fc.oneof(leaf, inner, fc.dictionary(key, inner)), { maxKeys: 30 });
  fc.assert(
    fc.property(tree, (content) => {
      const file = written((root) => fillFrom(root, content as Tree));
      expect(readBolt(file)).toEqual({ ...(content as Tree) });
    }),
    { numRuns: 60 },
  );
});

interface Tree {
  [key: string]: string | Tree;
}

function fillFrom(bucket: Parameters<Parameters<typeof writeBolt>[1]>[0], content: Tree): void {
  for (const key of Object.keys(content).sort()) {
    const value = content[key]!;
    if (typeof value === 'string') bucket.put(key, value);
    else bucket.bucket(key, (child) => fillFrom(child, value));
  }
}

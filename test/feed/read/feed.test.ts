import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchInventory, openFeed } from '../../../src/runtime/node.ts';
import { bookworm, deb, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const statements = Array.from({ length: 100 }, (_, at) => ({
  vulnerability: `CVE-2023-${1000 + at}`,
  package: `package-${String(at).padStart(3, '0')}`,
  status: 'affected' as const,
  fixState: 'none_yet' as const,
}));
const roster = new Map(statements.map((statement) => [statement.package, { version: '1', binaries: [] }]));
const write = () => writeSmallFeed([{ platform: bookworm, data: { roster }, statements }]);

describe('a feed is read by blocks', () => {
  it('finds every package of every block, and nothing else', () => {
    const shard = openFeed(write()).shard('debian-12')!;

    for (const { package: name } of statements) expect(shard.package(name)?.package).toBe(name);
    for (const name of ['', 'a', 'package-', 'package-0500', 'zzz', '"}'])
      expect(shard.package(name)).toBeUndefined();
  });

  it('finds any set of names, however they are written', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 80 }),
        fc.string(),
        (names, other) => {
          const directory = writeSmallFeed([
            {
              platform: bookworm,
              statements: names.map((name) => ({
                vulnerability: 'CVE-2023-1000',
                package: name,
                status: 'not_affected',
              })),
            },
          ]);
          const shard = openFeed(directory).shard('debian-12')!;
          for (const name of names) expect(shard.package(name)?.package).toBe(name);
          if (!names.includes(other)) expect(shard.package(other)).toBeUndefined();
          rmSync(directory, { recursive: true });
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a feed that cannot be trusted is refused', () => {
  const damage: [string, (directory: string) => void, string][] = [
    ['no manifest', (directory) => rmSync(join(directory, 'manifest.json')), 'FEED_MISSING'],
    ['a manifest cut in half', (directory) => cut(join(directory, 'manifest.json')), 'FEED_CORRUPT'],
    [
      'HTML in place of the manifest',
      (directory) => writeFileSync(join(directory, 'manifest.json'), '<html>'),
      'FEED_CORRUPT',
    ],
    [
      'a manifest with more values than memory should hold',
      (directory) => change(join(directory, 'manifest.json'), '{', `{"x":[${'0,'.repeat(8_000_000)}0],`),
      'FEED_CORRUPT',
    ],
    [
      'an older format',
      (directory) => change(join(directory, 'manifest.json'), '"format":2', '"format":1'),
      'FEED_FORMAT_UNSUPPORTED',
    ],
    [
      'a newer format',
      (directory) => change(join(directory, 'manifest.json'), '"format":2', '"format":3'),
      'FEED_FORMAT_UNSUPPORTED',
    ],
    [
      'a format that is an object with a toString of its own',
      (directory) =>
        change(join(directory, 'manifest.json'), '"format":2', '"format":{"toString":1,"valueOf":1}'),
      'FEED_FORMAT_UNSUPPORTED',
    ],
    [
      'a shard with another digest',
      (directory) => change(join(directory, 'index/debian-12.jsonl'), 'affected', 'AFFECTED'),
      'FEED_CORRUPT',
    ],
    ['a shard cut in half', (directory) => cut(join(directory, 'index/debian-12.jsonl')), 'FEED_CORRUPT'],
    [
      'offsets with another digest',
      (directory) => change(join(directory, 'index/debian-12.offsets.json'), '"every":32', '"every":33'),
      'FEED_CORRUPT',
    ],
    ['a shard that is gone', (directory) => rmSync(join(directory, 'index/debian-12.jsonl')), 'FEED_CORRUPT'],
  ];

  it.each(damage)('%s', (_, spoil, code) => {
    const directory = write();
    spoil(directory);

    const scan = () => {
      const feed = openFeed(directory);
      const packages = statements.map((statement) => deb(statement.package, '1'));
      return matchInventory(feed, feed.shard('debian-12')!, { packages });
    };

    expect(scan).toThrow(
      expect.objectContaining({ code, exitCode: 3, remedy: expect.any(String), where: expect.any(String) }),
    );
  });

  it('an empty folder is no feed', () => {
    expect(() => openFeed(temporaryFolder())).toThrow(expect.objectContaining({ code: 'FEED_MISSING' }));
  });
});

function cut(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
}

function change(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(from, to));
}

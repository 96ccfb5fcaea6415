import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShardClaim, ShardLine } from '../../src/model/feed/index.ts';
import { applyDelta, makeDelta } from '../../src/publish/delta/delta.ts';
import { applyLineEdits, lineEdits } from '../../src/publish/delta/line-edits.ts';
import {
  applyShardEdits,
  type PackageEdit,
  shardContent,
  shardEdits,
} from '../../src/publish/delta/shard-edits.ts';
import { spliceShard } from '../../src/publish/delta/shard-splice.ts';
import { applyTextEdits, textEdits } from '../../src/publish/delta/text-edits.ts';
import { type FeedPart, splitFeed } from '../../src/publish/feed/part.ts';
import { readShard } from '../../src/publish/feed/shard.ts';
import { makeKeyFile } from '../../src/publish/keys/key-file.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { writeNight } from './support/publisher.ts';

const claim = fc.record({
  status: fc.constantFrom('affected', 'fixed') as fc.Arbitrary<ShardClaim['status']>,
  fixed: fc.constantFrom('1.0-1', '2:1.1"\\-3', 'ü'),
  ids: fc.uniqueArray(
    fc.integer({ min: 1000, max: 1030 }).map((number) => `CVE-2026-${number}`),
    { minLength: 1 },
  ),
});
const shard = fc
  .dictionary(
    fc.string({ minLength: 1, maxLength: 6 }),
    fc.record({
      claims: fc.array(claim, { minLength: 1, maxLength: 4 }),
      unread: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    }),
  )
  .map((packages) =>
    Object.keys(packages)
      .sort()
      .map((name): ShardLine => {
        const { claims, unread } = packages[name]!;
        return { package: name, claims: sorted(claims), ...(unread === undefined ? {} : { unread }) };
      }),
  );

const builds = fc.uniqueArray(
  fc.record({
    fixed: fc.integer({ min: 1, max: 20 }).map(String),
    advisory: fc.constantFrom('A', 'B', 'C', 'D'),
    more: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6, selector: ({ fixed, advisory }) => `${fixed} ${advisory}` },
);

/** Claims as the compiler sorts them: by their build, so that another build is often another place. */
function packageOf(claims: readonly { fixed: string; advisory: string; more: boolean }[]): ShardLine {
  const order = [...claims].sort((a, b) =>
    `${a.fixed} ${a.advisory}` < `${b.fixed} ${b.advisory}` ? -1 : 1,
  );
  return {
    package: 'a',
    claims: order.map(({ fixed, advisory, more }) => ({
      status: 'fixed',
      fixed,
      advisories: [advisory],
      ids: [`CVE-2026-1${advisory}`, `CVE-2026-2${advisory}`, ...(more ? ['CVE-2026-9'] : [])],
    })),
  };
}

/** Ids in the compiler's order, which edits keep. */
function sorted(claims: readonly ShardClaim[]): ShardClaim[] {
  return claims.map((each) => ({ ...each, ids: each.ids.toSorted() }));
}

describe('edits of a shard', () => {
  it('give any shard from any other, byte for byte', () => {
    fc.assert(
      fc.property(shard, shard, (before, after) => {
        const given = readShard(shardContent(before));
        const wanted = shardContent(after);
        const edits = shardEdits(given, readShard(wanted));
        expect(shardContent(applyShardEdits(given, edits)).equals(wanted)).toBe(true);
      }),
    );
  });

  it('give any builds and order of claims from any other, told by builds', () => {
    let told = 0;
    let moved = 0;
    fc.assert(
      fc.property(builds, builds, (before, after) => {
        const [given, wanted] = [[packageOf(before)], [packageOf(after)]];
        const edits: readonly PackageEdit[] = JSON.parse(JSON.stringify(shardEdits(given, wanted)));
        for (const [, change] of edits) {
          const rebuilt = typeof change === 'object' ? (change?.['='] ?? []) : [];
          told += rebuilt.length;
          moved += rebuilt.filter((edit) => edit.length === 3).length;
        }
        expect(applyShardEdits(given, edits)).toEqual(wanted);
      }),
    );
    expect(told).toBeGreaterThan(50);
    expect(moved).toBeGreaterThan(10);
  });

  describe('of a claim with another build', () => {
    const many = Array.from({ length: 9 }, (_, at) => `CVE-2026-${2000 + at}`);
    const fix = (fixed: string, advisory: string, ids = many): ShardClaim => ({
      status: 'fixed',
      fixed,
      advisories: [advisory],
      ids,
    });
    const edits = (before: ShardClaim[], after: ShardClaim[]) =>
      shardEdits([{ package: 'a', claims: before }], [{ package: 'a', claims: after }]);

    it('name its index and the build', () => {
      expect(edits([fix('1', 'A'), fix('2', 'B')], [fix('1', 'A'), fix('2.1', 'B')])).toEqual([
        ['a', { '=': [[1, '2.1']] }],
      ]);
    });

    it('name its new index where the order changes', () => {
      const [a, b, c] = [fix('1', 'A'), fix('2', 'B'), fix('3', 'C')];
      expect(edits([a, b, c], [b, c, { ...a, fixed: '4' }])).toEqual([['a', { '=': [[0, '4', 2]] }]]);
    });

    it('tell ids that changed too', () => {
      expect(edits([fix('1', 'A')], [fix('1.1', 'A', [...many.slice(0, 8), 'CVE-2026-9000'])])).toEqual([
        ['a', { '~': [[0, [8], ['CVE-2026-9000']]], '=': [[0, '1.1']] }],
      ]);
    });

    it('keep two apart that differ in their build only, and one that stays stays', () => {
      const [one, two, three] = [fix('1', 'A'), fix('2', 'A'), fix('3', 'A')];
      expect(edits([one, two], [two, three])).toEqual([['a', { '=': [[0, '3', 1]] }]]);
      expect(
        edits(
          [one, two],
          [
            { ...one, fixed: '1.1' },
            { ...two, fixed: '2.1' },
          ],
        ),
      ).toEqual([
        [
          'a',
          {
            '=': [
              [0, '1.1'],
              [1, '2.1'],
            ],
          },
        ],
      ]);
    });

    it('tell a claim that had no build whole, and one that loses it', () => {
      const open: ShardClaim = { status: 'fixed', advisories: ['B'], ids: many };
      const told = edits([fix('1', 'A'), open], [fix('1', 'A'), fix('1', 'B')]);
      expect(told).toEqual([['a', { '-': [1], '+': [[1, fix('1', 'B')]] }]]);
      expect(edits([fix('1', 'A'), fix('1', 'B')], [fix('1', 'A'), open])).toEqual([
        ['a', { '-': [1], '+': [[1, open]] }],
      ]);
    });
  });

  it('of one moved id name the claims and not the line', () => {
    const ids = ['CVE-2026-1001', 'CVE-2026-1002', 'CVE-2026-1003'];
    const line = (fixed: string[]): ShardLine => ({
      package: 'a',
      claims: [
        { status: 'affected', fixState: 'none_yet', ids: ids.filter((id) => !fixed.includes(id)) },
        ...(fixed.length > 0 ? [{ status: 'fixed', fixed: '1', ids: fixed } as const] : []),
      ],
    });
    expect(shardEdits([line([])], [line(['CVE-2026-1002'])])).toEqual([
      ['a', { '~': [[0, [1], []]], '+': [[1, { status: 'fixed', fixed: '1', ids: ['CVE-2026-1002'] }]] }],
    ]);
  });

  it('do not tell what a new flaw of one kernel does to the lists that all kernels share', () => {
    const flaws = Array.from({ length: 500 }, (_, at) => `CVE-${2015 + (at % 10)}-${1000 + at}`).sort();
    const kernels = (more: string[]) =>
      ['linux', 'linux-aws', 'linux-gcp'].map(
        (name): ShardLine => ({
          package: name,
          claims: [
            { status: 'affected', fixState: 'none_yet', ids: name === 'linux' ? [...flaws, ...more] : flaws },
          ],
        }),
      );
    expect(shardEdits(kernels([]), kernels(['CVE-2026-1']))).toEqual([
      ['linux', { '~': [[0, [], ['CVE-2026-1']]] }],
    ]);
  });

  describe('spliced into the bytes', () => {
    const path = 'index/debian-12.jsonl';
    const flaws = Array.from({ length: 20 }, (_, at) => `CVE-2024-${1000 + at}`);
    const open = (ids: string[]): ShardClaim => ({ status: 'affected', fixState: 'none_yet', ids });
    const closed = (fixed: string, ids: string[]): ShardClaim => ({ status: 'fixed', fixed, ids });
    const before: ShardLine[] = [
      { package: 'a', claims: [open(['CVE-2025-1', 'CVE-2025-2']), closed('1.0-1', ['CVE-2023-5'])] },
      { package: 'linux', claims: [open(flaws)] },
      { package: 'linux-aws', claims: [open(flaws)] },
      { package: 'z', claims: [open(['CVE-2025-3'])] },
    ];
    const without = (name: string) => before.filter(({ package: known }) => known !== name);
    const place = (line: ShardLine) =>
      [...without(line.package), line].sort((a, b) => (a.package < b.package ? -1 : 1));

    it.each<[string, ShardLine[], boolean]>([
      ['a fix', place({ package: 'z', claims: [closed('2.0-1', ['CVE-2025-3'])] }), true],
      [
        'an id more',
        place({ package: 'a', claims: [open(['CVE-2025-1', 'CVE-2025-9']), before[0]!.claims[1]!] }),
        true,
      ],
      [
        'another build',
        place({ package: 'a', claims: [before[0]!.claims[0]!, closed('1.0-2', ['CVE-2023-5'])] }),
        true,
      ],
      ['a package more', place({ package: 'm', claims: [open(flaws)] }), true],
      ['a package less', without('z'), true],
      [
        'a kind that is new',
        place({ package: 'z', claims: [{ status: 'not_affected', ids: ['CVE-2025-3'] }] }),
        false,
      ],
      ['a shared list less', place({ package: 'linux-aws', claims: [open(flaws.slice(1))] }), false],
    ])('%s: the compiler’s bytes, or made anew where tables move', (_, after, spliced) => {
      const old = shardContent(before);
      const wanted = shardContent(after);
      const edits = shardEdits(before, after);
      expect(spliceShard(old, path, edits)?.equals(wanted) ?? false).toBe(spliced);
      expect(shardContent(applyShardEdits(readShard(old), edits)).equals(wanted)).toBe(true);
    });
  });

  it.each([
    ['a package that is not there', [['zebra', null]]],
    ['a claim that is not there', [['a', { '~': [[9, [], ['x']]] }]]],
    ['a build of a claim that is not there', [['a', { '=': [[1, '2']] }]]],
    [
      'two builds of one claim',
      [
        [
          'a',
          {
            '=': [
              [0, '2'],
              [0, '3'],
            ],
          },
        ],
      ],
    ],
    ['a build that is no text', [['a', { '=': [[0, 2]] }]]],
    ['a build of a claim of no number', [['a', { '=': [['length', '2']] }]]],
  ])('for %s do not fit', (_, edits) => {
    const claims: ShardClaim[] = [{ status: 'fixed', fixed: '1', ids: ['CVE-2026-1'] }];
    expect(() =>
      applyShardEdits([{ package: 'a', claims }], edits as unknown as readonly PackageEdit[]),
    ).toThrow(RangeError);
  });
});

describe('edits of a line file', () => {
  const path = 'index/vulnerabilities.jsonl';
  const file = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.nat(3)).map((texts) =>
    Buffer.from(
      Object.keys(texts)
        .sort()
        .map((id) => `${JSON.stringify({ id, text: texts[id] })}\n`)
        .join(''),
    ),
  );

  it('give any file from any other, byte for byte', () => {
    fc.assert(
      fc.property(file, file, (before, after) => {
        expect(applyLineEdits(before, path, lineEdits(before, after, path)).equals(after)).toBe(true);
      }),
    );
  });

  it('for a line that is not there do not fit', () => {
    expect(() => applyLineEdits(Buffer.from('{"id":"a"}\n'), path, [['zebra', null]])).toThrow(RangeError);
  });
});

describe('edits of a text', () => {
  it('give any text from any other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => applyTextEdits(before, textEdits(before, after)) === after),
    );
  });

  it('that reach beyond it do not fit', () => {
    expect(() => applyTextEdits('a\nb', [[1, 5, []]])).toThrow(RangeError);
  });
});

describe('a delta', () => {
  const [before, after, rebuilt] = [
    writeNight(100),
    writeNight(100, { 'package-0050': '2.0-1' }),
    writeNight(100, { 'package-0050': '2.0-2' }),
  ].map((feed) => splitFeed(feed, { oval: false, content: false })[0]!);

  // Only a delta that tells a claim by its new build needs a client that can read it.
  it.each<[format: number, from: FeedPart, to: FeedPart]>([
    [2, before!, after!],
    [3, after!, rebuilt!],
  ])('of format %i keeps its schema and gives the new state, offsets included', (format, from, to) => {
    const delta = makeDelta(from, to);
    expect(delta.format).toBe(format);
    expect(schemaErrors('delta', delta)).toEqual([]);
    const { files, manifestText } = applyDelta(from, delta);
    expect(manifestText).toBe(to.manifestText);
    expect(files.size).toBeGreaterThan(1);
    for (const [file, content] of files) expect(content.equals(to.file(file)), file).toBe(true);
  });

  it('does not tell that places in the table of evidence have moved, and gives the new ones', () => {
    const places = ['a', 'b', 'c', 'd'];
    const night = (most: string, fixed: string) =>
      splitFeed(
        writeSmallFeed([
          {
            platform: bookworm,
            statements: [...places, ...Array.from({ length: 9 }, () => most)].map((place, at) => ({
              package: `package-${at}`,
              vulnerability: 'CVE-2026-1',
              status: 'fixed',
              fixed: at === 2 ? fixed : '1.0-1',
              // The most used one is the first; a record more is in the middle of the others.
              evidence: `test-input#${place}${at === 3 ? fixed : ''}`,
            })),
          },
        ]),
        { oval: false, content: false },
      )[0]!;
    // The packages behind the first four have the same record each night.
    const [old, now] = [night('d', '1.0-1'), night('d', '0.9-1')];
    expect(now.manifest.platforms[0]!.evidence).not.toEqual(old.manifest.platforms[0]!.evidence);
    const delta = makeDelta(old, now);
    expect(delta.files['index/debian-12.jsonl']!.map(([name]) => name)).toEqual(['package-2', 'package-3']);
    const { files } = applyDelta(old, JSON.parse(JSON.stringify(delta)));
    const shard = 'index/debian-12.jsonl';
    expect(files.get(shard)!.equals(now.file(shard))).toBe(true);
  });

  it.each([
    ['from another state', (delta: ReturnType<typeof makeDelta>) => ({ ...delta, from: '0'.repeat(64) })],
    ['to another state', (delta: ReturnType<typeof makeDelta>) => ({ ...delta, to: '0'.repeat(64) })],
    ['of another format', (delta: ReturnType<typeof makeDelta>) => ({ ...delta, format: 1 as 2 })],
    ['of no format', (delta: ReturnType<typeof makeDelta>) => ({ ...delta, format: '3' as unknown as 3 })],
    [
      'with other content',
      (delta: ReturnType<typeof makeDelta>) => ({ ...delta, files: { 'index/debian-12.jsonl': [] } }),
    ],
  ])('%s is refused', (_, change) => {
    expect(() => applyDelta(before!, change(makeDelta(before!, after!)))).toThrow(
      expect.objectContaining({ code: 'FEED_CORRUPT' }),
    );
  });

  it('of a newer format is refused by these words', () => {
    const delta = { ...makeDelta(before!, after!), format: 4 as 3 };
    expect(() => applyDelta(before!, delta)).toThrow(
      expect.objectContaining({
        code: 'FEED_CORRUPT',
        message: 'the delta cannot be applied: it has format 4, this scapfeed reads 2 and 3',
      }),
    );
  });
});

describe('a key file', () => {
  it('keeps its schema', () => {
    expect(schemaErrors('key-file', makeKeyFile('ecdsa', ['root'], 'x'))).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShardClaim } from '../../src/model/index.ts';
import { applyDelta, makeDelta } from '../../src/publish/delta/delta.ts';
import { applyLineEdits, lineEdits } from '../../src/publish/delta/line-edits.ts';
import { applyTextEdits, textEdits } from '../../src/publish/delta/text-edits.ts';
import { splitFeed } from '../../src/publish/feed/part.ts';
import { makeKeyFile } from '../../src/publish/keys/key-file.ts';
import { schemaErrors } from '../../src/validate/json-schema.ts';
import { writeNight } from './support/publisher.ts';

const path = 'index/debian-12.jsonl';

const claim = fc.record({
  status: fc.constantFrom('affected', 'fixed') as fc.Arbitrary<ShardClaim['status']>,
  fixed: fc.constantFrom('1.0-1', '2:1.1"\\-3', 'ü'),
  ids: fc.uniqueArray(
    fc.integer({ min: 1000, max: 1030 }).map((number) => `CVE-2026-${number}`),
    { minLength: 1 },
  ),
});
const shard = fc
  .dictionary(fc.string({ minLength: 1, maxLength: 6 }), fc.array(claim, { minLength: 1, maxLength: 4 }))
  .map((packages) => {
    const lines = Object.keys(packages)
      .sort()
      .map((name) => JSON.stringify({ package: name, claims: packages[name] }));
    return Buffer.from(lines.map((line) => `${line}\n`).join(''));
  });

describe('edits of a shard', () => {
  it('give any shard from any other, byte for byte', () => {
    fc.assert(
      fc.property(shard, shard, (before, after) => {
        expect(applyLineEdits(before, path, lineEdits(before, after, path)).equals(after)).toBe(true);
      }),
    );
  });

  it('of one moved id name the claims and not the line', () => {
    const line = (fixed: string[]) =>
      Buffer.from(
        `${JSON.stringify({ package: 'a', claims: [{ status: 'affected', ids: ['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3'].filter((id) => !fixed.includes(id)) }, ...(fixed.length > 0 ? [{ status: 'fixed', fixed: '1', ids: fixed }] : [])] })}\n`,
      );
    expect(lineEdits(line([]), line(['CVE-2026-2']), path)).toEqual([
      ['a', { '~': [[0, [1], []]], '+': [[1, { status: 'fixed', fixed: '1', ids: ['CVE-2026-2'] }]] }],
    ]);
  });

  it.each([
    ['a line that is not there', [['zebra', null]]],
    ['a claim that is not there', [['a', { '~': [[9, [], ['x']]] }]]],
  ])('for %s do not fit', (_, edits) => {
    const content = Buffer.from('{"package":"a","claims":[]}\n');
    expect(() =>
      applyLineEdits(content, path, edits as unknown as Parameters<typeof applyLineEdits>[2]),
    ).toThrow(RangeError);
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
  const [before, after] = [writeNight(100), writeNight(100, { 'package-0050': '2.0-1' })].map(
    (feed) => splitFeed(feed, { oval: false })[0]!,
  );

  it('keeps its schema and gives the new state, offsets included', () => {
    const delta = makeDelta(before!, after!);
    expect(schemaErrors('delta', delta)).toEqual([]);
    const { files, manifestText } = applyDelta(before!, delta);
    expect(manifestText).toBe(after!.manifestText);
    for (const [file, content] of files) expect(content.equals(after!.file(file)), file).toBe(true);
  });

  it.each([
    ['from another state', (delta: ReturnType<typeof makeDelta>) => ({ ...delta, from: '0'.repeat(64) })],
    ['to another state', (delta: ReturnType<typeof makeDelta>) => ({ ...delta, to: '0'.repeat(64) })],
    ['of another format', (delta: ReturnType<typeof makeDelta>) => ({ ...delta, format: 2 as 1 })],
    ['with other content', (delta: ReturnType<typeof makeDelta>) => ({ ...delta, files: { [path]: [] } })],
  ])('%s is refused', (_, change) => {
    expect(() => applyDelta(before!, change(makeDelta(before!, after!)))).toThrow(
      expect.objectContaining({ code: 'FEED_CORRUPT' }),
    );
  });
});

describe('a key file', () => {
  it('keeps its schema', () => {
    expect(schemaErrors('key-file', makeKeyFile('ecdsa', ['root'], 'x'))).toEqual([]);
  });
});

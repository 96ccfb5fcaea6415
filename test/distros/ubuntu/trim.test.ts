import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutLongLists } from '../../../src/distros/ubuntu/trim.ts';

/** A record above the size from which lists are cut. */
function record(versions: string[], details: string, indent: number | undefined): string {
  const affected = [{ package: { name: 'demo' }, versions, ranges: [{ events: [{ introduced: '0' }] }] }];
  const json = { details, affected, filler: 'x'.repeat(5000) };
  return JSON.stringify(json, undefined, indent);
}

it('cuts the two lists only, whatever else a record says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[0-9A-Za-z.+~:-]+$/)),
      fc.string(),
      fc.constantFrom(undefined, 2),
      (versions, details, indent) => {
        const text = record(versions, `"versions": [ ${details} "binaries": [`, indent);
        const expected = JSON.parse(text) as { affected: { versions: string[] }[] };
        expected.affected[0]!.versions = [];
        expect(JSON.parse(withoutLongLists(Buffer.from(text)))).toEqual(expected);
      },
    ),
  );
});

it('cuts the binaries of a kernel', () => {
  const binaries = Array.from({ length: 4000 }, (_, n) => ({
    binary_name: `linux-image-${n}`,
    binary_version: '5.15.0',
  }));
  const text = JSON.stringify({
    affected: [{ versions: ['1'], ecosystem_specific: { binaries, availability: 'all' } }],
  });
  expect(JSON.parse(withoutLongLists(Buffer.from(text)))).toEqual({
    affected: [{ versions: [], ecosystem_specific: { binaries: [], availability: 'all' } }],
  });
});

it('leaves small records and records without such lists as they are', () => {
  for (const text of [
    '{"versions": ["1"]}',
    `{"details":"${'y'.repeat(9000)}"}`,
    `{"versions": ["${'1'.repeat(9000)}`,
  ]) {
    expect(withoutLongLists(Buffer.from(text))).toBe(text);
  }
});

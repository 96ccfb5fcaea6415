import { describe, expect, it } from 'vitest';
import { CheckedFile, CheckedLines, type Place } from '../../../src/comply/eval/checked-lines.ts';
import { members, text } from '../../../src/model/shape.ts';

const texts = ['aa', 'bb', 'cc', 'bb', 'd', 'e', 'ü'];

/** A file of these lines, the last of which were written elsewhere from the nth on. */
function written(elsewhere: number): { bytes: Buffer; places: Place[] } {
  const parts: Buffer[] = [];
  const lines = new CheckedLines((bytes) => parts.push(Buffer.from(bytes)));
  const places = texts.slice(0, elsewhere).map((each) => lines.add(JSON.stringify({ text: each })));
  const others: Buffer[] = [];
  const beside = new CheckedLines((bytes) => others.push(Buffer.from(bytes)));
  const made = texts.slice(elsewhere).map((each) => beside.add(JSON.stringify({ text: each })));
  beside.flush();
  const lengths = Uint32Array.from(made, ([, length]) => length);
  const start = lines.append(Buffer.concat(others), lengths);
  for (const [at, length] of made) places.push([start + at, length]);
  lines.flush();
  return { bytes: Buffer.concat(parts), places };
}

function opened(bytes: Buffer): CheckedFile {
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return new CheckedFile({ size: bytes.length, read }, 'x');
}

const shape = members({ text });
const damaged = expect.objectContaining({ code: 'CONTENT_MALFORMED' });

describe('lines with checksums', () => {
  it.each([0, 3, 7])(
    'are the same bytes where those from the %dth on were written elsewhere',
    (elsewhere) => {
      const { bytes, places } = written(elsewhere);

      expect(bytes).toEqual(written(texts.length).bytes);
      for (const [nth, place] of places.entries())
        for (const near of [false, true])
          expect(opened(bytes).line(place, shape, near)).toMatchObject({ text: texts[nth] });
    },
  );

  it('are refused in the place of another line of the same length', () => {
    const { bytes, places } = written(3);
    let exchanges = 0;
    for (const [one, [at, length]] of places.entries())
      for (const [other, [otherAt, otherLength]] of places.entries()) {
        if (other <= one || length !== otherLength) continue;
        const exchanged = Buffer.from(bytes);
        bytes.copy(exchanged, at, otherAt, otherAt + length);
        bytes.copy(exchanged, otherAt, at, at + length);
        expect(() => opened(exchanged).line([at, length], shape)).toThrow(damaged);
        expect(() => opened(exchanged).line([otherAt, length], shape)).toThrow(damaged);
        exchanges += 1;
      }
    expect(exchanges).toBeGreaterThan(5);
  });
});

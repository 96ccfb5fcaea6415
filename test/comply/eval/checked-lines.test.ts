import { describe, expect, it } from 'vitest';
import { CheckedFile, CheckedLines, type LinePlace } from '../../../src/comply/eval/checked-lines.ts';
import { members, text } from '../../../src/model/shape.ts';

const texts = ['aa', 'bb', 'cc', 'bb', 'd', 'e', 'ü'];

/** A file of these lines, the last of which were written elsewhere from the nth on, and came in two portions. */
function written(elsewhere: number): { bytes: Buffer; places: LinePlace[] } {
  const parts: Buffer[] = [];
  const lines = new CheckedLines((bytes) => parts.push(Buffer.from(bytes)));
  const places = texts.slice(0, elsewhere).map((each) => lines.add(JSON.stringify({ text: each })));
  const others: Buffer[] = [];
  const beside = new CheckedLines((bytes) => others.push(Buffer.from(bytes)));
  const made = texts.slice(elsewhere).map((each) => beside.add(JSON.stringify({ text: each })));
  beside.flush();
  const whole = Buffer.concat(others);
  for (const portion of [made.slice(0, 2), made.slice(2)]) {
    const lengths = Uint32Array.from(portion, ([, length]) => length);
    const from = portion[0]?.[0] ?? 0;
    const bytes = lengths.reduce((sum, length) => sum + length, 0);
    const start = lines.append(new Uint8Array(whole.subarray(from, from + bytes)), lengths, from);
    for (const [at, length] of portion) places.push([start + at - from, length]);
  }
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
        expect(opened(bytes).line(place, shape)).toEqual({ text: texts[nth] });
    },
  );

  it('are read in any order, one by one or several at once, from a file and from memory', () => {
    const long = 'x'.repeat(70_000);
    const all = ['a', 'b', long, 'c'.repeat(5000), 'd', 'e'.repeat(40_000), 'f'.repeat(40_000), 'g'];
    const parts: Buffer[] = [];
    const lines = new CheckedLines((portion) => parts.push(Buffer.from(portion)));
    const places = all.map((each) => lines.add(JSON.stringify({ text: each })));
    lines.flush();
    const bytes = Buffer.concat(parts);
    const inFile = new CheckedFile(
      {
        size: bytes.length,
        read: () => expect.fail('nothing is read into a new buffer'),
        readInto: (target, at, length, offset) => bytes.copy(target, at, offset, offset + length),
      },
      'x',
    );
    for (const file of [opened(bytes), inFile])
      for (const order of [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [7, 6, 5, 0, 1, 4],
        [0, 0, 3, 4, 7, 7],
      ]) {
        expect([
          ...file.lines(
            order.map((nth) => places[nth]!),
            shape,
          ),
        ]).toEqual(order.map((nth) => ({ text: all[nth] })));
        expect(order.map((nth) => file.line(places[nth]!, shape))).toEqual(
          order.map((nth) => ({ text: all[nth] })),
        );
      }
    expect(bytes).toEqual(Buffer.concat(parts));
  });

  it.each<LinePlace>([
    [0, 0],
    [0, 5],
    [-30, 30],
    [0, -1],
    [0, 1e9],
    [1e9, 40],
    [Number.NaN, 40],
    [0, Number.NaN],
    [0.5, 40],
  ])('are refused at %f, %f, where none is', (at, length) => {
    const { bytes, places } = written(3);
    expect(() => opened(bytes).line([at, length], shape)).toThrow(damaged);
    const behind = opened(bytes);
    behind.line(places[0]!, shape);
    expect(() => behind.line([at, length], shape)).toThrow(damaged);
    expect(() => [...opened(bytes).lines([places[0]!, [at, length]], shape)]).toThrow(damaged);
  });

  it('are refused if any byte of them is another', () => {
    const { bytes, places } = written(3);
    const [at, length] = places[2]!;
    for (let nth = at; nth < at + length; nth++) {
      const changed = Buffer.from(bytes);
      changed[nth]! ^= 1;
      expect(() => opened(changed).line([at, length], shape)).toThrow(damaged);
    }
  });

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

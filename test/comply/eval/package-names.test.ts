import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CheckedFile, CheckedLines, type LinePlace } from '../../../src/comply/eval/checked-lines.ts';
import { lineShape } from '../../../src/comply/eval/compiled-shape.ts';
import {
  type Bound,
  type NamedPlace,
  NameLines,
  type PackageNames,
  placesOf,
} from '../../../src/comply/eval/package-names.ts';

/** A place and, for two names of three, a bound, by the number of the name. */
function placeOf(nth: number): { place: LinePlace; bound?: Bound } {
  const place: LinePlace = [nth * 7, nth];
  return nth % 3 === 0 ? { place } : { place, bound: { form: nth % 5, highest: `${nth}:1.${nth}-1` } };
}

/** Names of installed packages that are found in a file of these names. */
function foundIn(names: readonly string[], installed: Iterable<string>): NamedPlace[] {
  const parts: Buffer[] = [];
  const lines = new CheckedLines((bytes) => parts.push(Buffer.from(bytes)));
  const writer = new NameLines();
  for (const [nth, name] of names.entries()) writer.add(name, placeOf(nth).place, placeOf(nth).bound);
  const place = lines.add(JSON.stringify(writer.write(lines)));
  lines.flush();
  const bytes = Buffer.concat(parts);
  const file = new CheckedFile(
    { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) },
    'names',
  );
  return placesOf(installed, file.line<PackageNames>(place, lineShape.packageNames), (places) =>
    file.lines(places, lineShape.nameLine),
  );
}

it('finds the places of installed packages, and of no others', () => {
  // Few letters, so that names begin with other names, look like places and lie at the ends of lines.
  const name = fc.stringMatching(/^[01:a!~-]{1,4}$/);
  const names = fc.uniqueArray(name, { maxLength: 300 });
  fc.assert(
    fc.property(names, fc.uniqueArray(name, { maxLength: 40 }), (known, others) => {
      const sorted = known.toSorted();
      const installed = [...new Set([...others, ...known.slice(0, 150)])];
      const expected = sorted.flatMap((name, nth) =>
        installed.includes(name) ? [{ name, ...placeOf(nth) }] : [],
      );
      expect(foundIn(sorted, installed)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

it('finds nothing where there are no names', () => {
  expect(foundIn([], ['bash'])).toEqual([]);
});

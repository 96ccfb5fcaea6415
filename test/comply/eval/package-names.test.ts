import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Place } from '../../../src/comply/eval/checked-lines.ts';
import { NameBlocks, placesOf } from '../../../src/comply/eval/package-names.ts';

function blocksOf(names: readonly string[]) {
  const blocks = new NameBlocks();
  for (const [nth, name] of names.entries()) blocks.add(name, [nth * 7, nth]);
  return blocks.names();
}

it('finds the places of installed packages, and of no others', () => {
  // Few letters, so that names begin with other names, look like places and lie at the ends of blocks.
  const name = fc.stringMatching(/^[01:a!~-]{1,4}$/);
  const names = fc.uniqueArray(name, { maxLength: 300 });
  fc.assert(
    fc.property(names, fc.uniqueArray(name, { maxLength: 40 }), (known, others) => {
      const sorted = known.toSorted();
      const installed = [...new Set([...others, ...known.slice(0, 150)])];
      const expected = sorted.flatMap((each, nth): Place[] =>
        installed.includes(each) ? [[nth * 7, nth]] : [],
      );
      expect([...placesOf(installed, blocksOf(sorted))]).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

it('finds nothing where there are no names', () => {
  expect([...placesOf(['bash'], blocksOf([]))]).toEqual([]);
});

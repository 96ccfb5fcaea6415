import fc from 'fast-check';

/** Few letters and small numbers, so that generated versions are often equal or differ late. */
const dpkgPart = fc
  .array(
    fc.constantFrom('.', '+', '~', '0', '00', '1', '2', '10', 'a', 'b', 'Z', 'deb', 'u', 'bpo', 'esm', '12'),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));

const epoch = fc.constantFrom('', '', '', '0:', '1:', '2:');

/** A version that obeys deb-version(7). */
export const dpkgVersion = fc
  .tuple(
    epoch,
    fc.nat(3),
    dpkgPart,
    fc.option(fc.tuple(fc.constantFrom('0', '1', '~', 'a'), dpkgPart), { nil: undefined }),
  )
  .map(
    ([e, digit, part, revision]) => `${e}${digit}${part}${revision ? `-${revision[0]}${revision[1]}` : ''}`,
  );

const rpmPart = fc
  .tuple(
    fc.constantFrom('1', '2', '0', 'a', '10', '01'),
    fc.array(
      fc.constantFrom(
        '.',
        '_',
        '+',
        '~',
        '^',
        '0',
        '00',
        '1',
        '2',
        '10',
        'a',
        'B',
        'rc',
        'git',
        'el9',
        'el9_4',
      ),
      {
        maxLength: 6,
      },
    ),
  )
  .map(([first, parts]) => first + parts.join(''));

/** An EVR that rpmbuild would accept. */
export const rpmEvr = fc
  .tuple(epoch, rpmPart, fc.option(rpmPart, { nil: undefined, freq: 6 }))
  .map(([e, version, release]) => `${e}${version}${release === undefined ? '' : `-${release}`}`);

/** Pairs from a fixed seed, so that an oracle is asked the same questions in every run. */
export function samplePairs(arbitrary: fc.Arbitrary<string>, count: number): [string, string][] {
  return fc.sample(fc.tuple(arbitrary, arbitrary), { numRuns: count, seed: 20261124 });
}

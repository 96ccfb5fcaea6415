import fc from 'fast-check';
import { apkSuffixes } from '../../../src/packaging/apk/version.ts';

const number = fc.oneof(fc.nat(12), fc.nat(2000)).map(String);
const fraction = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.constantFrom('', '', '', '0'), number).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constant('') },
);
const suffix = fc
  .tuple(fc.constantFrom(...apkSuffixes), fc.option(number, { nil: '' }))
  .map(([name, at]) => `_${name}${at}`);

/** Versions that apk takes; near each other, so that all of their parts are compared. */
export const apkVersion: fc.Arbitrary<string> = fc
  .tuple(
    number,
    fc.array(fraction, { maxLength: 3 }),
    fc.constantFrom('', '', '', 'a', 'b', 'z', 'b1', 'b02', 'b10', 'b2.3', 'b2.', 'b2c'),
    fc.array(suffix, { maxLength: 2 }),
    fc.constantFrom('', '', '', '~0a', '~0ab', '~f1'),
    fc.option(number, { nil: undefined }),
  )
  .map(
    ([first, rest, letter, suffixes, hash, revision]) =>
      [first, ...rest].join('.') +
      letter +
      suffixes.join('') +
      hash +
      (revision === undefined ? '' : `-r${revision}`),
  );

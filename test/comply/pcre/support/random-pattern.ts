import fc from 'fast-check';

/** Few letters, so that matches are frequent: with both cases, the Kelvin sign, spaces, line ends and a character of two halves. */
const letters = [
  ...['a', 'a', 'b', 'b', 'c', 'A', 'k', '\u212a', 's', '1', '\u00e9', '\u{1f600}'],
  ...[' ', '\n', '\r', '\u00a0', '\u0085', '\u2028'],
];

export const subject: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...letters), { maxLength: 9 })
  .map((list) => list.join(''));

const plain = fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c', 'k', 's', '1', '\u00e9', '\u{1f600}');
const sets = fc.constantFrom(
  ...[
    '.',
    '.',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '\\d',
    '\\D',
    '\\h',
    '\\V',
    '\\N',
    '\\R',
    '\\x61',
    '\\p{Lu}',
    '\\PL',
  ],
  ...[
    '[ab]',
    '[^a]',
    '[a-k]',
    '[^\\n]',
    '[[:alpha:]b]',
    '[[:^digit:]]',
    '[\\w-]',
    '[\\Qa-c\\E]',
    '[^k]',
    '[]a]',
  ],
);
const places = fc.constantFrom('^', '$', '\\b', '\\B', '\\A', '\\z', '\\Z', '\\G');
const quantifiers = fc.constantFrom(
  ...['*', '*', '+', '+', '?', '?', '{2}', '{0}', '{1,}', '{0,2}', '{1,3}', '{2,}'].flatMap((each) => [
    each,
    each,
    `${each}?`,
    `${each}+`,
  ]),
);
const openings = fc.constantFrom(
  ...['(', '(', '(', '(?:', '(?>', '(?|', '(?i:', '(?s-i:', '(?n:', '(?U:', '(?^:', '(?m:', '(?xx:'],
  ...['(?=', '(?!', '(?<=', '(?<!', '(?<n>'],
);
const references = fc.constantFrom('\\1', '\\2', '\\g{-1}', '\\k{n}', '(?i:\\1)', '(?:\\1)');
const calls = fc.constantFrom('(?1)', '(?2)', '(?R)', '(?&n)', '(?+1)', "\\g'1'");
const odd = fc.constantFrom(
  '\\K',
  '(*F)',
  '(?i)',
  '(?-i)',
  '(?x) #c\n',
  '(?#c)',
  '\\E',
  '\\Qa.\\E',
  'a{,',
  '()',
  '(|a)',
);
const tests = fc.constantFrom(
  '(1)',
  '(2)',
  '(<n>)',
  '(R)',
  '(R1)',
  '(DEFINE)',
  '(?=a)',
  '(?!(b))',
  '(?<=(a))',
);

const { alternatives } = fc.letrec<Record<'alternatives' | 'sequence' | 'part' | 'atom', string>>((tie) => ({
  alternatives: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'pattern' },
    { weight: 3, arbitrary: tie('sequence') },
    { weight: 2, arbitrary: fc.tuple(tie('sequence'), tie('sequence')).map((all) => all.join('|')) },
    { weight: 1, arbitrary: tie('sequence').map((all) => `${all}|`) },
  ),
  sequence: fc
    .array(tie('part'), { minLength: 1, maxLength: 4, depthIdentifier: 'pattern' })
    .map((all) => all.join('')),
  part: fc.oneof(
    { weight: 3, arbitrary: tie('atom') },
    { weight: 3, arbitrary: fc.tuple(tie('atom'), quantifiers).map((all) => all.join('')) },
    { weight: 1, arbitrary: places },
    { weight: 1, arbitrary: odd },
  ),
  atom: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'pattern' },
    { weight: 6, arbitrary: plain },
    { weight: 2, arbitrary: sets },
    { weight: 2, arbitrary: references },
    { weight: 1, arbitrary: calls },
    {
      weight: 7,
      arbitrary: fc.tuple(openings, tie('alternatives')).map(([open, inside]) => `${open}${inside})`),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tests, tie('alternatives')).map(([test, inside]) => `(?${test}${inside})`),
    },
  ),
}));

/** Types of characters in a row, which PCRE2 compares with each other before it matches. */
const types = fc.constantFrom(
  ...['\\d', '\\D', '\\s', '\\S', '\\w', '\\W', '\\h', '\\H', '\\v', '\\V', '\\R', '\\N', '.'],
  ...[
    '[\\S]',
    '[\\h]',
    '[^\\s]',
    '[\\v]',
    '\u00a0',
    '\\n',
    '\\p{Zs}',
    '\\PZ',
    'a',
    '(?s:.)',
    '$',
    '\\Z',
    '\\b',
  ],
);
const repeats = fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '{2}', '{1,3}', '{2,}', '++', '??');
const typed = fc
  .tuple(types, repeats)
  .map(([type, repeat]) => (/^(?:\$|\\[Zb])$/.test(type) ? type : type + repeat));
export const typePattern: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: typed },
      {
        weight: 1,
        arbitrary: fc
          .tuple(
            fc.constantFrom('(', '(?:', '(?>', '(?=', '(?!'),
            typed,
            typed,
            fc.constantFrom(')', ')*', ')?', `|\\h)`),
          )
          .map((all) => all.join('')),
      },
    ),
    { minLength: 2, maxLength: 5 },
  )
  .map((all) => all.join(''));

const spaces = [
  'a',
  '1',
  ' ',
  '\t',
  '\n',
  '\r',
  '\u000b',
  '\u0085',
  '\u00a0',
  '\u2003',
  '\u2028',
  '\u3000',
  '\u00e9',
];
export const spacedSubject: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...spaces), { maxLength: 8 })
  .map((list) => list.join(''));

/** Patterns, of which some are none for PCRE2. */
export const pattern: fc.Arbitrary<string> = alternatives;
export const flags: fc.Arbitrary<string> = fc.subarray(['i', 'm', 's', 'x']).map((list) => list.join(''));

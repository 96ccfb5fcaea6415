import { describe, expect, it } from 'vitest';
import { compilePattern, DeadlineError, PatternError, withDeadline } from '../../../src/comply/pcre/index.ts';
import { maxPatternLength } from '../../../src/comply/pcre/parse.ts';

const matching: [reason: string, pattern: string, text: string, groups: string[]][] = [
  ['an inline flag for the whole', '(?i)permitrootlogin', 'PermitRootLogin', []],
  ['an inline flag from the middle on', '^Defaults(?i) USE_PTY', 'Defaults use_pty', []],
  ['an inline flag switched off again', '(?i)a(?-i)b', 'Ab', []],
  ['a flag for one group', 'x(?i:yz)', 'xYz', []],
  ['ranges in both cases', '(?i)x(?-i)(?i:[b-d]+)', 'xBCd', []],
  ['POSIX classes', '^[[:space:]]*[^[:digit:]]$', '  x', []],
  ['a bracket first in a class', '^[]a]+$', ']a]', []],
  ['quoted text', '^\\Qa.b*\\E$', 'a.b*', []],
  ['a possessive quantifier', '^a++b$', 'aaab', []],
  ['an atomic group with its captures', '(?>(a+))b\\1', 'aabaa', ['aa']],
  ['a branch reset', '(?|(a)x|b(c))', 'bc', ['c']],
  ['named groups and references', '(?P<q>["\'])x(?P=q)', '"x"', ['"']],
  ['a subroutine call', '^(\\d{1,3})(?:\\.(?1)){3}$', '10.0.0.1', ['10']],
  ['horizontal space', '^a\\h+b$', 'a \tb', []],
  ['an octal code', '^\\101$', 'A', []],
  ['extended syntax', '(?x) a  b # the end', 'ab', []],
  ['a group that took no part is left out', '^(a)?(b)$', 'b', ['b']],
  ['a group that keeps its text from an earlier time of a repeat', '^(?:(a)|b)*$', 'ab', ['a']],
  ['a reference to its own earlier time', '^(a\\1?){4}$', 'aaaaaaaaaa', ['aaaa']],
  ['an empty last time of a repeat', '(abc|)+', 'abcabc', ['']],
  ['an empty time that may be none', '^(\\/usr|)?\\/sbin$', '/sbin', ['']],
  ['an empty time that ends a repeat', '^(|a)+', 'aa', ['']],
  ['a reference without regard to case', '(ab)(?i:\\1)', 'abAB', ['ab']],
  ['options that are as at first', '(?i)a(?^)b', 'Ab', []],
  ['a comment in front of a quantifier', '^a(?#of the letter)+$', 'aaa', []],
  ['a possessive quantifier behind a space', '(?x) ^ a+ + $', 'aaa', []],
  ['a recursion', '^(\\((?:[^()]|(?1))*\\))$', '(a(b)c)', ['(a(b)c)']],
  ['a recursion that gives back', '^(.|(.)(?1)\\2)$', 'abcba', ['abcba', 'a']],
  ['a condition on a group', '^(<)?a(?(1)>|!)$', '<a>', ['<']],
  ['a condition on what follows', '^(?(?=a)ab|cd)$', 'cd', []],
  ['definitions', '(?(DEFINE)(?<n>\\d+))^(?&n)-(?&n)$', '12-34', []],
  ['a general category', '^\\p{Lu}\\P{Lu}[\\p{Nd}]$', '\u00c4\u00e41', []],
  ['a quote in a class', '^[\\Qa-c\\E]+$', 'c-a', []],
  ['one character that JavaScript holds as two', '^.[^a]$', '\u{1f600}\u{1f601}', []],
  ['letters whose other case is not ASCII', '(?i)^[j-l]s$', '\u212a\u017f', []],
  ['groups in a lookbehind', '(?<=(a)b|(c))d', 'cd', ['c']],
];

const failing: [reason: string, pattern: string, text: string][] = [
  ['a possessive quantifier gives nothing back', '^a++a', 'aaa'],
  ['an atomic group gives nothing back', '(?>a*)ab', 'aaab'],
  ['\\s is ASCII only', '^\\s$', '\u00a0'],
  ['a flag ends with its group', '(?i:a)b', 'AB'],
  ['. does not match a line feed', 'a.b', 'a\nb'],
  ['a reference to a group that has not matched fails', '(a)|\\1', 'b'],
  ['such a group stands in front of more', '^(another)?(\\1+)test', 'test'],
  ['a group keeps its text, so that the condition holds', '^(?:(a)|b)*(?(1)c|d)$', 'abd'],
  ['\\B is within no character', '^\\B.\\B$', 'a'],
  ['(?xx) ignores spaces in a class', '(?xx)^[a b]$', ' '],
  ['(*F) never matches', 'a(*F)|b', 'a'],
];

describe('compilePattern', () => {
  it.each(matching)('matches with %s', (_, pattern, text, groups) => {
    expect(compilePattern(pattern).first(text)?.groups).toEqual(groups);
  });

  it.each(failing)('does not match where %s', (_, pattern, text) => {
    expect(compilePattern(pattern).test(text)).toBe(false);
  });

  it.each(['(', '[a', 'a{3,1}', '*a', '(?<n', '\\', '[z-a]', '(a)\\2'])(
    'refuses %s as no pattern',
    (pattern) => {
      expect(() => compilePattern(pattern)).toThrow(PatternError);
    },
  );

  it.each([
    ...['(*COMMIT)a', '(*UCP)\\w', '(*CRLF)a$', 'a{,2}', 'a{ 1, 2 }', '(?xxx:a b)', '(?J)(?<n>a)(?<n>b)'],
    ...[
      '\\X',
      '\\C',
      '\\p{Greek}',
      '\\p{Cn}',
      '(?i)\\p{Lu}',
      '(?<=a+)b',
      '(?[[a-z]])',
      '\\N{U+41}',
      '(?C1)a',
    ],
    '(?(R)a|\\Kb)(?1)(c)',
    '^(?=.*(?=(([A-Z]).*(?(1)\\1)))(?!.+\\2)){26}',
    '(?!(?=(a)|\\1b)){2,}',
  ])('refuses %s, which versions of PCRE2 read in different ways or which it does not have', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(/supported|since PCRE2/);
  });

  it.each([
    'a**',
    '^*',
    '\\b+',
    '{1}',
    'a{2}{3}',
    '[a-\\d]',
    '[\\E^]a',
    '(?<!a{65535}a{5})x',
    '[\\Q\\E^]a',
    '[[.a.]]',
    '[:alpha:]',
    '\\8',
    '(?=\\K)',
    '\\y',
    '\\xg',
  ])('refuses %s, as PCRE2 does', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(PatternError);
  });

  it('takes a class with empty quotes in front of its negation', () => {
    const found = ['[\\E^a]', '[\\Q\\E^\\E]a]', '[\\Q^\\Ea]'].map((each) => compilePattern(each).test('a'));
    expect(found).toEqual([false, false, true]);
  });

  it('refuses a pattern that PCRE2 has no room for', () => {
    expect(() => compilePattern('(?:abcdefghij){10000}')).toThrow(/larger than/);
    expect(() => compilePattern('(?:(abc|){1000}){50}')).toThrow(/larger than/);
  });

  it('begins a match where \\K stands', () => {
    expect(compilePattern('key=\\K\\w+').first('a key=value')).toEqual({
      index: 6,
      text: 'value',
      groups: [],
    });
  });

  it('goes on behind the last match with \\G', () => {
    expect([...compilePattern('\\G(\\d),?').all('1,2,x,3')].map(({ text }) => text)).toEqual(['1,', '2,']);
  });

  it('is an error where a match has no end or takes too many steps, also without a deadline', () => {
    expect(() => compilePattern('(a|(?1)b)+c').test('aab')).toThrow(/without an end/);
    expect(() => compilePattern('^(\\w|\\w\\w|)+$').test(`${'a'.repeat(200)}!`)).toThrow(/too many steps/);
    expect(() => compilePattern('^((?:a|b)(?1)?)$').test('ab'.repeat(20_000))).toThrow(/too many calls/);
  });

  it('refuses classes that stand for more ranges than a pattern can name', () => {
    // Three characters are hundreds of ranges: 36 kB took seconds, which no deadline ends.
    expect(() => compilePattern('[\\pL]'.repeat(6_000))).toThrow(/more than 100000 ranges/);
    expect(() => compilePattern(`[${'\\pL'.repeat(6_000)}]`)).toThrow(/more than 100000 ranges/);
    expect(compilePattern('(?i)[\\x{0}-\\x{10ffff}]'.repeat(1_000)).test('k')).toBe(false);
    expect(compilePattern('\\pL'.repeat(100)).test('k'.repeat(100))).toBe(true);
  });

  it.each(['\\pL', '\\PL', '\\p{L}+', '\\w', '(a)|\\1\\pL'])(
    'refuses as many of %s outside of classes: it compiled for seconds',
    (part) => {
      expect(() => compilePattern(part.repeat(65_000 / part.length))).toThrow(/more than 100000 ranges/);
    },
  );

  it('compares 7,000 groups with references to them in their order', () => {
    expect(compilePattern(`${'()'.repeat(7_000)}\\7000`).test('')).toBe(true);
  });

  it.each([
    ['\\S*\\h', '00\u00a0', false],
    ['\\S*[\\h]', '00\u00a0', true],
    ['\\S*?\\h', '00\u00a0', false],
    ['\\S{2,3}\\v', '00\u0085', false],
    ['\\S+\\R', '0\u2028', false],
    ['\\h+\\S', '\t\u00a0', false],
    ['\\v+\\S+', '\n\u0085', false],
    ['.+\\R', 'a\r', false],
    ['\\N+\\R', 'a\r', false],
    ['(?s).+\\R', 'a\r', true],
    ['\\R+\\s', '\n\n', false],
    ['\\R+.', '\r\r', false],
    ['\\R+[\\s]', '\n\n', true],
    ['^\\S+\\h+\\S+$', 'a b\u00a0c', true],
    ['^(\\S+)\\h(?:\\S+)$', 'a\u00a0b', false],
    ['^(?:\\S+?)\\h', 'a\u00a0b', true],
    ['^(\\S+)\\h(?1)$', 'a\u00a0b', true],
    ['(?=\\S+)\\h', '\u00a0', true],
  ])(
    '%s on %j is possessive only where it is in PCRE2, which takes types for those of ASCII',
    (pattern, text, matches) => {
      expect(compilePattern(pattern).test(text)).toBe(matches);
    },
  );

  it.each(['\\S*(a|\\h)', '\\S*a?\\h', '(\\S*)?\\h', '\\h+a?\\S'])(
    '%s is not judged on characters of which PCRE2 may think otherwise',
    (pattern) => {
      expect(() => compilePattern(pattern).test('0\u00a0')).toThrow(/otherwise on this text/);
      expect(() => [...compilePattern(pattern).all('0\u00a0')]).toThrow(/otherwise on this text/);
      expect(compilePattern(pattern).test('a 0 b')).toBe(true);
    },
  );

  it.each(['a?(?>b?|c)a', 'a?(?:b|c)?+a', '(x|a*)(?>(b)?)a'])(
    'refuses %s, in which PCRE2 takes the repeat for one of the atomic group',
    (pattern) => {
      expect(() => compilePattern(pattern)).toThrow(/atomic group of this form/);
    },
  );

  it.each(['a?(?>b?)a', '(?>a?(b|))a?', 'a?x(?>b?|c)a', 'a?(?>b|c)a', 'a?(?:b|c)++a'])(
    'takes %s, which it does not',
    (pattern) => {
      expect(() => compilePattern(pattern)).not.toThrow();
    },
  );

  it('refuses a pattern beyond the limit', () => {
    expect(() => compilePattern('a'.repeat(maxPatternLength + 1))).toThrow(/longer than/);
  });

  it('matches lines with the multiline flag, which a carriage return does not end', () => {
    const matches = [...compilePattern('^(\\w+)=(.*)$', { multiline: true }).all('a=1\r\nb=2\n')];
    expect(matches.map(({ groups, index }) => [index, ...groups])).toEqual([
      [0, 'a', '1\r'],
      [5, 'b', '2'],
    ]);
  });

  it('does not find an empty line behind the last line feed', () => {
    expect([...compilePattern('^$', { multiline: true }).all('a\n\nb\n')]).toHaveLength(1);
  });

  it('tries a leading .* only where PCRE does', () => {
    const text = `${'x'.repeat(20_000)}\n`.repeat(3);
    expect(compilePattern('.*(?:^|\\n)KEY', { multiline: true, dotAll: true }).test(text)).toBe(false);
  });
});

describe('parts that may match nothing', () => {
  const parts = ['a?', 'b*', '(?:c|)', '(?:\\b|d)', 'a??', '(?:a?b?)?'];
  const pattern = `^(?:${Array.from({ length: 24 }, (_, at) => parts[at % parts.length]).join('')})x$`;
  const texts = ['x', 'abcx', 'aabbccddx', 'dabcabx', 'abcd', 'cbax', 'abcabcabcabcx', ' x', 'ddx', ''];

  it.each(texts)('matches the same in a row: %j', (text) => {
    expect(compilePattern(pattern).test(text)).toBe(new RegExp(pattern).test(text));
  });
});

describe('withDeadline', () => {
  it('ends a pattern that backtracks without end', () => {
    const text = `${'a'.repeat(60)}b`;
    expect(() => withDeadline(50, () => compilePattern('^(a+)+$').test(text))).toThrow(DeadlineError);
  });

  it('waits for work that is kept from the processor', () => {
    let attempts = 0;
    const idle = () => {
      attempts += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
      return 7;
    };
    expect(withDeadline(40, idle)).toBe(7);
    // The number depends on the machine.
    expect(attempts).toBeGreaterThan(1);
  });

  it('passes results and errors of the work on', () => {
    expect(withDeadline(1_000, () => 7)).toBe(7);
    expect(() => withDeadline(1_000, () => compilePattern('('))).toThrow(PatternError);
  });
});

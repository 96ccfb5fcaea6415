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
];

const failing: [reason: string, pattern: string, text: string][] = [
  ['a possessive quantifier gives nothing back', '^a++a', 'aaa'],
  ['an atomic group gives nothing back', '(?>a*)ab', 'aaab'],
  ['\\s is ASCII only', '^\\s$', '\u00a0'],
  ['a flag ends with its group', '(?i:a)b', 'AB'],
  ['. does not match a line feed', 'a.b', 'a\nb'],
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

  it.each(['(?R)', '(a(?1))', '(?(1)a|b)', '\\p{L}', 'a\\Kb'])('refuses %s as unsupported', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(/supported/);
  });

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
    // How often depends on the machine.
    expect(attempts).toBeGreaterThan(1);
  });

  it('passes results and errors of the work on', () => {
    expect(withDeadline(1_000, () => 7)).toBe(7);
    expect(() => withDeadline(1_000, () => compilePattern('('))).toThrow(PatternError);
  });
});

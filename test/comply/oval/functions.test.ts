import { describe, expect, it } from 'vitest';
import { applyFunction, FunctionError } from '../../../src/comply/oval/functions.ts';

describe('applyFunction', () => {
  it.each<[fn: string, args: string[][], attributes: Record<string, string>, expected: string[]]>([
    [
      'concat',
      [
        ['/a', '/b'],
        ['/x', '/y'],
      ],
      {},
      ['/a/x', '/a/y', '/b/x', '/b/y'],
    ],
    ['arithmetic', [['2', '3'], ['10']], { arithmetic_operation: 'multiply' }, ['20', '30']],
    ['arithmetic', [['1.1'], ['1.1']], { arithmetic_operation: 'multiply' }, ['1.21']],
    ['arithmetic', [['0.1'], ['0.2'], ['1']], { arithmetic_operation: 'add' }, ['1.3']],
    ['arithmetic', [['1'], ['INF']], { arithmetic_operation: 'add' }, ['INF']],
    ['arithmetic', [['9007199254740993'], ['1']], { arithmetic_operation: 'add' }, ['9007199254740994']],
    ['begin', [['x']], { character: '^' }, ['^x']],
    ['end', [['x$']], { character: '$' }, ['x$']],
    ['escape_regex', [['a.b[1]']], {}, ['a\\.b\\[1\\]']],
    ['split', [['a,b']], { delimiter: ',' }, ['a', 'b']],
    ['substring', [['abcdef']], { substring_start: '2', substring_length: '3' }, ['bcd']],
    ['substring', [['abc']], { substring_start: '2', substring_length: '-1' }, ['bc']],
    ['regex_capture', [['uid=0(root)', 'none']], { pattern: 'uid=(\\d+)' }, ['0', '']],
    ['unique', [['a', 'b'], ['a']], {}, ['a', 'b']],
    ['count', [['a'], ['b', 'c']], {}, ['3']],
    ['glob_to_regex', [['/etc/*.conf']], {}, ['^/etc/(?=[^.])[^/]*\\.conf$']],
    ['time_difference', [['1700000000']], { format_2: 'seconds_since_epoch' }, ['60']],
  ])('%s', (fn, args, attributes, expected) => {
    expect(applyFunction(fn, args, attributes, 1_700_000_060)).toEqual(expected);
  });

  it.each<[fn: string, values: string[], attributes: Record<string, string>]>([
    ['arithmetic', ['1', ''], { arithmetic_operation: 'add' }],
    ['arithmetic', ['1.5', '0x10'], { arithmetic_operation: 'add' }],
    ['substring', ['abc'], { substring_start: '4' }],
    ['glob_to_regex', ['[ab'], {}],
    ['glob_to_regex', ['[[:letter:]]'], {}],
    ['time_difference', ['yesterday'], {}],
  ])('%s of %j is an error', (fn, values, attributes) => {
    const args = fn === 'arithmetic' ? values.map((value) => [value]) : [values];
    expect(() => applyFunction(fn, args, attributes, 0)).toThrow(FunctionError);
  });

  it('refuses a cross product without bound', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => String(at));
    expect(() => applyFunction('concat', [many, many], {}, 0)).toThrow(FunctionError);
  });
});

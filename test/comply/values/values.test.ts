import { describe, expect, it } from 'vitest';
import { applyFunction, FunctionError } from '../../../src/comply/oval/functions.ts';
import { evaluateYamlPath, maxYamlLength, YamlError } from '../../../src/comply/probes/yaml-path.ts';
import { compareValues } from '../../../src/comply/values/compare.ts';
import { secondsOf } from '../../../src/comply/values/time.ts';

describe('compareValues', () => {
  it.each([
    ['int', 'equals', '0644', '644', 'true'],
    ['int', 'greater than', '9007199254740993', '9007199254740992', 'true'],
    ['int', 'bitwise and', '7', '5', 'true'],
    ['int', 'bitwise or', '4', '5', 'true'],
    ['int', 'equals', 'yes', '1', 'error'],
    ['float', 'less than', '1.5', 'INF', 'true'],
    ['float', 'equals', 'NaN', 'NaN', 'false'],
    ['float', 'equals', '1.2100000000000002', '1.21', 'true'],
    ['float', 'equals', '1.2101', '1.21', 'false'],
    ['float', 'greater than', '16777217', '16777216', 'false'],
    ['float', 'equals', '1e3', '1000', 'true'],
    ['float', 'equals', '0x10', '16', 'error'],
    ['boolean', 'equals', '1', 'true', 'true'],
    ['boolean', 'equals', 'maybe', 'true', 'error'],
    ['version', 'less than', '9.2', '9.10', 'true'],
    ['version', 'equals', '9.0', '9', 'true'],
    ['evr_string', 'less than', '0:7.76.1~rc1-1', '0:7.76.1-1', 'true'],
    ['evr_string', 'equals', '1.2-3', '0:1.2-3', 'true'],
    ['debian_evr_string', 'less than', '1:9.2', '99', 'false'],
    ['ipv4_address', 'subset of', '10.1.2.0/24', '10.0.0.0/8', 'true'],
    ['ipv4_address', 'greater than', '10.0.0.1/8', '10.0.0.0/16', 'error'],
    ['ipv6_address', 'superset of', '2001:db8::/32', '2001:db8::1', 'true'],
    ['string', 'case insensitive equals', 'Yes', 'yes', 'true'],
    ['string', 'pattern match', 'abc', '(', 'error'],
    ['fileset_revision', 'equals', '1', '1', 'not evaluated'],
  ])('%s: %s %s %s is %s', (datatype, operation, found, stated, expected) => {
    expect(compareValues(datatype, operation, found, stated)).toBe(expected);
  });
});

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

describe('secondsOf', () => {
  it.each([
    ['2024-02-29', 'year_month_day', 1_709_164_800],
    ['20240229T010000', 'year_month_day', 1_709_168_400],
    ['29/02/2024', 'day_month_year', 1_709_164_800],
    ['02/29/2024 01:00:00', 'month_day_year', 1_709_168_400],
    ['Feb, 29 2024', 'month_day_year', 1_709_164_800],
    ['February, 29 2024 01:00:00', 'month_day_year', 1_709_168_400],
    ['133536384000000000', 'win_filetime', 1_709_164_800],
    ['0x1da6aa23ce90000', 'win_filetime', 1_709_164_800],
    ['01DA6AA23CE90000', 'win_filetime', 1_709_164_800],
    ['20240229010000.000000+060', 'cim_datetime', 1_709_164_800],
    ['20240228190000.123456-300', 'cim_datetime', 1_709_164_800],
    ['20240229000000.******+000', 'cim_datetime', 1_709_164_800],
    ['2024-02-29 00:00:00:000', 'cim_datetime', 1_709_164_800],
    // What is not understood is an error (TimeDifferenceFunctionType), never a time that was meant otherwise.
    ['1709164800', 'cim_datetime', undefined],
    ['20240229000000.******+***', 'cim_datetime', undefined],
    ['00000001000000.000000:000', 'cim_datetime', undefined],
    ['2023-02-29', 'year_month_day', undefined],
    ['24-02-29', 'year_month_day', undefined],
    ['2024-02/29', 'year_month_day', undefined],
    ['29 feb 2024', 'day_month_year', undefined],
    ['2024-02-29 24:00:00', 'year_month_day', undefined],
    ['yesterday', 'year_month_day', undefined],
  ])('%s as %s', (text, format, expected) => {
    expect(secondsOf(text, format)).toBe(expected);
  });
});

describe('evaluateYamlPath', () => {
  const text =
    'spec:\n  items:\n    - {name: a, dropAll: [X, Y]}\n    - {name: b, dropAll: []}\non: TRUE\nport: 0o17\nratio: 4e1\nquoted: "81"\nnone: ~\nbad: !!int "5%"\n';

  it.each([
    ['.on', [{ '#': [{ value: 'true', datatype: 'boolean' }] }]],
    ['.port', [{ '#': [{ value: '15', datatype: 'int' }] }]],
    ['.ratio', [{ '#': [{ value: '40', datatype: 'float' }] }]],
    ['.quoted', [{ '#': [{ value: '81' }] }]],
    ['.none', [{ '#': [{ value: '', status: 'does not exist' }] }]],
    ['.spec.items[0].name', [{ '#': [{ value: 'a' }] }]],
    ['.spec.items[].name', [{ '#': [{ value: 'a' }] }]],
    ['.spec.items[:].dropAll[:]', [{ '#': [{ value: 'X' }, { value: 'Y' }] }]],
    [".spec.items[1:]['name']", [{ '#': [{ value: 'b' }] }]],
    ['.spec.items[-1]', [{ name: [{ value: 'b' }], 'drop^all': [] }]],
    ['.gone.further', []],
  ])('%s', (path, expected) => {
    expect(evaluateYamlPath(text, path)).toEqual(expected);
  });

  it.each([
    ['a value that is not what its tag says', text, '.bad'],
    ['a list of maps as a value', text, '.spec'],
    ['a path that it does not know', text, '.spec.items[?(@.name)]'],
    ['text that is no YAML', 'a: [1', '.a'],
    ['a document beyond the limit', 'a'.repeat(maxYamlLength + 1), '.a'],
  ])('refuses %s', (_, document, path) => {
    expect(() => evaluateYamlPath(document, path)).toThrow(YamlError);
  });

  it('does not unfold aliases that multiply', () => {
    const levels = Array.from({ length: 30 }, (_, at) => `l${at + 1}: &l${at + 1} [*l${at}, *l${at}]`);
    const bomb = ['l0: &l0 [x]', ...levels, 'end: here'].join('\n');
    expect(evaluateYamlPath(bomb, '.end')).toEqual([{ '#': [{ value: 'here' }] }]);
  });

  it('refuses a document nested too deep, and aliases that make billions of nodes', () => {
    expect(() => evaluateYamlPath('['.repeat(100_000), '.a')).toThrow(YamlError);
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at},`.repeat(9)}*l${at}]`,
    );
    const bomb = `l0: &l0 [x]\n${levels.join('\n')}`;
    expect(() => evaluateYamlPath(bomb, `.l12${'[:]'.repeat(12)}`)).toThrow(/more than 300000 nodes/);
  });
});

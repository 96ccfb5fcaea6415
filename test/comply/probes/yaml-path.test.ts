import { describe, expect, it } from 'vitest';
import { evaluateYamlPath, maxYamlLength, YamlError } from '../../../src/comply/probes/yaml-path.ts';

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

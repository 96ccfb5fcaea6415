import { describe, expect, it } from 'vitest';
import { defineCommand, parseCommand } from '../../../src/cli/command.ts';
import { helpText } from '../../../src/cli/help.ts';
import { outputs } from '../../../src/cli/outputs.ts';
import {
  choice,
  duration,
  flag,
  form,
  number,
  path,
  repeatable,
  required,
  text,
  withDefault,
} from '../../../src/tasks/option.ts';

const options = {
  'only-fixed': flag('only what has a fix'),
  severity: choice(['low', 'high'], 'at least %', { metavar: 'S', noun: 'severity' }),
  kind: repeatable(choice(['a', 'b'], '%', { metavar: 'K', noun: 'kind' }), { commas: true }),
  keep: withDefault(number('feeds that stay'), 8),
  life: duration('how long'),
  pair: repeatable(form('A=B', 'a pair', (given) => (given.includes('=') ? given.split('=') : undefined))),
  from: required(path('DIR', 'where from'), 'name a folder'),
  note: text('TEXT', 'a note'),
  output: outputs('inventory'),
};

const command = defineCommand({
  name: 'toast',
  operands: ['BREAD', '[SPREAD]'],
  about: 'BREAD is one of\n  white   soft\n  brown   with\n          grains',
  options,
  notes: 'word '.repeat(40).trim(),
  exitCodes: {
    0: 'fine',
    4: 'no toaster was found in the kitchen, or it is not plugged in, or somebody else uses it',
  },
  examples: ['scapfeed toast white --from kitchen --severity high --kind a,b --pair a=b --note something'],
  run: async () => 0,
});

const parse = (...argv: string[]) => parseCommand(command, [...argv, '--from', 'kitchen']);

describe('options by their kinds', () => {
  it('are typed values; what is absent is false, undefined or the default', () => {
    expect(parse('white')).toMatchObject({
      operands: ['white'],
      options: {
        'only-fixed': false,
        severity: undefined,
        kind: undefined,
        keep: 8,
        life: undefined,
        pair: undefined,
        from: 'kitchen',
        note: undefined,
        output: [{ format: 'table' }],
      },
    });
  });

  it('a repeatable one has all that was given, any other one the last', () => {
    const given = parse(
      'white',
      'jam',
      '--kind',
      'a,b',
      '--kind',
      'a',
      '--note',
      'x',
      '--note',
      'y',
      '--severity',
      'high',
    );
    expect(given).toMatchObject({
      operands: ['white', 'jam'],
      options: { kind: ['a', 'b', 'a'], note: 'y', severity: 'high' },
    });
  });

  it.each([
    ['36h', 36 * 3_600_000],
    ['7d', 7 * 86_400_000],
    ['7', 7 * 86_400_000],
  ])('a time span of %s', (given, span) => {
    expect(parse('white', '--life', given)?.options.life).toBe(span);
  });

  it.each([
    [['--severity', 'hihg'], '--severity: no severity hihg', /did you mean high\?/],
    [['--kind', 'a,x'], '--kind: no kind x', /a/],
    [['--keep', '0'], '--keep: expected a whole number from 1 to 9999, found 0', /--help/],
    [['--keep', '10000'], '--keep: expected a whole number from 1 to 9999, found 10000', /--help/],
    [['--life', '0'], '--life: expected a time span, found 0', /36h, 30d or 30 \(days\)/],
    [['--pair', 'x'], '--pair: expected A=B, found x', /--help/],
    [['--note='], '--note: expected a value, found nothing', /omit the option/],
  ])('%s is wrong use', (given, message, remedy) => {
    expect(() => parse('white', ...given)).toThrow(
      expect.objectContaining({ code: 'USAGE', message, remedy: expect.stringMatching(remedy) }),
    );
  });

  it.each([
    [[''], 'BREAD: expected a value, found nothing'],
    [['white', ''], 'SPREAD: expected a value, found nothing'],
  ])('an empty operand is wrong use: %j', (given, message) => {
    expect(() => parse(...given)).toThrow(expect.objectContaining({ code: 'USAGE', message }));
  });

  it('one that is required and absent is named with its word for the value', () => {
    expect(() => parseCommand(command, ['white'])).toThrow(
      expect.objectContaining({ message: 'expected --from DIR', remedy: 'name a folder' }),
    );
  });
});

describe('help', () => {
  const help = helpText(command, 'make toast');

  it('keeps 80 columns', () => {
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('is made of the options, operands and exit codes', () => {
    expect(help).toContain('Usage: scapfeed toast BREAD [SPREAD] --from DIR [OPTIONS]\n');
    expect(help).toContain('\n  brown   with\n          grains\n');
    expect(help).toContain('\n  --kind K           a, b; repeatable or with commas\n');
    expect(help).toContain('\n  --keep N           feeds that stay (default: 8)\n');
    expect(help).toContain('\nOutput:\n  -o FORMAT[=FILE]   table, json, cyclonedx ');
    expect(help).toMatch(/\n {2}4 {2}no toaster .*\n {5}\S/);
    expect(help).toMatch(/\nExample:\n {2}scapfeed toast .* \\\n {4}--/);
  });
});

describe('wrong use says what was wrong and what comes next', () => {
  it.each([
    [
      'an unknown option, nearly right',
      ['--only-fixd', 'x'],
      /unknown option/,
      /did you mean --only-fixed\?/,
    ],
    ['an unknown option, far off', ['--frobnicate', 'x'], /unknown option/, /scapfeed toast --help/],
    ['an option without its value', ['x', '--severity'], /argument missing|severity/, /--help/],
    ['too few arguments', [], /expected BREAD .*, found 0/, /--help/],
    ['too many arguments', ['a', 'b', 'c'], /found 3/, /--help/],
  ])('%s', (_, argv, message, remedy) => {
    expect(() => parseCommand(command, argv)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        exitCode: 2,
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
      }),
    );
  });

  it('--help needs no arguments', () => {
    expect(parseCommand(command, ['--help'])).toBeUndefined();
  });
});

describe('-o FORMAT[=FILE]', () => {
  const choices = (...given: string[]) =>
    parse('white', ...given.flatMap((one) => ['-o', one]))?.options.output;

  it("is the command's first format when not given", () => {
    expect(choices()).toEqual([{ format: 'table' }]);
  });

  it('can be repeated, with files that hold an equals sign', () => {
    expect(choices('table', 'json=a=b.json')).toEqual([
      { format: 'table' },
      { format: 'json', file: 'a=b.json' },
    ]);
  });

  it.each([
    ['an unknown format', ['jsno'], /did you mean json\?/],
    [
      'a format of another command',
      ['html'],
      /use one of table, json, cyclonedx, cyclonedx-1.7, spdx, manifest/,
    ],
    ['two reports for one stdout', ['table', 'json'], /-o json=FILE/],
  ])('refuses %s', (_, given, remedy) => {
    expect(() => choices(...given)).toThrow(
      expect.objectContaining({ code: 'USAGE', remedy: expect.stringMatching(remedy) }),
    );
  });
});

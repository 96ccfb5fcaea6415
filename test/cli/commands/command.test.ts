import { describe, expect, it } from 'vitest';
import { type Command, parseCommand } from '../../../src/cli/command.ts';
import { outputChoices } from '../../../src/cli/outputs.ts';

const command: Command = {
  name: 'toast',
  synopsis: 'BREAD [OPTIONS]',
  summary: '',
  help: '',
  options: { 'only-fixed': { type: 'boolean' }, severity: { type: 'string' } },
  positionals: { min: 1, max: 1 },
  run: async () => 0,
};

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
    ['too few arguments', [], /expected BREAD \[OPTIONS\], found 0/, /--help/],
    ['too many arguments', ['a', 'b'], /found 2/, /--help/],
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
    expect(parseCommand(command, ['--help']).values['help']).toBe(true);
  });
});

describe('-o FORMAT[=FILE]', () => {
  it('is the first format when not given', () => {
    expect(outputChoices(command, undefined, ['table', 'json'])).toEqual([{ format: 'table' }]);
  });

  it('can be repeated, with files that hold an equals sign', () => {
    expect(outputChoices(command, ['table', 'json=a=b.json'], ['table', 'json'])).toEqual([
      { format: 'table' },
      { format: 'json', file: 'a=b.json' },
    ]);
  });

  it.each([
    ['an unknown format', ['jsno'], /did you mean json\?/],
    ['two reports for one stdout', ['table', 'json'], /-o json=FILE/],
  ])('refuses %s', (_, given, remedy) => {
    expect(() => outputChoices(command, given, ['table', 'json'])).toThrow(
      expect.objectContaining({ code: 'USAGE', remedy: expect.stringMatching(remedy) }),
    );
  });
});

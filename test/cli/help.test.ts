import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { helpText } from '../../src/cli/help.ts';
import { outputFormats } from '../../src/cli/output-formats.ts';
import { scapfeed } from '../support/cli.ts';

const loaded = await Promise.all(
  commands
    .flatMap((entry) => [entry, ...(entry.subcommands ?? [])])
    .map(async (entry) => ({ ...entry, command: await entry.load() })),
);

const tooLong = (text: string) => text.split('\n').filter((line) => line.length > 80);

describe.each(loaded)('$name', ({ name, summary, command }) => {
  it('bears the name of its entry, by which its file is found', () => {
    expect(command.name).toBe(name);
  });

  it('has help of 80 columns with an example of itself', () => {
    const help = helpText(command, summary);
    expect(tooLong(help)).toEqual([]);
    expect(help).toMatch(new RegExp(`\\nExamples?:\\n(.*\\n)*  scapfeed .*\\b${name}\\b`));
  });

  it('names exit code 2 if it lists any', () => {
    if (command.exitCodes) expect(Object.keys(command.exitCodes)).toContain('2');
  });

  it('has -o FORMAT[=FILE] if the table of formats names it, and only then', () => {
    const formats = outputFormats.filter(({ commands: own }) => own.some((one) => one === name));
    const { output } = command.options;
    expect(output?.kind === 'output').toBe(formats.length > 0);
    if (formats.length > 0) expect(output?.words).toEqual(formats.map((format) => format.name));
  });
});

it('what one command of a fleet needs is not asked of all', () => {
  const { err } = scapfeed(['fleet']);
  expect(err).toContain('expected COMMAND [ARGUMENT...] [OPTIONS], found 0 arguments');
});

it('the overview names every command, at 80 columns', () => {
  const { out } = scapfeed(['--help']);
  expect(tooLong(out)).toEqual([]);
  for (const { name } of commands) expect(out).toContain(`\n  ${name} `);
});

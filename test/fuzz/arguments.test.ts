import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArguments, UsageError, usage } from './arguments.ts';

describe('npm run fuzz', () => {
  it('goes on until the time is over, unless cases are limited', () => {
    expect(readArguments(['--seconds', '86400'])).toMatchObject({
      seconds: 86_400,
      cases: Number.MAX_SAFE_INTEGER,
    });
    expect(readArguments(['--cases', '3'])).toMatchObject({ seconds: 240, cases: 3 });
    expect(readArguments(['--case', '7'])).toMatchObject({ from: 7, cases: 1 });
  });

  it.each([
    ['--sed', /--sed/],
    ['--seconds=ten', /--seconds needs a number, not 'ten'/],
    ['--case=', /--case needs a number/],
  ])('refuses %s', (argument, message) => {
    expect(() => readArguments([argument])).toThrow(UsageError);
    expect(() => readArguments([argument])).toThrow(message);
  });

  it('prints its help, refuses a target that does not exist, and counts what time allows', {
    timeout: 60_000,
  }, () => {
    expect(fuzz('--help')).toEqual({ status: 0, stdout: `${usage}\n`, stderr: '' });
    expect(fuzz('--target', 'sound', '--target', 'sund')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^no target sund; there are .*sound/),
    });
    const counted = fuzz('--target', 'sound', '--seconds', '0.5');
    expect(counted).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^sound: \d{2,} cases, 0 findings\n$/),
    });
  });
});

function fuzz(...args: string[]) {
  const main = join(import.meta.dirname, 'main.ts');
  const table = join(import.meta.dirname, 'support/broken-targets.ts');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', main, ...args, '--table', table],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineOptions, type SplitLine, splitLine, splitPlain } from '../../src/cli/split-line.ts';

const options: LineOptions = {
  'no-all': { type: 'boolean' },
  all: { type: 'boolean', multiple: true },
  output: { type: 'string', multiple: true, short: 'o' },
  content: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
};

function byNode(argv: readonly string[]): SplitLine | string {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    return (error as Error).message;
  }
}

function byUs(argv: readonly string[]): SplitLine | string {
  try {
    return splitLine(options, argv);
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a command line in options and operands', () => {
  it("is split as Node's parser splits it, what that refuses included", () => {
    const names = fc.constantFrom(...Object.keys(options), 'toString', '__proto__', 'unknown', '');
    const value = fc.constantFrom('', 'x', '-', '-x', '--', 'a=b', '-o');
    const word = fc.oneof(
      names.map((name) => `--${name}`),
      fc.tuple(names, value).map(([name, text]) => `--${name}=${text}`),
      fc.constantFrom('-o', '-h', '-ho', '-otable', '-o=x', '-x', '---all', '-é', '-='),
      value,
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
        expect(byUs(argv)).toEqual(byNode(argv));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is split without it where nothing is unusual', () => {
    const argv = ['image.tar', '--content', 'vendor.oval.jsonl', '-o', 'table', '--output=json=-', '--all'];
    const plain = splitPlain(options, argv);
    expect(plain).toEqual(byNode(argv));
    expect(Object.keys(plain?.values ?? {})).toEqual(['content', 'output', 'all']);
  });
});

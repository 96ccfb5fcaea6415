import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { failureCode, failureLines } from '../../src/cli/failure.ts';
import { compileOval } from '../../src/comply/eval/compile.ts';
import { vendorOval } from '../comply/support/vendor-oval.ts';
import { temporaryFolder } from '../support/temporary.ts';

const words = [...process.argv];
afterEach(() => process.argv.splice(0, process.argv.length, ...words));

// It was told as a fault of the file, without the stack.
it('an error that nobody expected is told as one, with its stack, in a run on compiled content, too', () => {
  const file = join(temporaryFolder(), 'x.jsonl');
  const document = Buffer.from(vendorOval([{ number: 1001, package: 'a', below: '0:1-1' }]));
  writeFileSync(file, compileOval(document, { name: 'x', where: 'x', tool: 't' }));
  process.argv.push('--content', file);
  const fault = new TypeError('x is not a function');

  const [first, ...rest] = failureLines(fault);
  expect(first).toContain('please report it with this text [INTERNAL]');
  expect(rest.join('\n')).toContain('TypeError: x is not a function\n    at ');
  expect(failureCode(fault)).toBe(2);
});

import { CheckedLines } from '../../../src/comply/eval/checked-lines.ts';
import { compileOval } from '../../../src/comply/eval/compile.ts';

/**
 * Compiled OVAL as a program that is not ours could write it: `change` gets each line and its number before it is written, so that
 * its checksum and all places are right.
 */
export function compiledWith(source: Uint8Array, change: (json: string, nth: number) => string): Buffer {
  const { add } = CheckedLines.prototype;
  let nth = 0;
  CheckedLines.prototype.add = function (json) {
    return add.call(this, change(json, nth++));
  };
  try {
    return compileOval(source, { name: 'x', where: 'x', tool: 'test' });
  } finally {
    CheckedLines.prototype.add = add;
  }
}

/** The lines of compiled OVAL without their checksums. */
export function linesOf(source: Uint8Array): string[] {
  const lines: string[] = [];
  compiledWith(source, (json) => {
    lines.push(json);
    return json;
  });
  return lines;
}

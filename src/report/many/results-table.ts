import { columnsOf } from '../columns.ts';
import { line, printable } from '../printable.ts';
import type { Action, DoneTarget } from './results.ts';

/** The table of each image under its name, then `overview`. */
export function* resultsTable(
  targets: readonly DoneTarget<unknown>[],
  { done }: Action,
  overview: string,
): Iterable<string> {
  for (const [at, target] of targets.entries()) {
    yield line(`== ${at + 1} of ${targets.length}: ${target.target}`);
    if (target.error) yield* errorLines(target.error, done);
    else yield* target.part();
    yield '\n';
  }
  yield overview;
}

function errorLines(
  { message, code, where, remedy }: NonNullable<DoneTarget<unknown>['error']>,
  done: string,
): string[] {
  return [
    line(`not ${done}: ${message} [${code}]`),
    ...(where === undefined ? [] : [line(`  at: ${where}`)]),
    ...(remedy === undefined ? [] : [line(`  next: ${remedy}`)]),
  ];
}

/** Columns of a name that leave room for the numbers in 80 columns. */
const longestName = 28;

/** The end of a long name identifies an image better than its beginning. */
export function shortTarget(target: string): string {
  const name = printable(target);
  if (columnsOf(name) <= longestName) return name;
  let end = name;
  while (columnsOf(end) > longestName - 1) end = [...end].slice(1).join('');
  return `…${end}`;
}

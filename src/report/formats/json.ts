import type { DoneTarget } from '../many/results.ts';

/** A whole result as JSON. */
export function wholeJson(result: object): string {
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

/**
 * Formats an object as `JSON.stringify(value, undefined, 2)` does, in parts: of a field that is a list, some items each. So a
 * list of 100,000 items is never one text.
 */
export function* jsonParts(fields: Readonly<Record<string, unknown>>): Iterable<string> {
  let before = '{\n';
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const head = `${before}  ${JSON.stringify(name)}: `;
    before = ',\n';
    if (isList(value)) {
      yield head;
      yield* listParts(value);
    } else yield head + indented(value, '  ');
  }
  yield before === '{\n' ? '{}\n' : '\n}\n';
}

function* listParts(items: Iterable<unknown>): Iterable<string> {
  let before = '[\n    ';
  let portion: unknown[] = [];
  for (const item of items) {
    portion.push(item);
    if (portion.length < itemsOfPart) continue;
    yield `${before}${inList(portion)}`;
    before = ',\n    ';
    portion = [];
  }
  if (portion.length > 0) yield `${before}${inList(portion)}`;
  else if (before === '[\n    ') {
    yield '[]';
    return;
  }
  yield '\n  ]';
}

/** Items whose text is one part: a call for each of many small ones would take longer than the text. */
const itemsOfPart = 16;

/** Length of the text before the first and after the last item of a list in a list. */
const frame = { before: '[\n  [\n    '.length, after: '\n  ]\n]'.length };

/** Items as they stand in a list of the object: two levels deep, as in a list of a list. */
function inList(items: readonly unknown[]): string {
  const text = JSON.stringify([items], undefined, 2);
  return text.slice(frame.before, -frame.after);
}

/** Line breaks are between values only: those in strings are escaped. */
function indented(value: unknown, indent: string): string {
  return (JSON.stringify(value, undefined, 2) ?? 'null').replaceAll('\n', `\n${indent}`);
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** The fields of `head`, then `targets`: what became of each image, with the JSON of a run on it alone. */
export function* resultsJson(
  head: Readonly<Record<string, unknown>>,
  targets: readonly DoneTarget<unknown>[],
): Iterable<string> {
  // The rest goes before the closing brace.
  yield [...jsonParts(head)].join('').replace(/\n\}\n$/, ',\n  "targets": [');
  for (const [at, target] of targets.entries()) {
    yield at === 0 ? '\n' : ',\n';
    yield* targetParts(target);
  }
  yield targets.length === 0 ? ']\n}\n' : '\n  ]\n}\n';
}

function* targetParts({ target, name, exitCode, error, facts, part }: DoneTarget<unknown>): Iterable<string> {
  const fields = { target, name, exitCode, ...(error && { error }) };
  const text = JSON.stringify(fields, undefined, 2).replaceAll('\n', '\n    ');
  if (!facts) {
    yield `    ${text}`;
    return;
  }
  yield `    ${text.slice(0, text.lastIndexOf('\n'))},\n      "result": `;
  let held = '';
  for (const piece of part()) {
    yield held;
    held = piece.replaceAll('\n', '\n      ');
  }
  yield `${held.trimEnd()}\n    }`;
}

/**
 * Formats an object as `JSON.stringify(value, undefined, 2)` does, in parts: of a field that is a list, one part an item. So
 * a list of 100,000 items is never one text.
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
  let before = '[\n';
  for (const item of items) {
    yield `${before}    ${indented(item, '    ')}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]' : '\n  ]';
}

/** Line breaks are between values only: those in strings are escaped. */
function indented(value: unknown, indent: string): string {
  return (JSON.stringify(value, undefined, 2) ?? 'null').replaceAll('\n', `\n${indent}`);
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

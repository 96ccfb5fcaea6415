import { jsonParts } from '../json-parts.ts';
import type { DoneTarget } from './results.ts';

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

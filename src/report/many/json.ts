import { jsonParts } from '../json-parts.ts';
import { scanJson } from '../scan/json.ts';
import type { DoneTarget, ManyScan, MergedFormat } from './scan.ts';

/** Version of the JSON form of a scan of several images; schemas/scan-results.schema.json describes it. */
const format = 'scapfeed/scan-results/1';

/** Rises with every field that is added. */
const version = '1.0';

/** The results of all images, each as the JSON of a scan of it alone. */
export const mergedJson: MergedFormat = { part: scanJson, whole };

function* whole(scan: ManyScan): Iterable<string> {
  const { tool, feed, date, totals, exceptions, repeated, exitCode, targets } = scan;
  const head = [...jsonParts({ format, version, tool, feed, date, exitCode, totals, exceptions, repeated })];
  // What follows stands before the closing brace.
  yield head.join('').replace(/\n\}\n$/, ',\n  "targets": [');
  for (const [at, target] of targets.entries()) {
    yield at === 0 ? '\n' : ',\n';
    yield* targetParts(target);
  }
  yield targets.length === 0 ? ']\n}\n' : '\n  ]\n}\n';
}

function* targetParts({ target, name, exitCode, error, facts, part }: DoneTarget): Iterable<string> {
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

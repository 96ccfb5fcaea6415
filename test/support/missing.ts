import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Something that a skipped test would have needed. */
export type Missing = { kind: 'oracle'; name: string; package: string } | { kind: 'data'; name: string };

/** Test workers write here what they missed; the reporter reads it at the end of the run. */
export const missingFile = resolve(import.meta.dirname, '../../node_modules/.cache/scapfeed/missing.jsonl');

export function miss(missing: Missing): void {
  mkdirSync(dirname(missingFile), { recursive: true });
  appendFileSync(missingFile, `${JSON.stringify(missing)}\n`);
}

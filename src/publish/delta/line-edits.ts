import { type LineAt, readLines } from '../feed/lines.ts';

/** A changed line of a sorted line file: its key and null (dropped) or its new text. Other lines stay as they are. */
export type LineEdit = [key: string, change: null | string];

/** Returns the edits that turn one sorted line file into another. */
export function lineEdits(before: Buffer, after: Buffer, path: string): LineEdit[] {
  const edits: LineEdit[] = [];
  const old = readLines(before, path);
  const now = readLines(after, path);
  let at = 0;
  for (const line of now) {
    for (; at < old.length && old[at]!.key < line.key; at++) edits.push([old[at]!.key, null]);
    const known = at < old.length && old[at]!.key === line.key ? old[at++] : undefined;
    if (known && before.compare(after, line.start, line.end, known.start, known.end) === 0) continue;
    edits.push([line.key, after.toString('utf8', line.start, line.end)]);
  }
  for (; at < old.length; at++) edits.push([old[at]!.key, null]);
  return edits;
}

/** Applies lineEdits. @throws RangeError for edits that do not fit the file */
export function applyLineEdits(
  before: Buffer,
  path: string,
  edits: readonly LineEdit[],
  old: readonly LineAt[] = readLines(before, path),
): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  let copied = 0;
  const copyTo = (end: number) => {
    if (end > copied) pieces.push(before.subarray(copied, end));
    copied = end;
  };
  for (const [key, change] of edits) {
    at = firstAtOrAfter(old, key, at);
    const line = old[at];
    const known = line?.key === key ? line : undefined;
    copyTo(line ? line.start : before.length);
    if (known) copied = known.end + 1;
    else if (typeof change !== 'string') throw new RangeError(`no line ${key} to change`);
    if (change !== null) pieces.push(Buffer.from(`${change}\n`));
  }
  copyTo(before.length);
  return Buffer.concat(pieces);
}

function firstAtOrAfter(lines: readonly { key: string }[], key: string, from: number): number {
  let low = from;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lines[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `[kept lines before, dropped lines, inserted lines]`, one after the other through a text. */
export type TextEdit = [keep: number, drop: number, put: string[]];

/** With more differing lines than this, the middle of a text is replaced as a whole. */
const maxDifferences = 1500;

/** Returns the edits that turn one text into another, line by line; few and small for similar texts. */
export function textEdits(before: string, after: string): TextEdit[] {
  const old = before.split('\n');
  const now = after.split('\n');
  const head = commonHead(old, now);
  const tail = commonTail(old, now, head);
  const middle = diff(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  if (middle.length > 0) middle[0]![0] += head;
  return middle;
}

/** Applies textEdits. @throws RangeError for edits that do not fit the text */
export function applyTextEdits(before: string, edits: readonly TextEdit[]): string {
  const old = before.split('\n');
  const now: string[] = [];
  let at = 0;
  for (const [keep, drop, put] of edits) {
    if (!(keep >= 0 && drop >= 0 && at + keep + drop <= old.length))
      throw new RangeError('edit out of range');
    for (const line of old.slice(at, at + keep)) now.push(line);
    for (const line of put) now.push(line);
    at += keep + drop;
  }
  return [...now, ...old.slice(at)].join('\n');
}

/** Myers' greedy algorithm (1986): the furthest reaching path for each number of differences. */
function diff(old: readonly string[], now: readonly string[]): TextEdit[] {
  if (old.length === 0 && now.length === 0) return [];
  const trace = furthestPaths(old, now);
  if (!trace) return [[0, old.length, [...now]]];
  return joinSteps(backtrack(trace, old.length, now.length), now);
}

type Reach = Map<number, number>;

function furthestPaths(old: readonly string[], now: readonly string[]): Reach[] | undefined {
  const reach: Reach = new Map([[1, 0]]);
  const trace: Reach[] = [];
  for (let d = 0; d <= Math.min(old.length + now.length, maxDifferences); d++) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
      let x = down ? reach.get(k + 1)! : reach.get(k - 1)! + 1;
      while (x < old.length && x - k < now.length && old[x] === now[x - k]) x += 1;
      reach.set(k, x);
      if (x >= old.length && x - k >= now.length) return trace;
    }
  }
  return undefined;
}

interface Step {
  /** Line numbers in the old and the new text before the step. */
  x: number;
  y: number;
  kind: 'drop' | 'put';
}

function backtrack(trace: readonly Reach[], oldLength: number, newLength: number): Step[] {
  const steps: Step[] = [];
  let x = oldLength;
  let y = newLength;
  for (let d = trace.length - 1; d > 0; d--) {
    const reach = trace[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
    const from = down ? k + 1 : k - 1;
    x = reach.get(from)!;
    y = x - from;
    steps.push({ x, y, kind: down ? 'put' : 'drop' });
  }
  return steps.reverse();
}

function joinSteps(steps: readonly Step[], now: readonly string[]): TextEdit[] {
  const edits: TextEdit[] = [];
  let at = 0;
  for (const { x, y, kind } of steps) {
    const last = edits.at(-1);
    const edit: TextEdit = last && x === at ? last : [x - at, 0, []];
    if (edit !== last) edits.push(edit);
    if (kind === 'put') edit[2].push(now[y]!);
    else edit[1] += 1;
    at = kind === 'drop' ? x + 1 : x;
  }
  return edits;
}

function commonHead(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

function commonTail(a: readonly string[], b: readonly string[], head: number): number {
  let length = 0;
  const most = Math.min(a.length, b.length) - head;
  while (length < most && a.at(-1 - length) === b.at(-1 - length)) length += 1;
  return length;
}

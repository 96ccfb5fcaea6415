import type { CharSet } from './char-set.ts';

/** The tree of a PCRE pattern. Options are resolved: sets hold both cases, anchors know about lines. */
export type Node =
  | { kind: 'alternatives'; branches: Node[] }
  | { kind: 'sequence'; items: Node[] }
  /** One character. `type`: it is written as `.` or by the letter of a type, outside of a class. */
  | { kind: 'set'; set: CharSet; type?: string }
  | { kind: 'anchor'; at: Anchor }
  | { kind: 'capture'; number: number; body: Node }
  | { kind: 'plain'; body: Node }
  | { kind: 'atomic'; body: Node }
  | Look
  | { kind: 'repeat'; body: Node; min: number; max: number; mode: '' | '?' | '+' }
  | { kind: 'backreference'; group: number | string; ignoreCase: boolean }
  | { kind: 'call'; group: number | string }
  | { kind: 'condition'; test: ConditionTest; yes: Node; no: Node }
  /** `\K` */
  | { kind: 'keep' }
  | { kind: 'fail' };

export interface Look {
  kind: 'look';
  behind: boolean;
  negated: boolean;
  body: Node;
}

/** A place in a text: `end` is also before a last \n, `lineStart` not behind it, `from` where the search began (`\G`). */
export type Anchor =
  | 'start'
  | 'lineStart'
  | 'end'
  | 'lineEnd'
  | 'veryEnd'
  | 'from'
  | 'boundary'
  | 'noBoundary';

/** The test of a condition. `never`: `(?(DEFINE)...)`. A call of group 0 is one of any group. */
export type ConditionTest =
  | { kind: 'group'; group: number | string }
  | { kind: 'called'; group: number | string }
  | { kind: 'never' }
  | Look;

export interface PcreFlags {
  /** (?i) */
  ignoreCase: boolean;
  /** (?m): `^` and `$` match at each line. */
  multiline: boolean;
  /** (?s): `.` matches a line feed too. */
  dotAll: boolean;
  /** (?x) */
  extended: boolean;
}

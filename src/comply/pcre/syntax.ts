/** The tree of a PCRE pattern, as far as its translation to JavaScript needs it. */
export type Node =
  | { kind: 'alternatives'; branches: Node[] }
  | { kind: 'sequence'; items: Node[] }
  /** JavaScript source of one atom, matched as it stands. */
  | { kind: 'atom'; source: string }
  | { kind: 'capture'; number: number; body: Node }
  | { kind: 'plain'; body: Node }
  | { kind: 'atomic'; body: Node }
  | { kind: 'look'; open: string; body: Node }
  | { kind: 'repeat'; body: Node; range: string; mode: '' | '?' | '+' }
  | { kind: 'backreference'; group: number | string }
  | { kind: 'call'; group: number | string };

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

/** The pattern is not PCRE, or has a construct without a translation of limited cost. */
export class PatternError extends Error {
  readonly unsupported: boolean;

  constructor(message: string, unsupported = false) {
    super(message);
    this.name = 'PatternError';
    this.unsupported = unsupported;
  }
}

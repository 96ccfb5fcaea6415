/** A benchmark as a person reads and tailors it: what there is to select, by whom it is selected, and what it checks. */
export interface Policy {
  /** The document that it is from. */
  content: { name: string; sha256: string };
  benchmark: { id: string; version: string; title: string; date?: string; platforms: readonly string[] };
  /** Groups and rules in document order, a group before its members. */
  items: PolicyItem[];
  values: PolicyValue[];
  /** The default selection without a profile, then each profile that can be chosen. */
  profiles: PolicyProfile[];
}

export interface PolicyItem {
  kind: 'group' | 'rule';
  id: string;
  title: string;
  /** Position of its group; absent: it is in none. */
  parent?: number;
  /** Positions of items of which one of each list must be selected, or it does not run. */
  requires?: readonly (readonly number[])[];
  /** Positions of items with which it does not run. */
  conflicts?: readonly number[];
  /** HTML of safe elements only; `\u0001id\u0001` stands for a value, in fixes too. */
  description?: string;
  rationale?: string;
  warnings: readonly string[];
  references: readonly { href?: string; text: string }[];
  fixes: readonly { kind: string; text: string }[];
  /** The tests of its checks. */
  checks: readonly PolicyCheck[];
  /** Positions of the values that its checks and fixes use. */
  values: readonly number[];
}

export interface PolicyCheck {
  /** `textfilecontent54` */
  type: string;
  comment: string;
  /** File, package or another name that it looks at, where one is fixed. */
  subject?: string;
}

export interface PolicyValue {
  id: string;
  title: string;
  /** Texts to choose from, each once. */
  options: readonly string[];
}

export interface PolicyProfile {
  /** Absent: the benchmark's own selection. */
  id?: string;
  title: string;
  description?: string;
  /** Positions of items that are selected themselves; a rule runs if its groups are, too. */
  own: number[];
  /** Positions of rules that run. */
  rules: number[];
  /** Positions of rules that are selected and do not run: their requirements are not met. */
  idle: number[];
  /** Chosen text by value; null: it has a list, or none. */
  values: (string | null)[];
  /** Severity of each item; '' for groups. */
  severities: string[];
}

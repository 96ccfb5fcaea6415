/** Kinds of items of a document; ids, lines and references between them are kept until its end. */
export type ItemKind = 'def' | 'tst' | 'obj' | 'ste' | 'var';

export interface CheckedItem {
  kind: ItemKind;
  /** Element name: `dpkginfo_test`. */
  name: string;
  line: number;
  used: boolean;
  /** Ids of other items, in the order they were named. */
  refs: Ref[];
  /** Test: check_existence and whether it has states; object: its literal name; variable: its datatype. */
  existence?: string;
  states?: number;
  objectName?: string;
  datatype?: string;
}

export interface Ref {
  kind: ItemKind;
  id: string;
  line: number;
  /** Datatype of the entity that uses a variable. */
  datatype?: string;
}

/** A conjunction of tests in one criteria element, kept when it could contradict itself. */
export interface Conjunction {
  definition: string;
  line: number;
  tests: { id: string; negate: boolean }[];
}

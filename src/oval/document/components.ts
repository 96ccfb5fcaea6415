import type { Severity } from '../../model/feed/index.ts';

// The parts of OVAL that our definitions use (OVAL Language 5.11.1), as plain data; render.ts writes them.

/** Datatypes of versions: debian_evr_string is ordered by dpkg's rules, evr_string by rpm's. */
export type EvrType = 'debian_evr_string' | 'evr_string';

/** textfilecontent54: text that a PCRE pattern finds in files; group 1 is the subexpression that states compare. */
export interface TextObject {
  kind: 'text';
  file: { filepath: string } | { path: string; filename: string } | { path: string; filenamePattern: string };
  pattern: string;
  /** `.` also matches line ends; `^` and `$` always match at each line. */
  singleline?: true;
  /** The first match only, or every match of the file. */
  instance: 'first' | 'every';
}

/** dpkginfo: a binary package by name, or each of several names. */
export interface DpkgObject {
  kind: 'dpkg';
  name: string | ConstantVariable;
}

/** rpminfo: an installed rpm by name, by each of several names, or by a pattern over names. */
export interface RpmObject {
  kind: 'rpm';
  name: string | ConstantVariable | { pattern: string };
}

export type ObjectElement = TextObject | DpkgObject | RpmObject;

/** An EVR limit: the item is earlier than this. Always written with its epoch. */
export interface EvrLimit {
  type: EvrType;
  below: string;
}

export interface TextState {
  kind: 'text';
  /** Limit on group 1, or pattern over it. */
  capture?: EvrLimit | { pattern: string };
  /** Pattern over the whole match. */
  text?: string;
}

export interface DpkgState {
  kind: 'dpkg';
  evr: EvrLimit;
}

/** All conditions apply to the same package: conditions in separate tests could be met by different packages. */
export interface RpmState {
  kind: 'rpm';
  archPattern?: string;
  releasePattern?: string;
  versionPattern?: string;
  evr?: EvrLimit;
  keyPattern?: string;
}

export type StateElement = TextState | DpkgState | RpmState;

export interface ConstantVariable {
  comment: string;
  values: readonly string[];
}

/** True if at least one item of the object meets the state; without a state, if there is an item. */
export interface Test {
  comment: string;
  object: ObjectElement;
  state?: StateElement;
}

export type Criteria = { operator: 'AND' | 'OR'; of: readonly (Criteria | Criterion | Extend | Unknown)[] };

/** A test whose result is always unknown; `unknown` is its comment. */
export interface Unknown {
  unknown: string;
}

export interface Criterion {
  test: Test;
}

/** Another definition of the same document, by its key. */
export interface Extend {
  definition: string;
  comment: string;
}

export interface Reference {
  source: string;
  id: string;
  url?: string | undefined;
}

/** Plain words, which need no escaping. */
export type SeverityWord = 'Critical' | 'Important' | 'Moderate' | 'Low' | 'Negligible';

/** A vendor's data about a flaw or an update besides its text, in the place where Red Hat's tools look for it. */
export interface AdvisoryFacts {
  severity: SeverityWord | undefined;
  /** YYYY-MM-DD. */
  issued: string | undefined;
  /** `cvss3` is `SCORE/VECTOR`, `public` YYYYMMDD. */
  cves: readonly { id: string; cvss3?: string | undefined; public?: string | undefined }[];
  notes?: readonly string[];
}

/** A definition without its criteria: the part that all forms of a platform share. */
export interface DefinitionFacts {
  class: 'vulnerability' | 'patch' | 'inventory' | 'compliance' | 'miscellaneous';
  /** The text that the id is a hash of: `fixed CVE-2023-0286 openssl`. */
  key: string;
  title: string;
  platform: string;
  product?: string;
  references: readonly Reference[];
  description: string;
  advisory?: AdvisoryFacts;
  /** Severity of a flaw or patch, for sorting; OVAL itself has the word in `advisory`. */
  severity?: Severity;
  /** The vendor rates it as no flaw of the binary package. */
  suppressed?: boolean;
  /** About statements that could not be read, not about one that was. */
  unread?: true;
}

export interface Definition {
  /** The same object in every form with equal facts, so that its text is made once. */
  facts: DefinitionFacts;
  criteria: Criteria;
}

/** The system of OVAL checks; checks of other systems are not run. */
export const ovalSystem = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** XCCDF 1.1 and 1.2 as plain data, split into what decides a result and what is only read (prose). */
export interface Benchmark {
  id: string;
  version: string;
  title: string;
  /** Of its newest status, as it writes it. */
  date?: string;
  description?: string;
  /** Names of platforms, any of which must hold; none: applies everywhere. */
  platforms: string[];
  /** Scoring models that the benchmark asks for by URI. */
  models: string[];
  profiles: Profile[];
  values: Value[];
  items: BenchmarkItem[];
  /** Platforms that the benchmark defines itself: CPE language, and CPE names with checks. */
  platformTests: Record<string, LogicalTest>;
  cpeItems: Record<string, CpeCheck[]>;
}

export type BenchmarkItem = Group | Rule;

interface ItemBase {
  id: string;
  /** Default true. */
  selected?: boolean;
  /** Default 1. */
  weight?: number;
  platforms?: string[];
  /** Each entry is a list of alternatives, all entries must hold. */
  requires?: string[][];
  conflicts?: string[];
  cluster?: string;
  /** Id of the item that this one takes properties from. */
  extends?: string;
  abstract?: true;
  prose: Prose;
}

export interface Group extends ItemBase {
  kind: 'group';
  children: BenchmarkItem[];
}

export type RuleRole = 'full' | 'unscored' | 'unchecked';
export type RuleSeverity = 'unknown' | 'info' | 'low' | 'medium' | 'high';

export interface Rule extends ItemBase {
  kind: 'rule';
  /** Default `full`. */
  role?: RuleRole;
  /** Default `unknown`. */
  severity?: RuleSeverity;
  version?: string;
  multiple?: true;
  checks: Check[];
  complexCheck?: ComplexCheck;
}

export interface Check {
  system: string;
  /** Default none: the check that is used without a selector. */
  selector?: string;
  negate?: true;
  multi?: true;
  contents: { href: string; name?: string }[];
  /** Values given to the check's variables. */
  exports?: { value: string; name: string }[];
}

export interface ComplexCheck {
  operator: 'AND' | 'OR';
  negate?: true;
  checks: (Check | ComplexCheck)[];
}

/** Texts for people. They are HTML of a few safe elements, `\u0001id\u0001` stands for the value of a `sub`. */
export interface Prose {
  title?: string;
  description?: string;
  rationale?: string;
  warnings?: string[];
  idents?: { system: string; text: string }[];
  references?: { href?: string; text: string }[];
  fixes?: XccdfFix[];
  fixTexts?: string[];
}

export interface XccdfFix {
  system?: string;
  id?: string;
  platform?: string;
  reboot?: true;
  disruption?: string;
  complexity?: string;
  strategy?: string;
  /** Plain text, with `\u0001id\u0001` for values. */
  text: string;
}

export interface Value {
  id: string;
  type?: string;
  title?: string;
  extends?: string;
  /** Values by selector; `''` is the one without, or the first. A list where the value is complex. */
  options: Record<string, string | string[]>;
}

export interface Profile {
  id: string;
  title: string;
  description?: string;
  extends?: string;
  abstract?: true;
  platforms?: string[];
  /** Changes in document order. */
  changes: ProfileChange[];
}

export type ProfileChange =
  | { kind: 'select'; id: string; selected: boolean }
  | { kind: 'set-value'; id: string; value: string | string[] }
  | { kind: 'refine-value'; id: string; selector: string }
  | {
      kind: 'refine-rule';
      id: string;
      selector?: string;
      weight?: number;
      severity?: RuleSeverity;
      role?: RuleRole;
    };

/** A tailoring file: profiles that stand in front of those of the benchmark. */
export interface Tailoring {
  id: string;
  version?: string;
  /** Benchmark that it names by href or id. */
  benchmark?: string;
  profiles: Profile[];
}

/** CPE language: a logical test over platform names and checks. */
export interface LogicalTest {
  operator: 'AND' | 'OR';
  negate?: true;
  /** Names of CPE items. */
  facts?: string[];
  checks?: CpeCheck[];
  tests?: LogicalTest[];
}

/** An OVAL definition that must be true, in the document that `href` names. */
export interface CpeCheck {
  href: string;
  definition: string;
}

import type { InventoryNote } from '../inventory/inventory.ts';
import type { Comparison } from '../order.ts';
import type { Ignored, PolicyUse } from '../verdict/exception.ts';
import type { SignatureGate } from '../verdict/signed.ts';
import type { Verdict } from '../verdict/verdict.ts';

/**
 * The result of evaluating a profile on an image, as plain data. `comply -o json` writes it; all reports are generated from it.
 */
export interface ComplianceResult {
  tool: { name: 'scapfeed'; version: string };
  /** CPE name of the program that produced the result, if it was another one. */
  testSystem?: string;
  image: { reference: string; digest?: string };
  /** The result of the signature check. Absent if none was requested. */
  signed?: SignatureGate;
  content: {
    name: string;
    /** Absent if the result was read from a document that does not record it. */
    sha256?: string;
    stream?: { collection: string; stream: string; component: string };
  };
  benchmark: { id: string; version: string; title: string };
  /** null: the benchmark's default selection. */
  profile: { id: string; title: string } | null;
  /** Time of the evaluation, ISO 8601 UTC. */
  time: string;
  /** Whether the benchmark's platforms match this image. A benchmark without platforms matches every image. */
  applicable: boolean;
  /** The benchmark's platforms that match. */
  platforms: string[];
  scores: { system: string; score: number; maximum: number }[];
  /** Number of rules by result. */
  counts: Record<string, number>;
  /** Values as selected by the profile. */
  values: { id: string; values: string[] }[];
  /** Reason why the evaluation ended before all rules were evaluated. Absent if it did not. */
  unfinished?: string;
  /** Problems with the image, including entries that were skipped. Absent if there were none. */
  notes?: readonly InventoryNote[];
  /** The use of the policy's waivers, if there was a policy. */
  policy?: PolicyUse;
  rules: ComplianceRule[];
}

/** Why the results as a whole mean nothing. Undefined: the content is for the image. */
export function complianceDoubt({ applicable }: Pick<ComplianceResult, 'applicable'>): string | undefined {
  return applicable ? undefined : 'nothing applies: the content is for another platform than the image';
}

/** System of checks by scripts (SCE), which are not run. */
export const scriptSystem = 'http://open-scap.org/page/SCE';

/** Whether a rule has no result because only scripts check it. */
export function isUnrunScript({ result, check }: Pick<ComplianceRule, 'result' | 'check'>): boolean {
  return result === 'notchecked' && check?.system === scriptSystem;
}

/** A rule of a benchmark and its result. */
export interface ComplianceRule {
  id: string;
  title: string;
  /** Titles of the benchmark groups that contain it, outermost first. Absent if there are none. */
  groups?: string[];
  /** pass, fail, error, unknown, notapplicable, notchecked, notselected, informational */
  result: string;
  severity: string;
  weight: number;
  /** full, unscored, unchecked */
  role: string;
  version?: string;
  /** The policy accepts that the rule does not pass. Gates do not count it. */
  waived?: Ignored;
  /** Reason for the result, if no test gives it. */
  message?: string;
  idents: { system: string; text: string }[];
  references: { href?: string; text: string }[];
  /** HTML, limited to safe elements. */
  description?: string;
  rationale?: string;
  warnings: string[];
  fixes: ComplianceFix[];
  check?: { system: string; href: string; name?: string; exports: { value: string; name: string }[] };
  /** The tests behind the result. */
  evidence: ComplianceEvidence[];
  /** Number of tests that are not in `evidence`, which has those that agree with the result first. Absent: none. */
  omittedTests?: number;
}

/** A remediation that makes a rule pass. */
export interface ComplianceFix {
  system: string;
  id?: string;
  reboot?: true;
  disruption?: string;
  complexity?: string;
  strategy?: string;
  /** The script, with values filled in. */
  text: string;
}

/** The tests behind a result. */
export type ShownEvidence = Pick<ComplianceRule, 'evidence' | 'omittedTests'>;

/** One test: the expected state and the items found. */
export interface ComplianceEvidence {
  test: string;
  comment?: string;
  result: string;
  /** The criteria negate the result. */
  negated?: true;
  /** Entity, operation and value of the states: `subexpression equals "no"`. */
  expected: string[];
  /** If nothing was found: the object's search criteria: `filepath equals "/etc/x"`. */
  searched?: string[];
  /** The first items found, each with its location and the values that the states checked. */
  found: { place: string; line?: number; value?: string; result?: string }[];
  /** Total number of items found. */
  count: number;
  message?: string;
}

/** Results of one OVAL document, in the terms of the OVAL results schema. */
export interface OvalResultsData {
  href: string;
  schemaVersion: string;
  /** The product that made the document, if it is stated. */
  generator?: { product?: string; productVersion?: string; timestamp?: string };
  /** The evaluated part of the document itself: the sections of `oval_definitions`, names with their family's prefix. */
  source: XmlData[];
  definitions: OvalDefinitionResult[];
  tests: OvalTestResult[];
  objects: { id: string; version: string; flag: string; message?: string; items: number[] }[];
  /** Items by number from 1. */
  items: OvalItemData[];
}

/** An XML element as data. */
export interface XmlData {
  name: string;
  attributes: Readonly<Record<string, string | undefined>>;
  content: readonly (XmlData | string)[];
}

export interface OvalDefinitionResult {
  id: string;
  version: string;
  class: string;
  result: string;
  criteria?: OvalCriteriaResult;
}

export interface OvalCriteriaResult {
  operator: string;
  negate: boolean;
  result: string;
  children: (
    | { kind: 'criteria'; criteria: OvalCriteriaResult }
    | { kind: 'test' | 'definition'; id: string; version: string; negate: boolean; result: string }
  )[];
}

export interface OvalTestResult {
  id: string;
  version: string;
  check: string;
  existence: string;
  stateOperator: string;
  result: string;
  /** Reason of an `error` or `unknown`. */
  message?: string;
  items: { item: number; result: string }[];
}

export interface OvalItemData {
  /** `unix/file` */
  type: string;
  status: string;
  entities: [name: string, values: { value: string; datatype?: string; status?: string }[]][];
}

/**
 * The rule for one vulnerability in a package, independent of the installed version: a version that has reached any of the fixes
 * is fixed.
 */
export interface VerdictRule {
  fixes: readonly RuleFix[];
  /** The outcome for every other version. Absent if no statement covers it. */
  otherwise?: Pick<Verdict, 'status' | 'fixState'>;
  /** For packages of languages: what each record states, those that exclude the installed version included. */
  ranges?: readonly RuleRange[];
}

/** The affected versions by one entry of a record. */
export interface RuleRange {
  advisories: readonly string[];
  /** Intervals and single versions: `>=1.0.0 <1.2.0`, `2.0.0`; `*` for every version. */
  affected: readonly string[];
  /** Whether the installed version is one of them. */
  includes: boolean;
  /** Go: paths of the packages of the module that have the flaw. Absent: the whole module. */
  imports?: readonly string[];
}

/** A fix that the rule compares the installed version with. */
export interface RuleFix {
  version: string;
  /** The stream or channel of the fix: `main-9.4`, `esm-infra`. */
  stream?: string;
  /** The installed version that is compared with it (the package's own or its source's), and the result. */
  installed: string;
  comparison: Comparison;
}

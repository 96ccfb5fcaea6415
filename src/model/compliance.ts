import type { Ignored, PolicyUse } from './exception.ts';
import type { InventoryNote } from './inventory.ts';
import type { SignatureGate } from './signed.ts';

/** The result of evaluating a profile on an image, as plain data. `comply -o json` writes it; all reports are made from it. */
export interface ComplianceResult {
  tool: { name: 'scapfeed'; version: string };
  /** CPE name of the program that made the result, where that was another. */
  testSystem?: string;
  image: { reference: string; digest?: string };
  /** Who signed the image; absent: nobody asked. */
  signed?: SignatureGate;
  content: {
    name: string;
    /** Absent: the result was read from a document that does not say it. */
    sha256?: string;
    stream?: { collection: string; stream: string; component: string };
  };
  benchmark: { id: string; version: string; title: string };
  /** null: the benchmark's own selection. */
  profile: { id: string; title: string } | null;
  /** When the evaluation was made; ISO 8601 UTC. */
  time: string;
  /** Whether the benchmark's platforms match this image; a benchmark without platforms matches every image. */
  applicable: boolean;
  /** Platforms of the benchmark that match. */
  platforms: string[];
  scores: { system: string; score: number; maximum: number }[];
  /** Rules by result. */
  counts: Record<string, number>;
  /** Values as the profile chose them. */
  values: { id: string; values: string[] }[];
  /** Why the evaluation ended before all rules were evaluated; absent if it did not. */
  unfinished?: string;
  /** Problems with the image, entries that were left out included; absent if there were none. */
  notes?: readonly InventoryNote[];
  /** What became of the policy's waivers, if there was a policy. */
  policy?: PolicyUse;
  rules: ComplianceRule[];
}

/** A rule of a benchmark, and what it found. */
export interface ComplianceRule {
  id: string;
  title: string;
  /** Titles of the benchmark's groups that it is in, the outermost first; absent: it is in none. */
  groups?: string[];
  /** pass, fail, error, unknown, notapplicable, notchecked, notselected, informational */
  result: string;
  severity: string;
  weight: number;
  /** full, unscored, unchecked */
  role: string;
  version?: string;
  /** The policy accepts that it does not pass: no gate counts it. */
  waived?: Ignored;
  /** Reason of the result, if no test gives it. */
  message?: string;
  idents: { system: string; text: string }[];
  references: { href?: string; text: string }[];
  /** HTML of safe elements only. */
  description?: string;
  rationale?: string;
  warnings: string[];
  fixes: ComplianceFix[];
  check?: { system: string; href: string; name?: string; exports: { value: string; name: string }[] };
  /** The tests behind the result. */
  evidence: ComplianceEvidence[];
}

/** What would make a rule pass. */
export interface ComplianceFix {
  system: string;
  id?: string;
  reboot?: true;
  disruption?: string;
  complexity?: string;
  strategy?: string;
  /** The script with its values filled in. */
  text: string;
}

/** One test: what it asked for and what it found. */
export interface ComplianceEvidence {
  test: string;
  comment?: string;
  result: string;
  /** The criteria negate the result. */
  negated?: true;
  /** Entity, operation and value of the states: `subexpression equals "no"`. */
  expected: string[];
  /** Where nothing was found: what was looked for, as the object says it: `filepath equals "/etc/x"`. */
  searched?: string[];
  /** The first items found, each with its place and the values that the states checked. */
  found: { place: string; line?: number; value?: string; result?: string }[];
  /** How many items were found in all. */
  count: number;
  message?: string;
}

/** Results of one OVAL document, in the terms of the OVAL results schema. */
export interface OvalResultsData {
  href: string;
  schemaVersion: string;
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

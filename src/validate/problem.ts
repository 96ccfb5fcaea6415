import { compareCodeUnits } from '../model/order.ts';

/** The rules of the validation, with advice for the document's author. Schema violations are `schema`. */
export const remedies = {
  'not-well-formed': 'Mend the XML at this place; nothing after it was read.',
  'document-type':
    'Remove the DOCTYPE: these formats need none, and its entities are a way to attack readers.',
  'kind-unknown': 'Give an OVAL, XCCDF, tailoring or SCAP data stream document.',
  'results-unread': 'Validate the results as XCCDF and as OVAL, with --official DIR.',
  namespace: "Declare the format's namespace on this element: evaluators read it in no other.",
  schema: 'Write the element as the schema named in the message asks.',
  'id-syntax':
    'Write the id as oval:NAMESPACE:def|tst|obj|ste|var:NUMBER, or as the XCCDF or SCAP form for its element.',
  'id-duplicate': 'Give each item an id of its own.',
  'reference-unresolved': 'Add the item that is referred to, or remove the reference.',
  unused: 'Remove the item, or refer to it.',
  'reference-kind': 'Refer to an item of the kind that this place takes.',
  cycle: 'Break the cycle: a definition, set or variable must not lead back to itself.',
  'evr-epoch-missing': 'Write the epoch, 0 where there is none: evaluators differ on a missing one.',
  'evr-epoch-doubled': 'Write one epoch: with two the comparison never finds an older package.',
  'evr-malformed': 'Write EPOCH:VERSION-RELEASE, without white space.',
  'evr-order': 'Use debian_evr_string for dpkg versions and evr_string for rpm ones: their orders differ.',
  'datatype-operation': 'Use an operation that the datatype has (OVAL 5.11, OperationEnumeration).',
  'datatype-value': 'Write a value of the datatype.',
  'datatype-version': 'Raise schema_version: the datatype came with a later version of OVAL.',
  'variable-value': 'Give either var_ref or a value.',
  'variable-unbound': 'Give the variable a value or a component.',
  'variable-datatype': 'Let the variable and the entity that uses it have one datatype.',
  'never-true': 'Remove the test or correct its limit: no system can meet it.',
  'always-true': 'Remove the test or give it a state: every system meets it.',
  'source-name': 'Name binary packages: dpkginfo knows no source packages.',
  deprecated: 'Use the construct that replaced it.',
  'not-selected': 'Select the rule in a profile, or remove it.',
  'profile-empty': 'Let the profile select at least one rule.',
  coverage: 'Select the coverage rule in every profile: without it an image without packages looks clean.',
  results: 'Evaluate again: the results do not fit the definitions that they carry.',
} as const;

/** The rule that a document violates. */
export type ViolatedRule = keyof typeof remedies;

/** A problem at a location in a document. */
export interface Problem {
  rule: ViolatedRule;
  /** A warning does not make a document invalid. */
  level: 'error' | 'warning';
  line: number;
  /** Id of the item with the problem. */
  id?: string;
  message: string;
  remedy: string;
}

/** Maximum number of problems of one rule that are kept; all are counted. */
const problemsPerRule = 100;

export class ProblemList {
  readonly #kept: Problem[] = [];
  readonly #counts = new Map<string, { rule: ViolatedRule; level: Problem['level']; count: number }>();

  error(rule: ViolatedRule, line: number, message: string, id?: string): void {
    this.#add('error', rule, line, message, id);
  }

  warning(rule: ViolatedRule, line: number, message: string, id?: string): void {
    this.#add('warning', rule, line, message, id);
  }

  get counts(): { rule: ViolatedRule; level: Problem['level']; count: number }[] {
    const byKey = [...this.#counts].sort(([a], [b]) => compareCodeUnits(a, b));
    return byKey.map(([, entry]) => entry);
  }

  /** In the order of the document. */
  get problems(): Problem[] {
    return this.#kept.toSorted((a, b) => a.line - b.line || compareCodeUnits(a.rule, b.rule));
  }

  get valid(): boolean {
    return this.counts.every(({ level }) => level === 'warning');
  }

  #add(
    level: Problem['level'],
    rule: ViolatedRule,
    line: number,
    message: string,
    id: string | undefined,
  ): void {
    const key = `${level} ${rule}`;
    const entry = this.#counts.get(key) ?? { rule, level, count: 0 };
    this.#counts.set(key, entry);
    entry.count += 1;
    if (entry.count > problemsPerRule) return;
    this.#kept.push({
      rule,
      level,
      line,
      ...(id === undefined ? {} : { id }),
      message,
      remedy: remedies[rule],
    });
  }
}

/** The start of an element: local name, attributes as written, and line. */
export interface ElementStart {
  name: string;
  attributes: Readonly<Record<string, string>>;
  line: number;
  parent: ElementStart | undefined;
}

/** Checks the elements of one document, or of one component of a data stream, while it is read. */
export interface ElementCheck {
  /** The generator of the document; '' if it names none. */
  readonly generator: string;
  begin(element: ElementStart): void;
  /** `text` is the text directly before the end tag: the whole content of a leaf. */
  end(element: ElementStart, text: string): void;
  /** Called after the last element, for checks that need the whole document. */
  finish(): void;
}

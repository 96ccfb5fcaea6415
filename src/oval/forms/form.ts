import {
  type PlatformIndex,
  type ShardClaim,
  type ShardLine,
  unreadRecords,
} from '../../model/feed/index.ts';
import type {
  Criteria,
  Criterion,
  Definition,
  DefinitionFacts,
  Extend,
  Unknown,
} from '../document/components.ts';
import { requireToken } from '../document/xml.ts';
import type { Describer } from './describe.ts';
import type { InexactList } from './inexact.ts';
import { linesByAdvisory, PatchCollector } from './patches.ts';
import { inRelease, ofThisRelease } from './release.ts';
import { alikeKey, type FlawRow, flawRows, type Selection, type Way } from './rows.ts';

/** Returns the ways of one row; empty: no definition. One for each line, so that a line's tests are shared. */
export type WaysOfRow = (row: FlawRow) => readonly Way[];

interface FormPlan {
  /** Part of the file name between platform and `.xml`: `oval`, `unfixed.oval`, `dpkginfo.oval`. */
  suffix: string;
  selection: Selection;
  /** The inventory and the coverage definition. */
  head: readonly Definition[];
  ways(line: ShardLine): WaysOfRow;
  /** True if a package is installed that the line is about. */
  installed(line: ShardLine): Criteria | Criterion;
}

/** Context of the forms of one platform. */
export interface FormContext {
  index: PlatformIndex;
  inexact: InexactList;
  describer: Describer;
  /** The platform's CPE, if it has one. */
  cpe: string | undefined;
  /** The name that a package's flaws have in definitions. */
  subjectOf(name: string): string;
}

/**
 * One file of a platform: how lines become definitions, one for each (vulnerability, package) that has ways, and a
 * patch definition for each advisory of a fix. A form is used for one pass over the lines.
 */
export class OvalForm {
  readonly suffix: string;
  readonly head: readonly Definition[];
  readonly #plan: FormPlan;
  readonly #describer: Describer;
  readonly #release: Extend;
  readonly #patches: PatchCollector | undefined;
  readonly #hasUnreadRecords: boolean;
  #subject: DefinitionSubject = { name: '', lines: [] };
  #waysOf: WaysOfRow[] = [];
  /** Criteria of flaws with equal tests for all lines of a subject, by their content. */
  #alike = new Map<string, Criteria>();
  /** By the ways of a row, which rows of the same claims share. */
  #ofWays = new Map<readonly Way[], { claims: readonly ShardClaim[]; criteria: Criteria }>();

  constructor({ index, describer }: FormContext, plan: FormPlan) {
    this.suffix = plan.suffix;
    this.head = plan.head;
    this.#plan = plan;
    this.#describer = describer;
    this.#release = ofThisRelease(index.platform);
    this.#hasUnreadRecords = index.marks.includes(unreadRecords);
    this.#patches = plan.selection === 'fixed' ? new PatchCollector(describer, this.#release) : undefined;
  }

  /** Begins a subject, whose rows follow in their order. */
  begin(subject: DefinitionSubject): void {
    this.#subject = subject;
    this.#waysOf = subject.lines.map((line) => this.#plan.ways(line));
    this.#alike = new Map();
    this.#ofWays = new Map();
  }

  /** A flaw of a subject of one line. */
  flaw(row: FlawRow): Definition | undefined {
    const { name } = this.#subject;
    const ways = this.#waysOf[0]!(row);
    if (ways.length === 0) return undefined;
    for (const way of ways) this.#patches?.add(name, row.vulnerability, way);
    const { claims, criteria } = once(this.#ofWays, ways, () => ({
      claims: ways.map(({ claim }) => claim),
      criteria: inRelease(
        this.#release,
        ways.map(({ item }) => item),
      ),
    }));
    return { facts: this.#describer.flaw(this.#plan.selection, name, row.vulnerability, claims), criteria };
  }

  /**
   * A flaw of several lines. Flaws with equal tests refer to one separate definition, which is written before the first of
   * them: the tests of 70 kernels are written once for the hundreds of flaws that an update fixed.
   */
  jointFlaw({ vulnerability, rows }: JointRow): Definition[] {
    const { name, lines } = this.#subject;
    const ways: Way[] = [];
    for (const { at, row } of rows) {
      for (const way of this.#waysOf[at]!(row)) {
        ways.push(way);
        this.#patches?.add(lines[at]!.package, vulnerability, way);
      }
    }
    if (ways.length === 0) return [];
    const { selection } = this.#plan;
    const facts = this.#describer.flaw(
      selection,
      name,
      vulnerability,
      ways.map(({ claim }) => claim),
    );
    const key = ways.map(({ item }) => commentsOf(item)).join('; ');
    const known = this.#alike.get(key);
    if (known) return [{ facts, criteria: known }];
    const alike = this.#describer.alike(alikeKey(selection, name, key), name);
    const criteria: Criteria = {
      operator: 'AND',
      of: [{ definition: alike.key, comment: alike.title }],
    };
    this.#alike.set(key, criteria);
    const items = ways.map(({ item }) => item);
    return [
      { facts: alike, criteria: inRelease(this.#release, items) },
      { facts, criteria },
    ];
  }

  /** After a line's rows: unknown where the package is installed, if statements about it could not be read. */
  unread(line: ShardLine): Definition[] {
    const { package: name, unread } = line;
    if (unread === undefined) return [];
    const facts = (kind: 'flaw' | 'update') => this.#describer.unread(kind, { package: name, unread });
    return this.#unknown(facts, [this.#plan.installed(line)]);
  }

  /** After all rows: unknown in this release, if records could not be read that may be about any package. */
  unreadRecords(): Definition[] {
    if (!this.#hasUnreadRecords) return [];
    return this.#unknown((kind) => this.#describer.unreadRecords(kind), []);
  }

  #unknown(
    factsOf: (kind: 'flaw' | 'update') => DefinitionFacts,
    condition: readonly (Criteria | Criterion)[],
  ): Definition[] {
    const kinds = this.#patches ? (['flaw', 'update'] as const) : (['flaw'] as const);
    const unknown = factsOf('flaw').title;
    const criteria: Criteria = { operator: 'AND', of: [this.#release, ...condition, { unknown }] };
    return kinds.map((kind) => ({ facts: factsOf(kind), criteria }));
  }

  /** After a line's rows: its fixes without advisory. */
  update(): Definition | undefined {
    return this.#patches?.update(this.#subject.name);
  }

  /** After the last line that names the advisory. */
  patch(advisory: string): Definition | undefined {
    return this.#patches?.patch(advisory);
  }
}

/** One vulnerability in several lines of a subject. */
interface JointRow {
  vulnerability: string;
  /** `at`: which line. */
  rows: { at: number; row: FlawRow }[];
}

/** By vulnerability, in code-unit order. */
function jointRows(lines: readonly ShardLine[]): JointRow[] {
  const joint = new Map<string, JointRow['rows']>();
  for (const [at, line] of lines.entries()) {
    for (const row of flawRows(line)) {
      const rows = joint.get(row.vulnerability);
      if (rows) rows.push({ at, row });
      else joint.set(row.vulnerability, [{ at, row }]);
    }
  }
  const ids = [...joint.keys()].sort();
  return ids.map((vulnerability) => ({ vulnerability, rows: joint.get(vulnerability)! }));
}

/** The content of a way's tests: two ways of one line with equal content are the same. */
function commentsOf(item: Criteria | Criterion): string {
  return 'test' in item
    ? item.test.comment
    : item.of.map((part) => commentOf(part)).join(` ${item.operator} `);
}

function commentOf(item: Criteria | Criterion | Extend | Unknown): string {
  if ('unknown' in item) return item.unknown;
  return 'definition' in item ? item.comment : commentsOf(item);
}

/** A definition and the index of its form. */
export type FormDefinition = readonly [at: number, definition: Definition];

/**
 * Yields all definitions of several forms, each form's in its own order; those of one row or advisory are consecutive, so
 * that they can share their parts.
 */
export function* definitionsOf(
  { index, subjectOf }: Pick<FormContext, 'index' | 'subjectOf'>,
  forms: readonly OvalForm[],
): Generator<FormDefinition> {
  if (forms.length === 0) return;
  for (const [at, { head }] of forms.entries()) for (const definition of head) yield [at, definition];
  const linesLeft = linesByAdvisory(index);
  for (const subject of subjectsOf(index.lines, subjectOf)) {
    const { lines } = subject;
    const where = `${index.platform.id}/${lines[0]!.package}`;
    for (const line of lines) requireToken(line.package, `${index.platform.id}/${line.package}`);
    for (const form of forms) form.begin(subject);
    if (lines.length === 1) {
      for (const row of flawRows(lines[0]!)) {
        requireToken(row.vulnerability, where);
        // The innermost loop, without a generator for speed.
        for (let at = 0; at < forms.length; at++) {
          const definition = forms[at]!.flaw(row);
          if (definition) yield [at, definition];
        }
      }
    } else {
      for (const row of jointRows(lines)) {
        requireToken(row.vulnerability, where);
        for (const [at, form] of forms.entries()) {
          for (const definition of form.jointFlaw(row)) yield [at, definition];
        }
      }
    }
    for (const line of lines) {
      for (const [at, form] of forms.entries())
        for (const definition of form.unread(line)) yield [at, definition];
    }
    yield* ofEach(forms, (form) => form.update());
    for (const line of lines) {
      for (const advisory of linesLeft.after(line)) yield* ofEach(forms, (form) => form.patch(advisory));
    }
  }
  for (const [at, form] of forms.entries())
    for (const definition of form.unreadRecords()) yield [at, definition];
}

function* ofEach(
  forms: readonly OvalForm[],
  ask: (form: OvalForm) => Definition | undefined,
): Generator<FormDefinition> {
  for (let at = 0; at < forms.length; at++) {
    const definition = ask(forms[at]!);
    if (definition) yield [at, definition];
  }
}

/** The value that was made for a key before, or a new one: the same Test for the same limit. */
export function once<K, V extends object>(known: Map<K, V>, key: K, make: () => V): V {
  const before = known.get(key);
  if (before) return before;
  const value = make();
  known.set(key, value);
  return value;
}

/** The subject of definitions: a package by its line, or packages that share their flaws and so their definitions. */
interface DefinitionSubject {
  name: string;
  lines: readonly ShardLine[];
}

/** All lines in their order; those of one subject follow the first of them. */
function* subjectsOf(
  lines: readonly ShardLine[],
  subjectOf: (name: string) => string,
): Generator<DefinitionSubject> {
  const together = new Map<string, ShardLine[]>();
  for (const line of lines) {
    const name = subjectOf(line.package);
    if (name === line.package) continue;
    const known = together.get(name);
    if (known) known.push(line);
    else together.set(name, [line]);
  }
  for (const line of lines) {
    const name = subjectOf(line.package);
    if (name === line.package) yield { name, lines: [line] };
    else if (together.get(name)?.[0] === line) yield { name, lines: together.get(name)! };
  }
}

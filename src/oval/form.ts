import type { PlatformIndex, ShardClaim, ShardLine } from '../model/index.ts';
import type { Criteria, Criterion, Definition, Extend } from './components.ts';
import type { Describer } from './describe.ts';
import type { InexactList } from './inexact.ts';
import { linesByAdvisory, PatchCollector } from './patches.ts';
import { inRelease, ofThisRelease } from './release.ts';
import { type FlawRow, flawRows, type Selection } from './rows.ts';
import { requireToken } from './xml.ts';

/** One way in which a (vulnerability, package) is true, and the claim that says so. Ways are ORed. */
export interface Way {
  claim: ShardClaim;
  item: Criteria | Criterion;
}

/** Gives the ways of one row; empty: no definition. Made anew for each line, so that a line's tests are shared. */
export type WaysOfRow = (row: FlawRow) => readonly Way[];

interface FormPlan {
  /** Part of the file name between platform and `.xml`: `oval`, `unfixed.oval`, `dpkginfo.oval`. */
  suffix: string;
  selection: Selection;
  /** The inventory and the coverage definition. */
  head: readonly Definition[];
  ways(line: ShardLine): WaysOfRow;
}

/** What the forms of one platform share. */
export interface FormContext {
  index: PlatformIndex;
  inexact: InexactList;
  describer: Describer;
}

/** The forms of one platform: a list, so that a caller may choose by suffix. */
export type FormMaker = (context: FormContext) => OvalForm[];

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
  #name = '';
  #waysOf: WaysOfRow = () => [];
  // Rows of one claim share their ways, so the claims and criteria of the row before are often those of this one.
  #ways: readonly Way[] = [];
  #claims: readonly ShardClaim[] = [];
  #criteria: Criteria;

  constructor({ index, describer }: FormContext, plan: FormPlan) {
    this.suffix = plan.suffix;
    this.head = plan.head;
    this.#plan = plan;
    this.#describer = describer;
    this.#release = ofThisRelease(index.platform);
    this.#patches = plan.selection === 'fixed' ? new PatchCollector(describer, this.#release) : undefined;
    this.#criteria = inRelease(this.#release, []);
  }

  /** Begins a line, whose rows are then asked for in their order. */
  line(line: ShardLine): void {
    this.#name = line.package;
    this.#waysOf = this.#plan.ways(line);
  }

  flaw(row: FlawRow): Definition | undefined {
    const ways = this.#waysOf(row);
    if (ways.length === 0) return undefined;
    for (const way of ways) this.#patches?.add(this.#name, row.vulnerability, way);
    if (ways !== this.#ways) {
      this.#ways = ways;
      this.#claims = ways.map(({ claim }) => claim);
      this.#criteria = inRelease(
        this.#release,
        ways.map(({ item }) => item),
      );
    }
    const facts = this.#describer.flaw(this.#plan.selection, this.#name, row.vulnerability, this.#claims);
    return { facts, criteria: this.#criteria };
  }

  /** After a line's rows: its fixes without advisory. */
  update(): Definition | undefined {
    return this.#patches?.update();
  }

  /** After the last line that names the advisory. */
  patch(advisory: string): Definition | undefined {
    return this.#patches?.patch(advisory);
  }
}

/** A definition and the place of its form in the list of forms. */
export type FormDefinition = readonly [at: number, definition: Definition];

/**
 * All definitions of several forms, each form's in its own order; what forms say of one row or advisory comes at a
 * time, so that they may share it.
 */
export function* definitionsOf(index: PlatformIndex, forms: readonly OvalForm[]): Generator<FormDefinition> {
  if (forms.length === 0) return;
  for (const [at, { head }] of forms.entries()) for (const definition of head) yield [at, definition];
  const linesLeft = linesByAdvisory(index);
  for (const line of index.lines) {
    const where = `${index.platform.id}/${line.package}`;
    requireToken(line.package, where);
    for (const form of forms) form.line(line);
    for (const row of flawRows(line)) {
      requireToken(row.vulnerability, where);
      yield* ofEach(forms, (form) => form.flaw(row));
    }
    yield* ofEach(forms, (form) => form.update());
    for (const advisory of linesLeft.after(line)) yield* ofEach(forms, (form) => form.patch(advisory));
  }
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
export function once<V extends object>(known: Map<string, V>, key: string, make: () => V): V {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

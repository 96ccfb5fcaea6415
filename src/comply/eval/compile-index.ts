import type { DefinitionClass } from '../../model/compliance/index.ts';
import { byOperator, negated } from '../oval/combine-results.ts';
import { maxDepth } from '../oval/depth.ts';
import type { OvalCheck, OvalEntity, OvalObject, OvalOperator, OvalState, OvalTest } from '../oval/model.ts';
import type { OrderedEvr } from '../values/evr-order.ts';
import type { OvalResult } from '../values/result.ts';
import type { LinePlace } from './checked-lines.ts';
import type { Logic } from './logic.ts';
import type { CriteriaBuilder } from './packed-elements.ts';
import type { PlatformExpression } from './platform-check.ts';

/** A definition of a document that is compiled, known since something referred to it. */
export interface DefinitionEntry {
  readonly id: string;
  place: LinePlace | undefined;
  class: DefinitionClass;
  title: string | undefined;
  criteria: CriteriaNode | undefined;
  /** While it is looked through. */
  isOpen: boolean;
  /** It and all that it extends have been read. */
  isWhole: boolean;
}

export interface TestEntry {
  readonly kind: 'test';
  readonly id: string;
  /** Undefined: the document has not got it. */
  type: string | undefined;
  check: OvalTest['check'];
  existence: OvalTest['existence'];
  stateOperator: OvalTest['stateOperator'];
  object: ObjectEntry | undefined;
  states: readonly StateEntry[];
  /** Number of references by criteria. */
  references: number;
  /** Definitions that need its result. */
  uses: number;
  /** Number of the last definition that was found to use it. */
  lastUser: number;
  /** Of a test that packages alone decide: its result without them. */
  absent: OvalResult | undefined;
  /** Places of the definitions that such a test decides, joined by commas. */
  definitions: string;
  /** Its number among the tests that packages alone do not decide. */
  number: number;
  /** Its part in what definitions ask of the platform. */
  platform: PlatformExpression | undefined;
}

export interface ObjectEntry {
  readonly id: string;
  object: OvalObject | undefined;
  /** Names of the packages that it looks for; null: it looks for something else. */
  names: readonly string[] | null | undefined;
  /** Whether a test of it may ask what system this is; undefined: not looked at yet. */
  mayAsk: boolean | undefined;
}

export interface StateEntry {
  readonly id: string;
  state: OvalState | undefined;
  /** Itself, for all tests that have this state alone. */
  readonly alone: readonly StateEntry[];
  /** The value that tests of one package compare by it; null: more than one value with one other. Undefined: not computed yet. */
  comparison: ValueComparison | null | undefined;
}

/** One value that is compared with one other, and how the last test did. */
export interface ValueComparison {
  readonly entity: OvalEntity;
  /** Of a version that has an order. */
  version: OrderedEvr | undefined;
  check: OvalCheck | undefined;
  absent: OvalResult | undefined;
  /** Number of the form. */
  form: number;
}

/** Criteria without texts. */
export interface CriteriaNode {
  operator: OvalOperator;
  negate: boolean;
  children: ChildNode[];
}

/** Most are tests that are not negated. */
export type ChildNode = TestEntry | OtherChild;

export interface OtherChild {
  kind: 'other';
  criteria: CriteriaNode | undefined;
  test: TestEntry | undefined;
  extend: DefinitionEntry | undefined;
  negate: boolean;
}

/** The elements of a document by their ids, each from when it is first referred to. */
export class DocumentEntries implements CriteriaBuilder<CriteriaNode> {
  readonly definitions = new Map<string, DefinitionEntry>();
  readonly tests = new Map<string, TestEntry>();
  readonly objects = new Map<string, ObjectEntry>();
  readonly states = new Map<string, StateEntry>();
  /** Whether criteria extend a definition that is not whole, since this was set to false. */
  extendsUnread = false;

  definition(id: string): DefinitionEntry {
    let entry = this.definitions.get(id);
    if (!entry) {
      entry = {
        id,
        place: undefined,
        class: 'miscellaneous',
        title: undefined,
        criteria: undefined,
        isOpen: false,
        isWhole: false,
      };
      this.definitions.set(entry.id, entry);
    }
    return entry;
  }

  testOf(id: string): TestEntry {
    let entry = this.tests.get(id);
    if (!entry) {
      entry = {
        kind: 'test',
        id,
        type: undefined,
        check: 'all',
        existence: undefined,
        stateOperator: undefined,
        object: undefined,
        states: noStates,
        references: 0,
        uses: 0,
        lastUser: -1,
        absent: undefined,
        definitions: '',
        number: -1,
        platform: undefined,
      };
      this.tests.set(entry.id, entry);
    }
    return entry;
  }

  object(id: string): ObjectEntry {
    let entry = this.objects.get(id);
    if (!entry) {
      entry = { id, object: undefined, names: undefined, mayAsk: undefined };
      this.objects.set(entry.id, entry);
    }
    return entry;
  }

  state(id: string): StateEntry {
    let entry = this.states.get(id);
    if (!entry) {
      const alone: StateEntry[] = [];
      entry = { id, state: undefined, alone, comparison: undefined };
      alone.push(entry);
      this.states.set(entry.id, entry);
    }
    return entry;
  }

  open(operator: OvalOperator, negate: boolean): CriteriaNode {
    return { operator, negate, children: [] };
  }

  test(into: CriteriaNode, id: string, negate: boolean): void {
    const entry = this.testOf(id);
    entry.references += 1;
    into.children.push(negate ? otherChild({ test: entry, negate }) : entry);
  }

  extend(into: CriteriaNode, id: string, negate: boolean): void {
    const extend = this.definition(id);
    if (!extend.isWhole) this.extendsUnread = true;
    into.children.push(otherChild({ extend, negate }));
  }

  criteria(into: CriteriaNode, inside: CriteriaNode, negate: boolean): void {
    into.children.push(otherChild({ criteria: inside, negate }));
  }

  close(criteria: CriteriaNode): void {
    criteria.children = fitted(criteria.children);
  }
}

/** Lists that grew have room for sixteen more; hundreds of thousands of them are kept. */
function fitted<T>(list: readonly T[]): T[] {
  return list.slice();
}

function otherChild({
  criteria,
  test,
  extend,
  negate,
}: Partial<Omit<OtherChild, 'kind'>> & { negate: boolean }): OtherChild {
  return { kind: 'other', criteria, test, extend, negate };
}

const noStates: readonly StateEntry[] = [];

/** Most parts of one definition's criteria, those of definitions that it extends included. */
const mostParts = 5_000;

/**
 * Tests of a definition and of those that it extends, each once; undefined where only evaluation itself can follow: one that
 * extends itself has a result that depends on where evaluation begins.
 */
export function testsOf(definition: DefinitionEntry, user: number): TestEntry[] | undefined {
  const tests: TestEntry[] = [];
  let parts = 0;
  const inDefinition = (entry: DefinitionEntry, depth: number): boolean => {
    if (!entry.criteria) return true;
    if (entry.isOpen) return false;
    entry.isOpen = true;
    const ends = inCriteria(entry.criteria, depth);
    entry.isOpen = false;
    return ends;
  };
  const inCriteria = ({ children }: CriteriaNode, depth: number): boolean => {
    parts += children.length;
    if (parts > mostParts || depth === maxDepth) return false;
    for (const child of children) {
      const test = child.kind === 'test' ? child : child.test;
      if (test) {
        if (test.lastUser === user) continue;
        test.lastUser = user;
        tests.push(test);
        continue;
      }
      const { criteria, extend } = child as OtherChild;
      if (!(criteria ? inCriteria(criteria, depth + 1) : inDefinition(extend!, depth + 1))) return false;
    }
    return true;
  };
  return inDefinition(definition, 0) ? fitted(tests) : undefined;
}

/** Criteria that a true test of a package makes true, whichever it is; or such a test. */
export type Decider = CriteriaNode | TestEntry;

/** The part of a definition's criteria that all its tests of packages are in, each of which alone decides it. Undefined: none. */
export function deciderOf({ criteria }: DefinitionEntry): Decider | undefined {
  const found = criteria && deciderIn(criteria);
  return found === 'several' ? undefined : found;
}

function deciderIn(criteria: CriteriaNode): Decider | 'several' | undefined {
  let found: Decider | undefined;
  for (const child of criteria.children) {
    const inside = deciderOfChild(child, criteria);
    if (inside === undefined || inside === found) continue;
    if (inside === 'several' || found !== undefined) return 'several';
    found = inside;
  }
  return found;
}

function deciderOfChild(child: ChildNode, parent: CriteriaNode): Decider | 'several' | undefined {
  if (child.kind === 'test') {
    if (child.absent === undefined) return undefined;
    return parent.operator === 'OR' ? parent : child;
  }
  const { criteria, test, extend } = child;
  if (test) return test.absent === undefined ? undefined : 'several';
  const inside = criteria ?? extend?.criteria;
  return inside && deciderIn(inside);
}

/**
 * The rest of a definition's criteria on a system without any of the packages, or where this part of them is true; tests are
 * requested by number.
 */
export function withoutPackages(
  definition: DefinitionEntry,
  numberOf: (test: TestEntry) => number,
  decided?: Decider,
): Logic {
  const ofDefinition = ({ place, criteria }: DefinitionEntry): Logic =>
    place === undefined ? 'unknown' : criteria ? ofCriteria(criteria) : 'not evaluated';
  const ofCriteria = (criteria: CriteriaNode): Logic => {
    const { operator, negate, children } = criteria;
    if (criteria === decided) return negate ? 'false' : 'true';
    const parts: Logic[] = [];
    let isKnown = true;
    for (const child of children) {
      const part = child.kind === 'test' ? ofTest(child) : ofOther(child);
      if (part === (operator === 'AND' ? 'false' : operator === 'OR' ? 'true' : undefined))
        return negate ? opposite(part) : part;
      if (typeof part !== 'string') isKnown = false;
      parts.push(part);
    }
    const isBare = parts.length === 1 && (operator === 'AND' || operator === 'OR');
    const whole: Logic = isKnown
      ? byOperator(operator, parts as OvalResult[])
      : isBare
        ? parts[0]!
        : [operator, ...parts];
    return negate ? opposite(whole) : whole;
  };
  const ofTest = (test: TestEntry): Logic => (test === decided ? 'true' : (test.absent ?? numberOf(test)));
  const ofOther = ({ criteria, test, extend, negate }: OtherChild): Logic => {
    const inside = test ? ofTest(test) : criteria ? ofCriteria(criteria) : ofDefinition(extend!);
    return negate ? opposite(inside) : inside;
  };
  return ofDefinition(definition);
}

function opposite(logic: Logic): Logic {
  if (typeof logic === 'string') return negated(logic);
  return typeof logic === 'object' && 'not' in logic ? logic.not : { not: logic };
}

import { DeadlineError, isStackOverflow } from '../pcre/index.ts';
import type { OvalResult } from '../values/result.ts';
import { AllowanceError, EvaluationAllowance } from './allowance.ts';
import { byCheck, byExistence, byOperator, negated } from './combine-results.ts';
import { Depth, DepthError, maxDepth } from './depth.ts';
import { hideEntities } from './hidden-item.ts';
import {
  type Collection,
  type CollectionFlag,
  failure,
  type ItemEntity,
  Masks,
  maskedNames,
  type OvalItem,
} from './items.ts';
import type { OvalLookup } from './lookup.ts';
import type {
  ExternalVariables,
  OvalCriteria,
  OvalCriterion,
  OvalExistence,
  OvalObject,
  OvalTest,
} from './model.ts';
import { applyFilters, combineSet } from './sets.ts';
import { isBriefObject, isBriefState, judgeItem } from './states.ts';
import { Variables, type VariableValues } from './variables.ts';

/** Finds the items of one object that is no set; filters are applied by the engine. */
export type ObjectCollector = (
  object: OvalObject,
  id: string,
  variables: (id: string) => VariableValues,
) => Collection;

/** A test's result with what it was made of. */
export interface TestOutcome {
  result: OvalResult;
  collection: Collection;
  /** One for each item, where states were judged. */
  itemResults: readonly OvalResult[];
}

interface EngineOptions {
  document: OvalLookup;
  collect: ObjectCollector;
  external?: ExternalVariables;
  /** Seconds since the epoch, for time differences. */
  now?: number;
  /** Longest time for one object or test in milliseconds. */
  patience?: number;
  /** Limits of the whole evaluation, shared by the engines of all its documents. */
  allowance?: EvaluationAllowance;
}

/** Processor time for one object in milliseconds; usual patterns need microseconds. */
const defaultPatience = 5_000;

/** States of so many items are judged without a limit on time. */
const fewItems = 64;

const none: Collection = { flag: 'complete', items: [] };

/** Evaluates the definitions of one OVAL document. Everything is computed once and on demand. */
export class OvalEngine {
  readonly document: OvalLookup;
  readonly #collector: ObjectCollector;
  readonly #variables: Variables;
  readonly #patience: number;
  readonly #allowance: EvaluationAllowance;
  readonly #depth = new Depth();
  readonly #definitions = new Map<string, OvalResult>();
  readonly #definitionHeights = new Map<string, number>();
  /** Definitions that are being judged, and those that are in a circle with one of them, with their places in this order. */
  #openDefinitions: string[] = [];
  readonly #places = new Map<string, number>();
  /** Definitions that are being judged, each for the one before, and their levels. */
  #path: { id: string; level: number }[] = [];
  /** Definitions at which chains were left that are too deep. */
  #left: string[] = [];
  /** The first of these places that the definition being judged refers to. */
  #firstReached = Number.POSITIVE_INFINITY;
  /** Reasons of definitions in error that no test gives. */
  readonly #reasons = new Map<string, string>();
  readonly #tests = new Map<string, TestOutcome>();
  readonly #objects = new Map<string, Collection>();
  /** Of objects that take more than a look. */
  readonly #objectHeights = new Map<string, number>();
  readonly #masks = new Masks();
  readonly #briefStates = new Map<string, boolean>();
  /** Objects and variables whose evaluation has begun. */
  readonly #open = new Set<string>();
  /** Whether limited work is running: what it calls shares its limit. */
  #bounding = false;

  constructor({
    document,
    collect,
    external = new Map(),
    now = 0,
    patience = defaultPatience,
    allowance = new EvaluationAllowance(),
  }: EngineOptions) {
    this.document = document;
    this.#collector = collect;
    this.#variables = new Variables(
      document,
      external,
      (id) => this.object(id),
      now,
      this.#open,
      this.#depth,
    );
    this.#patience = patience;
    this.#allowance = allowance;
  }

  /**
   * Result of a definition: `not evaluated` where it has no criteria (the schema allows that of deprecated ones) or
   * is in a circle of definitions that extend each other, `unknown` where no such id is in the document.
   */
  definition(id: string): OvalResult {
    const open = this.#places.get(id);
    if (open !== undefined) {
      this.#firstReached = Math.min(this.#firstReached, open);
      return 'not evaluated';
    }
    const known = this.#definitions.get(id);
    if (known) {
      if (this.#depth.level > 0) this.#depth.reach(this.#definitionHeights.get(id) ?? 0);
      return known;
    }
    const definition = this.document.definition(id);
    if (!definition) return 'unknown';
    const { criteria } = definition;
    const result = criteria ? this.#judgeCircle(id, criteria) : 'not evaluated';
    this.#definitions.set(id, result);
    return result;
  }

  /** Tarjan's algorithm: the result of one in a circle does not depend on where evaluation begins. A circle has one height. */
  #judgeCircle(id: string, criteria: OvalCriteria): OvalResult {
    const place = this.#openDefinitions.push(id) - 1;
    this.#places.set(id, place);
    const before = this.#firstReached;
    this.#firstReached = Number.POSITIVE_INFINITY;
    const measured = this.#depth.open();
    const judged = this.#judgeDefinition(id, criteria, place === 0);
    const height = this.#depth.close(measured);
    const reached = this.#firstReached;
    this.#firstReached = Math.min(before, reached);
    if (reached >= place) {
      for (const each of this.#openDefinitions.splice(place)) {
        this.#places.delete(each);
        this.#definitionHeights.set(each, height);
      }
    }
    if (reached > place) return judged;
    this.#reasons.set(id, 'it is in a circle of definitions that extend each other');
    return 'not evaluated';
  }

  /** Why a definition is in error, unknown or not evaluated, if none of its tests gives the reason. */
  reasonOf(definition: string): string | undefined {
    const unknown = this.#definitions.get(definition) === 'unknown';
    return this.#reasons.get(definition) ?? (unknown ? this.#allowance.exhausted : undefined);
  }

  /** Result of a branch of a definition's criteria, for a report. */
  branch(branch: OvalCriterion): OvalResult {
    this.#judgeExtended(branch);
    try {
      return this.#criterion(branch);
    } catch (error) {
      if (error instanceof DepthError) return 'error';
      throw error;
    }
  }

  /** Definitions are judged from level 0, not from inside the branch: where that refers too deep, they need not. */
  #judgeExtended({ criteria, extend }: OvalCriterion): void {
    if (extend !== undefined) this.definition(extend);
    for (const child of criteria?.children ?? []) this.#judgeExtended(child);
  }

  #criteria(criteria: OvalCriteria): OvalResult {
    return this.#depth.descend(() => {
      const results = criteria.children.map((child) => this.#criterion(child));
      const result = byOperator(criteria.operator ?? 'AND', results);
      return criteria.negate ? negated(result) : result;
    });
  }

  #criterion(criterion: OvalCriterion): OvalResult {
    if (criterion.criteria) return this.#criteria(criterion.criteria);
    const result =
      criterion.test === undefined
        ? this.definition(criterion.extend ?? '')
        : this.test(criterion.test).result;
    return criterion.negate ? negated(result) : result;
  }

  test(id: string): TestOutcome {
    const known = this.#tests.get(id);
    if (known) return known;
    const test = this.document.test(id);
    const outcome = test ? this.#judge(test) : missing(`the test ${id} is not in the document`);
    this.#tests.set(id, outcome);
    return outcome;
  }

  /** Items of an object, its set operation or its filters applied. */
  object(id: string): Collection {
    const known = this.#objects.get(id);
    if (known) {
      if (this.#bounding) this.#depth.reach(this.#objectHeights.get(id) ?? 0);
      return known;
    }
    const object = this.document.object(id);
    if (!object) return failure('error', `the object ${id} is not in the document`);
    const key = `object ${id}`;
    if (this.#open.has(key)) return failure('error', `the ${key} refers to itself`);
    this.#open.add(key);
    const result = isBriefObject(object)
      ? this.#gather(object, id)
      : this.#bounded(() => this.#measured(object, id), failure);
    this.#open.delete(key);
    this.#objects.set(id, result);
    return result;
  }

  variable(id: string): VariableValues {
    return this.#bounded(
      () => this.#variables.values(id),
      (flag, message) => ({ flag, values: [], datatype: 'string', message }),
    );
  }

  /** Values of an entity for a report; undefined: they are a secret of the image, or the content asks to mask them. */
  shownValues(item: OvalItem, name: string): readonly ItemEntity[] | undefined {
    const entities = item.get(name) ?? [];
    return this.#masks.has(item, name) || entities.some(({ secret }) => secret) ? undefined : entities;
  }

  /** Tests judged so far, in the order of their judging. */
  get judgedTests(): ReadonlyMap<string, TestOutcome> {
    return this.#tests;
  }

  get judgedDefinitions(): ReadonlyMap<string, OvalResult> {
    return this.#definitions;
  }

  get collectedObjects(): ReadonlyMap<string, Collection> {
    return this.#objects;
  }

  /** A definition that refers too deep is in error; the ones it refers to are judged when they are needed. */
  #judgeDefinition(id: string, criteria: OvalCriteria, outermost: boolean): OvalResult {
    this.#path.push({ id, level: this.#depth.level });
    try {
      const result = this.#criteria(criteria);
      this.#path.pop();
      return result;
    } catch (error) {
      if (!outermost || !(error instanceof DepthError)) throw error;
      this.#openDefinitions = [];
      this.#places.clear();
      const path = this.#path.splice(0);
      for (const each of path) if (error.reached - each.level > maxDepth) this.#refersTooDeep(each.id, error);
      this.#judgeFirst(path.at(-1)!.id);
      this.#firstReached = Number.POSITIVE_INFINITY;
      return 'error';
    }
  }

  /**
   * Judges the definition at which a too deep chain was left, and those at which its own was: after them the rest of the chain is
   * judged in a few steps, and not each of its definitions by 300 steps.
   */
  #judgeFirst(id: string): void {
    const isFirst = this.#left.push(id) === 1;
    if (!isFirst) return;
    for (let nth = 0; nth < this.#left.length; nth++) this.definition(this.#left[nth]!);
    this.#left = [];
  }

  #refersTooDeep(id: string, { message }: DepthError): void {
    this.#definitions.set(id, 'error');
    this.#reasons.set(id, message);
    this.#definitionHeights.set(id, Number.POSITIVE_INFINITY);
  }

  /** One that refers too deep is of unlimited height: so does what uses it. */
  #measured(object: OvalObject, id: string): Collection {
    const measured = this.#depth.open();
    try {
      const found = this.#depth.descend(() => this.#gather(object, id));
      this.#objectHeights.set(id, this.#depth.close(measured));
      return found;
    } catch (error) {
      if (error instanceof DepthError) this.#objectHeights.set(id, Number.POSITIVE_INFINITY);
      throw error;
    }
  }

  #gather(object: OvalObject, id: string): Collection {
    const gathered = object.set
      ? combineSet(object.set, (reference) => this.object(reference), this.#judgeState)
      : this.#collector(object, id, (variable) => this.variable(variable));
    const found = applyFilters(gathered, object.filters ?? [], this.#judgeState);
    this.#allowance.keep(found.items.length);
    const masked = maskedNames(object.entities);
    if (masked.length === 0) return found;
    this.#masks.add(found.items, masked);
    return hideEntities(found, (_, name) => masked.includes(name));
  }

  readonly #judgeState = (item: OvalItem, id: string): OvalResult => {
    const state = this.document.state(id);
    return state ? judgeItem(item, state, (variable) => this.variable(variable)) : 'error';
  };

  /** `unknown` tests say nothing; the others judge by flag, existence, then states. */
  #judge(test: OvalTest): TestOutcome {
    if (test.type.endsWith('/unknown')) return { result: 'unknown', collection: none, itemResults: [] };
    if (test.object === undefined) return missing('the test has no object');
    const collection = this.object(test.object);
    for (const id of test.states ?? [])
      this.#masks.add(collection.items, maskedNames(this.document.state(id)?.entities ?? []));
    const isBrief = collection.items.length <= fewItems && (test.states ?? []).every(this.#isBriefState);
    return isBrief
      ? this.#judgeCollection(test, collection)
      : this.#bounded(() => this.#judgeCollection(test, collection), undecided);
  }

  /** Known states that compare with values of their own, and search for nothing that repeats. */
  readonly #isBriefState = (id: string): boolean => {
    let brief = this.#briefStates.get(id);
    if (brief === undefined) {
      const state = this.document.state(id);
      brief = state === undefined || isBriefState(state);
      this.#briefStates.set(id, brief);
    }
    return brief;
  };

  #judgeCollection(test: OvalTest, collection: Collection): TestOutcome {
    const states = test.states ?? [];
    const existence = existenceOf(test);
    const byFlag = judgeFlag(collection, existence, states.length > 0);
    if (byFlag !== undefined) return { result: byFlag, collection, itemResults: [] };
    const exists = byExistence(existence, countsOf(collection.items));
    const judged = collection.flag === 'incomplete' ? doubtExistence(existence, collection, exists) : exists;
    if (judged !== 'true' || states.length === 0) return { result: judged, collection, itemResults: [] };
    const itemResults = collection.items.map((item) => this.#judgeStates(item, states, test));
    const result = byCheck(test.check, itemResults);
    const certain = collection.flag === 'complete' || result !== 'true' || test.check === 'at least one';
    return { result: certain ? result : 'unknown', collection, itemResults };
  }

  #judgeStates(item: OvalItem, states: readonly string[], test: OvalTest): OvalResult {
    return byOperator(
      test.stateOperator ?? 'AND',
      states.map((state) => this.#judgeState(item, state)),
    );
  }

  /**
   * Runs work within its limits of time and depth. V8's interrupt does not run `finally` blocks, so what interrupted work
   * left open is closed before it starts again and after it.
   */
  #bounded<T>(work: () => T, late: (flag: CollectionFlag, message: string) => T): T {
    if (this.#bounding) return work();
    const open = [...this.#open];
    const { level, reached } = this.#depth;
    const reset = (to: { level: number; reached: number }) => {
      Object.assign(this.#depth, to);
      if (this.#open.size === open.length) return;
      this.#open.clear();
      for (const key of open) this.#open.add(key);
    };
    this.#bounding = true;
    try {
      return this.#allowance.run(this.#patience, () => {
        reset({ level: 0, reached: 0 });
        return work();
      });
    } catch (error) {
      if (error instanceof AllowanceError) return late('not collected', error.message);
      if (error instanceof DeadlineError || error instanceof DepthError) return late('error', error.message);
      if (isStackOverflow(error)) return late('error', 'a pattern or an expression is nested too deeply');
      throw error;
    } finally {
      this.#bounding = false;
      reset({ level, reached });
    }
  }
}

/** The deprecated check "none exist" asks that nothing exists, or that nothing that exists satisfies the states. */
function existenceOf({ check, existence = 'at_least_one_exists', states = [] }: OvalTest): OvalExistence {
  if (check !== 'none exist') return existence;
  return states.length > 0 ? 'any_exist' : 'none_exist';
}

/** The result if the collection's flag alone decides it (table of object flags and check_existence). */
function judgeFlag({ flag }: Collection, existence: string, stated: boolean): OvalResult | undefined {
  if (flag === 'complete' || flag === 'incomplete') return undefined;
  if (flag === 'does not exist') {
    return existence === 'any_exist' || existence === 'none_exist' ? 'true' : 'false';
  }
  const result = flag === 'not collected' ? 'unknown' : flag;
  return existence === 'any_exist' && !stated ? 'true' : result;
}

/** The existence result that an incomplete collection still proves. */
function doubtExistence(existence: string, { items }: Collection, seen: OvalResult): OvalResult {
  const existing = items.filter((item) => item.status === 'exists').length;
  switch (existence) {
    case 'any_exist':
      return 'true';
    case 'at_least_one_exists':
      return existing > 0 ? 'true' : 'unknown';
    case 'none_exist':
      return existing > 0 ? 'false' : 'unknown';
    case 'only_one_exists':
      return existing > 1 ? 'false' : 'unknown';
    default:
      return seen === 'false' ? 'false' : 'unknown';
  }
}

function countsOf(items: readonly OvalItem[]): {
  exists: number;
  absent: number;
  errors: number;
  uncollected: number;
} {
  const counts = { exists: 0, absent: 0, errors: 0, uncollected: 0 };
  for (const { status } of items) {
    if (status === 'exists') counts.exists += 1;
    else if (status === 'does not exist') counts.absent += 1;
    else if (status === 'error') counts.errors += 1;
    else counts.uncollected += 1;
  }
  return counts;
}

function missing(message: string): TestOutcome {
  return undecided('error', message);
}

function undecided(flag: CollectionFlag, message: string): TestOutcome {
  const result = flag === 'error' ? 'error' : 'unknown';
  return { result, collection: failure(flag, message), itemResults: [] };
}

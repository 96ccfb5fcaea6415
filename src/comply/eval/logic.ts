import { byOperator, negated } from '../oval/combine-results.ts';
import type { OvalLookup } from '../oval/lookup.ts';
import type { OvalCriteria, OvalOperator } from '../oval/model.ts';
import type { OvalResult } from '../values/result.ts';

/** Criteria as data: a test by its number, a known result, an operator with operands, or the opposite of one. */
export type Logic = number | OvalResult | [OvalOperator, ...Logic[]] | ['NOT', Logic];

/** Most parts of one definition's criteria, those of definitions that it extends included. */
const mostParts = 5_000;
const mostDepth = 100;

/** The criteria of definitions with those that they extend; undefined for criteria that only evaluation itself can follow. */
export class LogicReader {
  readonly #document: OvalLookup;
  readonly #numberOf: (test: string) => number;
  readonly #open = new Set<string>();
  #parts = 0;

  constructor(document: OvalLookup, numberOf: (test: string) => number) {
    this.#document = document;
    this.#numberOf = numberOf;
  }

  of(definition: string): Logic | undefined {
    this.#parts = 0;
    this.#open.clear();
    try {
      return this.#definition(definition);
    } catch (error) {
      if (error === endless) return undefined;
      throw error;
    }
  }

  #definition(id: string): Logic {
    const definition = this.#document.definition(id);
    if (!definition) return 'unknown';
    if (!definition.criteria) return 'not evaluated';
    // A definition that extends itself: its result depends on where evaluation begins.
    if (this.#open.has(id) || this.#open.size > mostDepth) throw endless;
    this.#open.add(id);
    const logic = this.#criteria(definition.criteria, 0);
    this.#open.delete(id);
    return logic;
  }

  #criteria({ operator = 'AND', negate, children }: OvalCriteria, depth: number): Logic {
    this.#parts += children.length;
    if (this.#parts > mostParts || depth > mostDepth) throw endless;
    const operands = children.map((child): Logic => {
      if (child.criteria) return this.#criteria(child.criteria, depth + 1);
      const inside =
        child.test === undefined ? this.#definition(child.extend ?? '') : this.#numberOf(child.test);
      return child.negate ? ['NOT', inside] : inside;
    });
    const [only] = operands;
    const isBare = operands.length === 1 && (operator === 'AND' || operator === 'OR');
    const whole: Logic = isBare ? only! : [operator, ...operands];
    return negate ? ['NOT', whole] : whole;
  }
}

const endless = new Error('endless');

/** The result of criteria whose tests have these results. */
export function resultOf(logic: Logic, testResult: (number: number) => OvalResult): OvalResult {
  if (typeof logic === 'number') return testResult(logic);
  if (typeof logic === 'string') return logic;
  const [operator, ...operands] = logic;
  const results = operands.map((each) => resultOf(each, testResult));
  return operator === 'NOT' ? negated(results[0]!) : byOperator(operator, results);
}

/** Criteria with known results filled in, as short as they then are. */
export function reduced(logic: Logic, known: (number: number) => OvalResult | undefined): Logic {
  if (typeof logic === 'number') return known(logic) ?? logic;
  if (typeof logic === 'string') return logic;
  const [operator, ...operands] = logic;
  const parts = operands.map((each) => reduced(each, known));
  if (operator === 'NOT') {
    const [inside] = parts;
    return typeof inside === 'string' ? negated(inside) : ['NOT', inside!];
  }
  if (operator === 'AND' && parts.includes('false')) return 'false';
  if (operator === 'OR' && parts.includes('true')) return 'true';
  if (parts.every((each): each is OvalResult => typeof each === 'string')) return byOperator(operator, parts);
  return [operator, ...parts];
}

/** Numbers of the tests in criteria, each once. */
export function testsOf(logic: Logic, into: Set<number> = new Set()): Set<number> {
  if (typeof logic === 'number') into.add(logic);
  else if (typeof logic !== 'string') for (const each of logic.slice(1) as Logic[]) testsOf(each, into);
  return into;
}

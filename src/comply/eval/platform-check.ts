import { byOperator, negated } from '../oval/combine-results.ts';
import { maxDepth } from '../oval/depth.ts';
import type { OvalLookup } from '../oval/lookup.ts';
import type { OvalCriteria, OvalDefinition, OvalObject, OvalState } from '../oval/model.ts';
import type { OvalResult } from '../values/result.ts';

/**
 * The part of a definition that asks what system this is: tests of release files, of release packages and of the family, and
 * definitions of class inventory. `free` stands for everything else, whatever its result.
 */
export type PlatformExpression =
  | 'free'
  | { test: string }
  | { inventory: string }
  | { operator: 'AND' | 'OR' | 'ONE' | 'XOR'; of: PlatformExpression[] }
  | { not: PlatformExpression };

/** State of a walk through a definition's criteria and those of the definitions that it extends. */
export interface PlatformWalk {
  readonly takesTests: boolean;
  /** Parts that may still be looked at: a definition that is extended twice at each level has 2^levels. */
  left: number;
}

/** A definition with more parts than this asks nothing that could be answered. */
const mostParts = 10_000;

/** The platform expression that a walk finds; `free` where it ran out of parts. */
export function walked(
  takesTests: boolean,
  follow: (walk: PlatformWalk) => PlatformExpression,
): PlatformExpression {
  const walk = { takesTests, left: mostParts };
  const found = follow(walk);
  return walk.left < 0 ? 'free' : found;
}

/** The result of a platform expression for an image. */
export type PlatformAnswer = OvalResult | 'free';

/** Finds the platform expressions of a document's definitions. */
export class PlatformExpressions {
  readonly #document: OvalLookup;
  readonly #known = new Map<string, boolean>();

  constructor(document: OvalLookup) {
    this.#document = document;
  }

  of({ class: kind, criteria }: OvalDefinition): PlatformExpression {
    if (!criteria) return 'free';
    // A rule of a policy may test the files that name the release; it is about their content.
    const takesTests = kind === 'patch' || kind === 'vulnerability';
    return walked(takesTests, (walk) => this.#criteria(criteria, walk, 0));
  }

  #criteria(
    { operator = 'AND', negate, children }: OvalCriteria,
    walk: PlatformWalk,
    depth: number,
  ): PlatformExpression {
    walk.left -= children.length;
    if (depth > maxDepth || walk.left < 0) return 'free';
    const of = children.map((child): PlatformExpression => {
      if (child.criteria) return this.#criteria(child.criteria, walk, depth + 1);
      const inside =
        child.test === undefined
          ? this.#extended(child.extend ?? '', walk, depth + 1)
          : this.#leaf(child.test, walk.takesTests);
      return child.negate ? not(inside) : inside;
    });
    const whole = joined(operator, of);
    return negate ? not(whole) : whole;
  }

  #extended(id: string, walk: PlatformWalk, depth: number): PlatformExpression {
    const definition = this.#document.definition(id);
    if (definition?.class === 'inventory') return { inventory: id };
    return definition?.criteria ? this.#criteria(definition.criteria, walk, depth) : 'free';
  }

  #leaf(id: string, takesTests: boolean): PlatformExpression {
    if (!takesTests) return 'free';
    let known = this.#known.get(id);
    if (known === undefined) {
      const test = this.#document.test(id);
      known =
        test !== undefined &&
        asksPlatform(
          test.type,
          test.object === undefined ? undefined : this.#document.object(test.object),
          () => (test.states ?? []).map((state) => this.#document.state(state)),
        );
      this.#known.set(id, known);
    }
    return known ? { test: id } : 'free';
  }
}

/** `free` where an operand decides nothing: the rest could still be decided by a false of AND, or a true of OR. */
export function joined(operator: 'AND' | 'OR' | 'ONE' | 'XOR', of: PlatformExpression[]): PlatformExpression {
  const asked = of.filter((each) => each !== 'free');
  if (asked.length === 0) return 'free';
  const isMixed = asked.length < of.length;
  if (isMixed && (operator === 'ONE' || operator === 'XOR')) return 'free';
  if (asked.length === 1) return { operator, of: isMixed ? [asked[0]!, 'free'] : asked };
  const distinct = [...new Map(asked.map((each) => [JSON.stringify(each), each])).values()];
  const operands = operator === 'AND' || operator === 'OR' ? distinct : asked;
  return { operator, of: isMixed ? [...operands, 'free'] : operands };
}

export function not(inside: PlatformExpression): PlatformExpression {
  if (inside === 'free') return 'free';
  return 'not' in inside ? inside.not : { not: inside };
}

/** The answer of an expression, its tests and inventory definitions evaluated. */
export function platformAnswer(
  expression: PlatformExpression,
  results: { test(id: string): OvalResult; definition(id: string): OvalResult },
): PlatformAnswer {
  if (expression === 'free') return 'free';
  if ('test' in expression) return results.test(expression.test);
  if ('inventory' in expression) return results.definition(expression.inventory);
  if ('not' in expression) {
    const inside = platformAnswer(expression.not, results);
    return inside === 'free' ? inside : negated(inside);
  }
  const { operator } = expression;
  const answers = expression.of.map((each) => platformAnswer(each, results));
  const decided = answers.filter((each): each is OvalResult => each !== 'free');
  if (decided.length === answers.length) return byOperator(operator, decided);
  if (operator === 'AND' && decided.includes('false')) return 'false';
  return operator === 'OR' && decided.includes('true') ? 'true' : 'free';
}

/** Tests and inventory definitions of an expression, each once. */
export function leavesOf(expression: PlatformExpression): (string | 'free')[] {
  if (expression === 'free') return ['free'];
  if ('test' in expression) return [expression.test];
  if ('inventory' in expression) return [expression.inventory];
  if ('not' in expression) return leavesOf(expression.not);
  return [...new Set(expression.of.flatMap(leavesOf))];
}

/** Whether a definition with this expression is about the image at all; undefined: it does not ask what system this is. */
export function isAbout(expression: PlatformExpression, answer: PlatformAnswer): boolean | undefined {
  const leaves = leavesOf(expression);
  if (leaves.length === 1 && leaves[0] === 'free') return undefined;
  if (answer === 'false') return false;
  // Vendors write "or another vendor's system": then it is true whatever is installed.
  return !(answer === 'true' && leaves.includes('free'));
}

const releaseFile = /(?:^|[/^])(?:[\w.-]*[-_])?(?:release|version)$/;

export function asksPlatform(
  type: string,
  asked: OvalObject | undefined,
  states: () => (OvalState | undefined)[],
): boolean {
  if (type === 'independent/family' || type === 'unix/uname') return true;
  if (!asked || asked.set) return false;
  if (type === 'linux/rpminfo' || type === 'linux/dpkginfo') {
    if (!/(?:^|-)release(?:-|$)/.test(plainText(asked, 'name') ?? '')) return false;
    const entities = states().flatMap((state) => state?.entities ?? []);
    // A fix of the release package itself is a flaw like any other.
    return !entities.some(({ operation }) => operation === 'less than');
  }
  const path = plainText(asked, 'filepath') ?? plainText(asked, 'filename');
  return path !== undefined && releaseFile.test(path);
}

/** Value of an entity without the signs of a pattern. */
function plainText({ entities }: OvalObject, name: string): string | undefined {
  const entity = entities.find((each) => each.name === name);
  return entity?.variable === undefined ? entity?.value?.trim().replace(/^\^|\\|\$$/g, '') : undefined;
}

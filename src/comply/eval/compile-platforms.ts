import { maxDepth } from '../oval/depth.ts';
import type { OvalOperator } from '../oval/model.ts';
import type { ChildNode, CriteriaNode, DefinitionEntry, TestEntry } from './compile-index.ts';
import {
  asksPlatform,
  joined,
  not,
  type PlatformExpression,
  type PlatformWalk,
  walked,
} from './platform-check.ts';

/** A definition's condition on the platform: as PlatformExpressions has it, of a document's entries. */
export function platformOf(definition: DefinitionEntry): PlatformExpression {
  const takesTests = definition.class === 'patch' || definition.class === 'vulnerability';
  const { criteria } = definition;
  return criteria ? walked(takesTests, (walk) => ofCriteria(criteria, walk, 0)) : 'free';
}

function ofCriteria(
  { operator, negate, children }: CriteriaNode,
  walk: PlatformWalk,
  depth: number,
): PlatformExpression {
  walk.left -= children.length;
  if (depth > maxDepth || walk.left < 0) return 'free';
  let asked: PlatformExpression[] | undefined;
  let isMixed = false;
  for (const child of children) {
    const part = ofChild(child, walk, depth + 1);
    if (part === 'free') isMixed = true;
    else if (asked) asked.push(part);
    else asked = [part];
  }
  if (!asked) return 'free';
  const [only] = asked as [PlatformExpression];
  const whole =
    asked.length > 1 || !isMixed
      ? joined(operator, isMixed ? [...asked, 'free'] : asked)
      : withFree(operator, only);
  return negate ? not(whole) : whole;
}

/** The same object for the same expression: most definitions of a document ask one thing. */
const mixed = new WeakMap<object, Map<OvalOperator, PlatformExpression>>();

function withFree(operator: OvalOperator, asked: PlatformExpression): PlatformExpression {
  if (asked === 'free') return joined(operator, [asked]);
  const known = mixed.get(asked) ?? new Map<OvalOperator, PlatformExpression>();
  mixed.set(asked, known);
  const whole = known.get(operator) ?? joined(operator, [asked, 'free']);
  known.set(operator, whole);
  return whole;
}

function ofChild(child: ChildNode, walk: PlatformWalk, depth: number): PlatformExpression {
  const { takesTests } = walk;
  if (child.kind === 'test') return takesTests ? ofTest(child) : 'free';
  const { criteria, test, extend, negate } = child;
  const inside = criteria
    ? ofCriteria(criteria, walk, depth)
    : test
      ? takesTests
        ? ofTest(test)
        : 'free'
      : ofExtended(extend!, walk, depth);
  return negate ? not(inside) : inside;
}

function ofExtended(definition: DefinitionEntry, walk: PlatformWalk, depth: number): PlatformExpression {
  if (definition.place !== undefined && definition.class === 'inventory') return { inventory: definition.id };
  return definition.criteria ? ofCriteria(definition.criteria, walk, depth) : 'free';
}

function ofTest(entry: TestEntry): PlatformExpression {
  if (entry.platform === undefined) entry.platform = asks(entry) ? { test: entry.id } : 'free';
  return entry.platform;
}

function asks({ type, object, states }: TestEntry): boolean {
  if (type === undefined) return false;
  if (object?.object?.type === type) {
    // States can only take back what the object says, which many tests have in common.
    object.mayAsk ??= asksPlatform(type, object.object, () => []);
    if (!object.mayAsk) return false;
  }
  return asksPlatform(type, object?.object, () => states.map(({ state }) => state));
}

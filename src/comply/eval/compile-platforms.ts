import { maxDepth } from '../oval/depth.ts';
import type { ChildNode, CriteriaNode, DefinitionEntry, TestEntry } from './compile-index.ts';
import {
  asksPlatform,
  joined,
  not,
  type PlatformExpression,
  type PlatformWalk,
  walked,
} from './platform-check.ts';

/** What a definition asks of the platform: as PlatformExpressions has it, of a document's entries. */
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
  const whole = joined(operator, isMixed ? [...asked, 'free'] : asked);
  return negate ? not(whole) : whole;
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

import type { CheckedItem, Conjunction } from './oval-items.ts';
import type { ProblemList } from './problem.ts';

/** Objects that exist on every system of their platform: a test without a state is always true. */
const alwaysThere = new Set(['uname_test', 'family_test']);

/** Finds tests that are always true or false, and conjunctions that contradict themselves. */
export function checkTruth(
  items: ReadonlyMap<string, CheckedItem>,
  conjunctions: readonly Conjunction[],
  problems: ProblemList,
): void {
  for (const [id, item] of items) {
    if (item.kind === 'tst') checkTest(id, item, problems);
  }
  for (const conjunction of conjunctions) checkConjunction(conjunction, items, problems);
}

function checkTest(id: string, { name, line, existence, states }: CheckedItem, problems: ProblemList): void {
  if (states === 0 && existence === 'any_exist') {
    problems.error('always-true', line, 'check_existence="any_exist" without a state', id);
  } else if (states === 0 && alwaysThere.has(name)) {
    problems.warning('always-true', line, `<${name}> without a state`, id);
  } else if (states !== 0 && existence === 'none_exist') {
    problems.warning('unused', line, 'a state has no part in check_existence="none_exist"', id);
  }
}

/** A test and its own negation, or presence and absence of one object, joined by AND. */
function checkConjunction(
  { definition, line, tests }: Conjunction,
  items: ReadonlyMap<string, CheckedItem>,
  problems: ProblemList,
): void {
  const stated = new Map<string, boolean>();
  const presence = new Map<string, boolean>();
  for (const { id, negate } of tests) {
    if (stated.get(id) === !negate)
      problems.error('never-true', line, `${id} and its negation are joined by AND`, definition);
    stated.set(id, negate);
    const test = items.get(id);
    const object = test?.refs.find(({ kind }) => kind === 'obj')?.id;
    if (!test || object === undefined) continue;
    const present = (test.existence !== 'none_exist') !== negate;
    if (test.states !== 0 && !present) continue;
    if (presence.get(object) === !present) {
      problems.error('never-true', line, `${object} must both exist and not exist`, definition);
    }
    presence.set(object, present);
  }
}

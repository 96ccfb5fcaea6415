import type { CheckedItem, ItemKind } from './oval-items.ts';
import type { ProblemList } from './problem.ts';

const words: Record<ItemKind, string> = {
  def: 'definition',
  tst: 'test',
  obj: 'object',
  ste: 'state',
  var: 'variable',
};

/** Checks that references name an item of the right kind, that every item is used, and that there is no cycle. */
export function checkGraph(items: ReadonlyMap<string, CheckedItem>, problems: ProblemList): void {
  for (const [id, item] of items) resolve(id, item, items, problems);
  for (const [id, { used, kind, line, name }] of items) {
    if (!used) problems.warning('unused', line, `no item refers to this ${words[kind]} (<${name}>)`, id);
  }
  checkVariables(items, problems);
  findCycles(items, problems);
}

function resolve(
  id: string,
  item: CheckedItem,
  items: ReadonlyMap<string, CheckedItem>,
  problems: ProblemList,
): void {
  for (const ref of item.refs) {
    const target = items.get(ref.id);
    if (!target) {
      problems.error('reference-unresolved', ref.line, `there is no ${words[ref.kind]} ${ref.id}`, id);
      continue;
    }
    target.used = true;
    if (target.kind !== ref.kind) {
      const found = `${ref.id} is a ${words[target.kind]}, expected a ${words[ref.kind]}`;
      problems.error('reference-kind', ref.line, found, id);
    } else if (item.kind === 'tst') checkFamily(id, item, target, ref.line, problems);
    else if (ref.kind === 'var' && item.kind !== 'var') checkDatatype(id, ref, target, problems);
  }
}

/** A dpkginfo test needs dpkginfo objects and states, and so on for every kind. */
function checkFamily(
  id: string,
  test: CheckedItem,
  target: CheckedItem,
  line: number,
  problems: ProblemList,
): void {
  const stem = test.name.replace(/_test$/, '');
  if (target.name.replace(/_(object|state)$/, '') === stem) return;
  problems.error('reference-kind', line, `<${test.name}> refers to <${target.name}>`, id);
}

function checkDatatype(
  id: string,
  ref: CheckedItem['refs'][number],
  variable: CheckedItem,
  problems: ProblemList,
): void {
  if (ref.datatype === undefined || ref.datatype === variable.datatype) return;
  // An entity compares by its own datatype; a string variable may hold any value's text (evr limits, versions).
  if (variable.datatype === 'string') return;
  const message = `the variable ${ref.id} is ${variable.datatype}, the entity ${ref.datatype}`;
  problems.error('variable-datatype', ref.line, message, id);
}

function checkVariables(items: ReadonlyMap<string, CheckedItem>, problems: ProblemList): void {
  for (const [id, { kind, name, line, datatype, states }] of items) {
    if (kind !== 'var') continue;
    if (datatype === '') problems.error('variable-datatype', line, 'no datatype', id);
    if (name !== 'external_variable' && !states)
      problems.error('variable-unbound', line, `<${name}> is empty`, id);
  }
}

/** Cycles of definitions that extend each other, sets of objects, and variables that use variables or objects. */
function findCycles(items: ReadonlyMap<string, CheckedItem>, problems: ProblemList): void {
  const done = new Set<string>();
  for (const [start, item] of items) {
    if (!done.has(start) && item.refs.length > 0) walk(start, items, done, problems);
  }
}

function walk(
  start: string,
  items: ReadonlyMap<string, CheckedItem>,
  done: Set<string>,
  problems: ProblemList,
): void {
  const path = new Set<string>([start]);
  const stack = [{ id: start, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const ref = items.get(top.id)?.refs[top.next++];
    if (!ref) {
      stack.pop();
      path.delete(top.id);
      done.add(top.id);
      continue;
    }
    if (path.has(ref.id)) problems.error('cycle', ref.line, `${ref.id} leads back to itself`, top.id);
    else if (!done.has(ref.id)) {
      path.add(ref.id);
      stack.push({ id: ref.id, next: 0 });
    }
  }
}

import type { OvalResult } from '../values/result.ts';
import type { Collection, CollectionFlag, OvalItem } from './items.ts';
import type { OvalFilter, OvalSet } from './model.ts';

type JudgeState = (item: OvalItem, state: string) => OvalResult;

/**
 * Applies filters in order: `include` keeps the items that satisfy the state, `exclude` the others. An item of which that is not
 * known is left out, and the rest is `incomplete`.
 */
export function applyFilters(
  from: Collection,
  filters: readonly OvalFilter[],
  judge: JudgeState,
): Collection {
  if (filters.length === 0 || from.items.length === 0) return from;
  let items = from.items;
  let open: string | undefined;
  for (const { state, action } of filters) {
    items = items.filter((item) => {
      const result = judge(item, state);
      if (result !== 'true' && result !== 'false') open ??= state;
      return result === (action === 'include' ? 'true' : 'false');
    });
  }
  if (open !== undefined && from.flag === 'complete')
    return { flag: 'incomplete', items, message: `the filter by ${open} could not be judged` };
  if (items.length > 0 || from.flag !== 'complete') return { ...from, items };
  return { flag: 'does not exist', items: [] };
}

/** The items of a set object: its operands filtered first, then united, intersected or subtracted. */
export function combineSet(set: OvalSet, collect: (id: string) => Collection, judge: JudgeState): Collection {
  const operands = [
    ...(set.sets ?? []).map((each) => combineSet(each, collect, judge)),
    ...(set.objects ?? []).map((id) => applyFilters(collect(id), set.filters ?? [], judge)),
  ];
  const [left, right] = operands;
  if (!left) return { flag: 'error', items: [], message: 'a set has one or two operands, found none' };
  if (!right) return left;
  const flag = flagTables[set.operator](left.flag, right.flag);
  const items = combineItems(set.operator, left.items, right.items);
  if (flag === 'complete' && items.length === 0) return { flag: 'does not exist', items };
  const message = left.message ?? right.message;
  return { flag, items, ...(message === undefined ? {} : { message }) };
}

function combineItems(
  operator: OvalSet['operator'],
  left: readonly OvalItem[],
  right: readonly OvalItem[],
): OvalItem[] {
  const [leftKeys, rightKeys] = [left, right].map((items) => new Set(items.map(identity))) as [
    Set<string>,
    Set<string>,
  ];
  if (operator === 'INTERSECTION') return left.filter((item) => rightKeys.has(identity(item)));
  if (operator === 'COMPLEMENT') return left.filter((item) => !rightKeys.has(identity(item)));
  return [...left, ...right.filter((item) => !leftKeys.has(identity(item)))];
}

function identity(item: OvalItem): string {
  return `${item.type} ${item.key}`;
}

type Flag = CollectionFlag;
const partial: ReadonlySet<Flag> = new Set(['incomplete', 'not collected']);

/** Flag of a set from those of its operands (OVAL language specification, tables of set operators). */
const flagTables: Record<OvalSet['operator'], (left: Flag, right: Flag) => Flag> = {
  UNION: (left, right) => {
    const either = [left, right];
    if (either.includes('error')) return 'error';
    if (either.includes('incomplete')) return 'incomplete';
    const notCollected = either.includes('not collected');
    if (either.includes('complete')) return notCollected ? 'incomplete' : 'complete';
    if (either.includes('does not exist')) return notCollected ? 'incomplete' : 'does not exist';
    return notCollected ? 'not collected' : 'not applicable';
  },
  INTERSECTION: (left, right) => {
    const either = [left, right];
    for (const flag of ['error', 'does not exist', 'not collected', 'incomplete', 'complete'] as const) {
      if (either.includes(flag)) return flag;
    }
    return 'not applicable';
  },
  COMPLEMENT: (left, right) => {
    if (left === 'error' || right === 'error') return 'error';
    if (left === 'does not exist') return right === 'not applicable' ? 'error' : 'does not exist';
    if (left === 'not applicable') return 'error';
    if (left === 'not collected') return right === 'not applicable' ? 'error' : 'not collected';
    if (partial.has(right) || right === 'not applicable') return 'error';
    return left;
  },
};

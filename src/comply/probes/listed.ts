import type { Conditions } from '../oval/conditions.ts';
import { type Collection, collection, failure, type OvalItem } from '../oval/items.ts';

/** Items of a list that satisfy every condition of the object on an entity of the same name. */
export function select(items: Iterable<OvalItem>, conditions: Conditions): Collection {
  const selected: OvalItem[] = [];
  for (const item of items) {
    const verdict = qualifies(item, conditions);
    if (verdict === 'error')
      return failure('error', `a condition of the object cannot be judged on ${item.key}`);
    if (verdict) selected.push(item);
  }
  return collection(selected);
}

function qualifies(item: OvalItem, conditions: Conditions): boolean | 'error' {
  for (const condition of conditions.all) {
    if (condition.nil) continue;
    const values = item.get(condition.name) ?? [];
    const results = values.map(({ value }) => condition.matches(value));
    if (results.includes('error')) return 'error';
    if (!results.includes('true')) return false;
  }
  return true;
}

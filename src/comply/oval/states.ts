import { compareValues } from '../values/compare.ts';
import type { OvalResult } from '../values/result.ts';
import { byCheck, byExistence, byOperator } from './combine-results.ts';
import type { ItemEntity, OvalItem } from './items.ts';
import type { OvalEntity, OvalObject, OvalState } from './model.ts';
import { type VariableValues, withUnread } from './variables.ts';

/** Object types that collect installed packages by name. */
const packageTypes: ReadonlySet<string> = new Set(['linux/dpkginfo', 'linux/rpminfo']);

/**
 * Whether collecting an object takes microseconds whatever the image is: packages of one name. A limit on time costs 0.1 ms
 * a call, and vendors' documents have tens of thousands of these objects.
 */
export function isBriefObject({ type, entities, set, filters }: OvalObject): boolean {
  if (set || filters || !packageTypes.has(type) || entities.length !== 1) return false;
  return entities.every(
    (entity) =>
      entity.name === 'name' &&
      entity.operation === undefined &&
      entity.datatype === undefined &&
      entity.nil === undefined &&
      isBriefEntity(entity),
  );
}

/** An entity that is compared with one value by an order, not by a pattern. */
export function isBriefEntity({ operation, variable, fields }: OvalEntity): boolean {
  return variable === undefined && fields === undefined && operation !== 'pattern match';
}

/** Whether judging an item by a state is quick whatever the item is: by orders, and patterns in which nothing is repeated. */
export function isBriefState({ entities }: OvalState): boolean {
  return entities.every((entity) => isBriefEntity(entity) || hasPlainPattern(entity));
}

function hasPlainPattern({ variable, fields, value = '' }: OvalEntity): boolean {
  return variable === undefined && fields === undefined && plainPattern.test(value);
}

const plainPattern = /^\^?(?:[\w :/-]|\\?\.){0,256}\$?$/;

/** Values of a variable by id. */
export type VariableLookup = (id: string) => VariableValues;

/** Does an item satisfy a state? */
export function judgeItem(item: OvalItem, state: OvalState, variables: VariableLookup): OvalResult {
  if (item.status === 'error' || item.status === 'not collected') return 'error';
  if (item.status === 'does not exist') return 'false';
  const results = state.entities.map((entity) => judgeEntity(valuesOf(item, entity.name), entity, variables));
  return results.length === 0 ? 'true' : byOperator(state.operator ?? 'AND', results);
}

/** The deprecated textfilecontent state calls `line` what its items call `text`. */
function valuesOf(item: OvalItem, name: string): readonly ItemEntity[] {
  return item.get(name === 'line' && item.type === 'independent/textfilecontent' ? 'text' : name) ?? [];
}

function judgeEntity(
  found: readonly ItemEntity[],
  stated: OvalEntity,
  variables: VariableLookup,
): OvalResult {
  const existing = found.filter((entity) => (entity.status ?? 'exists') === 'exists');
  const existence = byExistence(stated.existence ?? 'at_least_one_exists', {
    exists: existing.length,
    absent: found.filter((entity) => entity.status === 'does not exist').length,
    errors: found.filter((entity) => entity.status === 'error').length,
    uncollected: found.filter((entity) => entity.status === 'not collected').length,
  });
  if (existence !== 'true') return existence;
  if (stated.existence !== undefined && existing.length === 0) return 'true';
  const results = found
    .filter((entity) => entity.status !== 'does not exist')
    .map((entity) => judgeValue(entity, stated, variables));
  return byCheck(stated.entityCheck ?? 'all', results);
}

function judgeValue(found: ItemEntity, stated: OvalEntity, variables: VariableLookup): OvalResult {
  if (found.status === 'error' || found.status === 'not collected') return 'error';
  if (stated.fields) return judgeRecord(found, stated.fields, variables);
  const datatype = stated.datatype ?? 'string';
  const operation = stated.operation ?? 'equals';
  if (stated.variable === undefined)
    return compareValues(datatype, operation, found.value, stated.value ?? '');
  const variable = variables(stated.variable);
  if (variable.flag === 'not collected') return 'unknown';
  if (variable.flag !== 'complete' && variable.flag !== 'incomplete') return 'error';
  const results = variable.values.map((value) => compareValues(datatype, operation, found.value, value));
  return byCheck(stated.variableCheck ?? 'all', withUnread(results, variable));
}

function judgeRecord(
  found: ItemEntity,
  fields: readonly OvalEntity[],
  variables: VariableLookup,
): OvalResult {
  return byOperator(
    'AND',
    fields.map((field) => judgeEntity(found.fields?.[field.name] ?? [], field, variables)),
  );
}

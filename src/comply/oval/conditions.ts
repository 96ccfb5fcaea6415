import { compareValues } from '../values/compare.ts';
import type { OvalResult } from '../values/result.ts';
import { byCheck } from './combine-results.ts';
import type { Collection, CollectionFlag, ItemEntity } from './items.ts';
import type { OvalEntity, OvalObject } from './model.ts';
import { type VariableValues, withUnread } from './variables.ts';

/** A condition of an object: an operation with one value or with the values of a variable. */
export interface ObjectCondition {
  name: string;
  operation: string;
  values: readonly string[];
  nil: boolean;
  /** No report may show the values. */
  secret?: true;
  /** Does a value qualify? */
  matches(value: string, datatype?: string): OvalResult;
  /** The values that can match, where the operation is `equals`. */
  literals: readonly string[] | undefined;
}

/** An object's entities with their variables resolved. */
export interface Conditions {
  behaviors: Readonly<Record<string, string>>;
  get(name: string): ObjectCondition | undefined;
  all: readonly ObjectCondition[];
  /** A variable has no values. */
  problem?: { flag: CollectionFlag; message: string };
  /** A variable does not have all of its values, and neither has the object all of its items: the reason. */
  open?: string;
}

/** Collects an object by its conditions. Items may be missing where a variable lacks values. */
export function collectBy(
  object: OvalObject,
  variables: (id: string) => VariableValues,
  collect: (conditions: Conditions) => Collection,
): Collection {
  const conditions = conditionsOf(object, variables);
  const { problem, open } = conditions;
  if (problem) return { ...problem, items: [] };
  const collected = collect(conditions);
  const isWhole = collected.flag === 'complete' || collected.flag === 'does not exist';
  return open === undefined || !isWhole ? collected : { ...collected, flag: 'incomplete', message: open };
}

export function conditionsOf(object: OvalObject, variables: (id: string) => VariableValues): Conditions {
  const all: ObjectCondition[] = [];
  let problem: Conditions['problem'];
  let open: string | undefined;
  for (const entity of object.entities) {
    if (entity.variable !== undefined) {
      const variable = variables(entity.variable);
      problem ??= problemOf(entity.variable, variable);
      if (variable.flag === 'incomplete')
        open ??= variable.message ?? `the variable ${entity.variable} is incomplete`;
      all.push({ ...conditionOf(entity, variable), ...(variable.secret ? { secret: true } : {}) });
    } else {
      all.push(conditionOf(entity, { flag: 'complete', values: [entity.value ?? ''] }));
    }
  }
  const byName = new Map(all.map((condition) => [condition.name, condition]));
  return {
    behaviors: object.behaviors ?? {},
    get: (name) => byName.get(name),
    all,
    ...(problem ? { problem } : {}),
    ...(open === undefined ? {} : { open }),
  };
}

/** If a variable has no values, its object finds nothing; if it was not collected, neither was its object; else error. */
function problemOf(id: string, { flag, message }: VariableValues): Conditions['problem'] {
  if (flag === 'complete' || flag === 'incomplete') return undefined;
  if (flag === 'does not exist' || flag === 'not applicable')
    return { flag: 'does not exist', message: message ?? `the variable ${id} has no values` };
  if (flag === 'not collected') return { flag, message: message ?? `the variable ${id} was not collected` };
  return { flag: 'error', message: message ?? `the variable ${id} could not be computed` };
}

/** A value of a condition, for the items that repeat it. */
export function askedValue(condition: ObjectCondition | undefined, value: string): ItemEntity {
  return condition?.secret ? { value, secret: true } : { value };
}

function conditionOf(entity: OvalEntity, variable: Pick<VariableValues, 'flag' | 'values'>): ObjectCondition {
  const { flag, values } = variable;
  const operation = entity.operation ?? 'equals';
  const check = entity.variableCheck ?? 'all';
  const matches = (value: string, datatype = entity.datatype ?? 'string'): OvalResult => {
    const [only] = values;
    if (values.length === 1 && only !== undefined && flag === 'complete') {
      const result = compareValues(datatype, operation, value, only);
      return check === 'none satisfy' || check === 'none exist' ? byCheck(check, [result]) : result;
    }
    return byCheck(
      check,
      withUnread(
        values.map((stated) => compareValues(datatype, operation, value, stated)),
        variable,
      ),
    );
  };
  const literals = operation === 'equals' ? values.filter((value) => matches(value) === 'true') : undefined;
  return { name: entity.name, operation, values, nil: entity.nil === true, matches, literals };
}

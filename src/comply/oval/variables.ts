import type { OvalResult } from '../values/result.ts';
import type { Depth } from './depth.ts';
import { applyFunction, FunctionError } from './functions.ts';
import type { Collection, CollectionFlag } from './items.ts';
import type { OvalLookup } from './lookup.ts';
import type { ExternalVariables, OvalComponent } from './model.ts';

/** The values of a variable. Only `complete` and `incomplete` ones have values to compare with. */
export interface VariableValues {
  flag: CollectionFlag;
  values: readonly string[];
  datatype: string;
  message?: string;
  /** No report may show the values: they are computed from a secret entity. */
  secret?: true;
}

/** Results for the values of a variable, with one for those that an incomplete variable lacks. */
export function withUnread(
  results: readonly OvalResult[],
  { flag }: Pick<VariableValues, 'flag'>,
): readonly OvalResult[] {
  return flag === 'incomplete' ? [...results, 'unknown'] : results;
}

/** More values than variables usually have; stops the cross products of functions. */
const maxVariableValues = 100_000;
/** Characters of all values of a variable. */
const maxVariableLength = 32 * 1024 * 1024;

/** Computes variables of one document, each once. */
export class Variables {
  readonly #document: OvalLookup;
  readonly #external: ExternalVariables;
  readonly #collect: (object: string) => Collection;
  readonly #now: number;
  readonly #known = new Map<string, VariableValues>();
  readonly #heights = new Map<string, number>();
  readonly #open: Set<string>;
  readonly #depth: Depth;

  /** `now`: seconds since the epoch, for time differences; `open` and `depth`: what is being computed, shared with the engine. */
  constructor(
    document: OvalLookup,
    external: ExternalVariables,
    collect: (object: string) => Collection,
    now: number,
    open: Set<string>,
    depth: Depth,
  ) {
    this.#document = document;
    this.#external = external;
    this.#collect = collect;
    this.#now = now;
    this.#open = open;
    this.#depth = depth;
  }

  /** Values of a variable; a cycle, an unknown id or a failed function is flag `error` with its reason. */
  values(id: string): VariableValues {
    const known = this.#known.get(id);
    if (known) {
      this.#depth.reach(this.#heights.get(id)!);
      return known;
    }
    const key = `variable ${id}`;
    if (this.#open.has(key)) return failed(`the ${key} refers to itself`);
    this.#open.add(key);
    try {
      const measured = this.#depth.open();
      const values = this.#depth.descend(() => this.#compute(id));
      this.#heights.set(id, this.#depth.close(measured));
      this.#known.set(id, values);
      return values;
    } finally {
      this.#open.delete(key);
    }
  }

  #compute(id: string): VariableValues {
    const variable = this.#document.variable(id);
    if (!variable) return failed(`the variable ${id} is not in the document`);
    const { datatype } = variable;
    if (variable.kind === 'constant') {
      const { values = [] } = variable;
      return values.length > 0
        ? { flag: 'complete', values, datatype }
        : failed(`the constant variable ${id} has no value`);
    }
    if (variable.kind === 'external') {
      const values = this.#external.get(id) ?? [];
      return values.length > 0
        ? { flag: 'complete', values, datatype }
        : failed(`no value is given for the external variable ${id}`);
    }
    if (!variable.component) return failed(`the local variable ${id} has no component`);
    return { ...this.#local(variable.component), datatype };
  }

  #local(component: OvalComponent): Omit<VariableValues, 'datatype'> {
    try {
      const result = this.#component(component);
      if (result.flag === 'does not exist') return { ...result, values: [] };
      if (result.values.length === 0 && result.flag === 'complete')
        return { ...result, flag: 'does not exist' };
      return result;
    } catch (error) {
      if (error instanceof FunctionError) return { flag: 'error', values: [], message: error.message };
      throw error;
    }
  }

  #component(component: OvalComponent): Omit<VariableValues, 'datatype'> {
    if (component.fn === 'literal') {
      return { flag: 'complete', values: [(component as { value: string }).value] };
    }
    if (component.fn === 'variable') return this.values((component as { variable: string }).variable);
    if (component.fn === 'object') {
      return fieldValues(component as { object: string; field: string; record?: string }, this.#collect);
    }
    const { fn, args, with: attributes } = component as Extract<OvalComponent, { args: OvalComponent[] }>;
    const parts = args.map((argument) => this.#depth.descend(() => this.#component(argument)));
    const flag = argumentFlag(fn, parts);
    const counted = fn === 'count' && flag === 'does not exist';
    if (flag !== 'complete' && flag !== 'incomplete' && !counted)
      return { flag, values: [], ...reasonOf(parts) };
    const { secret } = parts.find((part) => part.secret) ?? {};
    const apply = () =>
      applyFunction(
        fn,
        parts.map((part) => part.values),
        attributes ?? {},
        this.#now,
      );
    const values = secret ? discreetly(fn, apply) : apply();
    return { flag, values: bounded(values), ...(secret ? { secret } : {}) };
  }
}

/**
 * A function of nothing has no value: an object without items gives none (ObjectComponentType). So has a count, but one that
 * stands in an arithmetic function is 0 there, as oscap has it and content needs it: "files of this kind + that kind".
 */
function argumentFlag(fn: string, parts: readonly Omit<VariableValues, 'datatype'>[]): CollectionFlag {
  const counts = parts.filter(({ flag, values }) => flag === 'does not exist' && values.length > 0);
  const flags = parts.filter((part) => fn !== 'arithmetic' || !counts.includes(part)).map(({ flag }) => flag);
  for (const flag of ['error', 'not collected', 'not applicable', 'does not exist', 'incomplete'] as const) {
    if (flags.includes(flag)) return flag;
  }
  return 'complete';
}

function reasonOf(parts: readonly Omit<VariableValues, 'datatype'>[]): { message?: string } {
  const message = parts.find((part) => part.message !== undefined)?.message;
  return message === undefined ? {} : { message };
}

/** Messages of failing functions quote their arguments, so a secret one needs another message. */
function discreetly<T>(fn: string, apply: () => T): T {
  try {
    return apply();
  } catch (error) {
    if (error instanceof FunctionError)
      throw new FunctionError(`the function ${fn} does not take a value that is not shown`);
    throw error;
  }
}

function fieldValues(
  { object, field, record }: { object: string; field: string; record?: string },
  collect: (object: string) => Collection,
): Omit<VariableValues, 'datatype'> {
  const { flag, items, message } = collect(object);
  const values: string[] = [];
  let secret = false;
  for (const item of items) {
    for (const entity of item.get(field) ?? []) {
      const held = record === undefined ? [entity] : (entity.fields?.[record] ?? []);
      secret ||= entity.secret === true;
      for (const each of held) if ((each.status ?? 'exists') === 'exists') values.push(each.value);
    }
  }
  return {
    flag,
    values: bounded(values),
    ...(message === undefined ? {} : { message }),
    ...(secret ? { secret } : {}),
  };
}

function bounded(values: readonly string[]): readonly string[] {
  if (values.length > maxVariableValues) throw new FunctionError(`more than ${maxVariableValues} values`);
  const length = values.reduce((sum, value) => sum + value.length, 0);
  if (length > maxVariableLength)
    throw new FunctionError(`values of more than ${maxVariableLength} characters`);
  return values;
}

function failed(message: string): VariableValues {
  return { flag: 'error', values: [], datatype: 'string', message };
}

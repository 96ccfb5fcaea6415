import { types } from 'node:util';

/** The error of a value: its place inside the value, what was expected and what was found. */
export interface Wrong {
  /** Below the value: `.packages[3].name`; empty: the value itself. */
  at: string;
  expected: string;
  found: string;
  remedy?: string;
}

/** The required shape of an argument. The value is read as it is; nothing is converted, and none of its functions is called. */
export interface OptionShape {
  /** Undefined: it is as it must be. */
  wrong(value: unknown): Wrong | undefined;
}

/** A value that must be there. */
export interface RequiredShape extends OptionShape {
  readonly isRequired: true;
}

export function required<S extends OptionShape>(shape: S): S & RequiredShape {
  return { ...shape, isRequired: true };
}

/** The same value where it may be absent. */
export function optional({ wrong }: OptionShape): OptionShape {
  return { wrong };
}

/** A shape by a test on the value alone. */
export function that(expected: string, isRight: (value: unknown) => boolean, remedy?: string): OptionShape {
  return {
    wrong: (value) =>
      isRight(value)
        ? undefined
        : { at: '', expected, found: kindOf(value), ...(remedy === undefined ? {} : { remedy }) },
  };
}

/** Any string: a passphrase may be empty. */
export const anyText: OptionShape = that('text', (value) => typeof value === 'string');
/** No system has paths or names with a NUL, and an empty one names nothing. */
export const text: OptionShape = that(
  'text',
  (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
);
export const flag: OptionShape = that('true or false', (value) => typeof value === 'boolean');
/** A count, or milliseconds. */
export const count: OptionShape = that(
  'a whole number, 0 or more',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
export const amount: OptionShape = that(
  'a number, 0 or more',
  (value) => typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY,
);
export const date: OptionShape = that(
  'a Date',
  (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  'make one with new Date(…)',
);
export const bytes: OptionShape = that('bytes (Uint8Array)', types.isUint8Array, 'read them with readFile');
export const callback: OptionShape = that('a function', (value) => typeof value === 'function');
export const pattern: OptionShape = that('a RegExp', types.isRegExp);
const isAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get;

export const signal: OptionShape = that(
  'an AbortSignal',
  // An object that only inherits from one has no state to read.
  (value) => value instanceof AbortSignal && typeof isAborted?.call(value) === 'boolean',
  "use an AbortController's signal, or AbortSignal.timeout(…)",
);
export const isAbsent: OptionShape = that('nothing', (value) => value === undefined);
/** A value that another check reads. */
export const anything: OptionShape = { wrong: () => undefined };

export function oneOf(values: readonly string[]): OptionShape {
  return {
    wrong: (value) =>
      values.some((one) => one === value)
        ? undefined
        : { at: '', expected: `one of ${values.join(', ')}`, found: shown(value) },
  };
}

export function listOf(each: OptionShape): OptionShape {
  const list = that('a list', Array.isArray);
  return {
    wrong: (value) =>
      list.wrong(value) ??
      firstWrong(value as readonly unknown[], (item, index) => below(`[${index}]`, each.wrong(item))),
  };
}

/** A plain object with values of one kind, by any names. */
export function recordOf(each: OptionShape): OptionShape {
  const record = that('an object', isObject);
  return {
    wrong: (value) =>
      record.wrong(value) ??
      firstWrong(Object.entries(value as object), ([name, item]) => below(`.${name}`, each.wrong(item))),
  };
}

export function mapOf(each: OptionShape): OptionShape {
  const map = that('a Map', (value) => value instanceof Map);
  return {
    wrong: (value) =>
      map.wrong(value) ??
      firstWrong([...(value as ReadonlyMap<unknown, unknown>)], ([name, item]) =>
        typeof name === 'string'
          ? below(`.get(${JSON.stringify(name)})`, each.wrong(item))
          : text.wrong(name),
      ),
  };
}

/** Any one of several shapes; `expected` describes them in the error. */
export function either(expected: string, ...shapes: readonly OptionShape[]): OptionShape {
  return {
    wrong(value) {
      const found = shapes.map((shape) => shape.wrong(value));
      if (found.includes(undefined)) return undefined;
      // If the value nearly matches a shape, that shape's error is more precise.
      return found.find((one) => one?.at !== '') ?? { at: '', expected, found: kindOf(value) };
    },
  };
}

/** An object that one of the library's own functions made, recognised by some of its fields. */
export function made(
  expected: string,
  remedy: string,
  fields: Readonly<Record<string, RequiredShape | OptionShape>>,
): OptionShape {
  const whole = that(expected, isObject, remedy);
  return {
    wrong(value) {
      const wrong = whole.wrong(value) ?? fieldsWrong(value as object, fields);
      return wrong && { ...wrong, remedy };
    },
  };
}

/** The first field that is not as it must be. */
export function fieldsWrong(
  value: object,
  fields: Readonly<Record<string, RequiredShape | OptionShape>>,
): Wrong | undefined {
  return firstWrong(Object.entries(fields), ([name, shape]) => {
    const field: unknown = Reflect.get(value, name);
    if (field === undefined && !('isRequired' in shape)) return undefined;
    return below(`.${name}`, shape.wrong(field));
  });
}

/** False also for values without readable fields, which the check refuses. */
export function hasField(value: unknown, name: string): boolean {
  try {
    return isObject(value) && name in value && Reflect.get(value, name) !== undefined;
  } catch {
    return false;
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The kind of a value, in the language's terms; long text is not repeated. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return value === '' ? 'empty text' : 'text';
  if (typeof value === 'number') return Number.isFinite(value) ? `the number ${value}` : String(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Promise) return 'a promise (await it)';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value.slice(0, 60) : kindOf(value);
}

function below(step: string, wrong: Wrong | undefined): Wrong | undefined {
  return wrong && { ...wrong, at: `${step}${wrong.at}` };
}

function firstWrong<Item>(
  items: readonly Item[],
  wrongOf: (item: Item, index: number) => Wrong | undefined,
): Wrong | undefined {
  for (const [index, item] of items.entries()) {
    const wrong = wrongOf(item, index);
    if (wrong) return wrong;
  }
  return undefined;
}

/** Checks, without a schema, what a value is made of: shapes are made of smaller ones. */

/** The pointer of the first fault, from the value on; empty: the value itself. Made only where there is one. */
export type Shape = (value: unknown) => string | undefined;

/** By a rule of its own. */
export const itself = (isRight: (value: unknown) => boolean): Shape => {
  return (value) => (isRight(value) ? undefined : '');
};

export const text = itself((value) => typeof value === 'string');
export const count = itself((value) => Number.isSafeInteger(value) && Number(value) >= 0);
export const truth = itself((value) => typeof value === 'boolean');
export const number = itself((value) => typeof value === 'number');
export const object = itself(isRecord);

export const word = (...words: readonly string[]): Shape =>
  itself((value) => typeof value === 'string' && words.includes(value));

export const nullOr =
  (shape: Shape): Shape =>
  (value) =>
    value === null ? undefined : shape(value);

/** Each of a list. */
export const each =
  (shape: Shape): Shape =>
  (value) => {
    if (!Array.isArray(value)) return '';
    // By its number: an inventory may have a million packages, and a hole in a list is no package.
    for (let at = 0; at < value.length; at++) {
      const fault = shape(value[at]);
      if (fault !== undefined) return `/${at}${fault}`;
    }
    return undefined;
  };

/** A list of so many, each of its own shape. */
export const tuple =
  (...shapes: readonly Shape[]): Shape =>
  (value) => {
    if (!Array.isArray(value) || value.length !== shapes.length) return '';
    for (let at = 0; at < shapes.length; at++) {
      const fault = shapes[at]!(value[at]);
      if (fault !== undefined) return `/${at}${fault}`;
    }
    return undefined;
  };

/** A shape that may contain itself, to a maximum depth. */
export function nested(most: number, shapeOf: (itself: Shape) => Shape): Shape {
  let level = 0;
  const inside: Shape = (value) => {
    if (level === most) return '';
    level += 1;
    const fault = shape(value);
    level -= 1;
    return fault;
  };
  const shape = shapeOf(inside);
  return inside;
}

/** Each member of an object. */
export const eachMember =
  (shape: Shape): Shape =>
  (value) => {
    if (!isRecord(value)) return '';
    for (const [name, one] of Object.entries(value)) {
      const fault = shape(one);
      if (fault !== undefined) return `/${name}${fault}`;
    }
    return undefined;
  };

/** An object with some members; others are passed over. */
export function members(
  needed: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  const shapes = Object.entries({ ...needed, ...optional }).map(([name, shape]) => ({
    ...{ name, shape },
    isOptional: Object.hasOwn(optional, name),
  }));
  return (value) => {
    if (!isRecord(value)) return '';
    for (const { name, shape, isOptional } of shapes) {
      const one = Object.hasOwn(value, name) ? value[name] : undefined;
      if (one === undefined && isOptional) continue;
      const fault = shape(one);
      if (fault !== undefined) return `/${name}${fault}`;
    }
    return undefined;
  };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

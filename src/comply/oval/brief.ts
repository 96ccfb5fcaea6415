import type { OvalEntity, OvalObject, OvalState } from './model.ts';

/** Types whose items are looked up by name among installed packages. */
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

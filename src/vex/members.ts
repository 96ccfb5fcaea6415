import { each, isRecord, itself, members, type Shape } from '../model/shape.ts';
import { invalidVex } from './invalid.ts';

/** A text that says something; those that only explain may be empty. */
export const text: Shape = itself((value) => typeof value === 'string' && value !== '');
export const texts: Shape = each(text);

/** Branches and components in others: JSON has no more levels. */
export const maxLevels = 256;

/** A member whose value is read elsewhere, such as a date: only its name may not be written in another way. */
export const other: Shape = itself(() => true);

type Members = Readonly<Record<string, Shape>>;

/** A record whose members may be absent, but not written in another way: `Versions`, `bomRef`. */
export function record(optional: Members): Shape {
  const shape = members({}, optional);
  const names = new Set(Object.keys(optional).map(bare));
  const isOther = (name: string) => !Object.hasOwn(optional, name) && names.has(bare(name));
  return (value) => {
    const fault = shape(value);
    const other = fault === undefined && isRecord(value) ? Object.keys(value).find(isOther) : undefined;
    return other === undefined ? fault : `/${other}`;
  };
}

/** A name without what spellings differ in. */
export function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

export function textOr(optional: Members): Shape {
  const inside = record(optional);
  return (value) => (typeof value === 'string' ? text(value) : inside(value));
}

/**
 * Refuses a document in which a member that is read has another type or spelling: read as absent it would leave the statement wider than its words.
 * `null` is a value of another type, too. @throws {ScapfeedError} VEX_INVALID
 */
export function requireMembers(document: unknown, shape: Shape, where: string): void {
  const fault = shape(document);
  if (fault !== undefined)
    throw invalidVex(
      'found a member of a type or in a spelling that its format does not have there',
      `${where}#${fault}`,
    );
}

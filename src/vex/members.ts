import { each, itself, members, type Shape } from '../model/shape.ts';
import { invalidVex } from './invalid.ts';

/** A text that says something; those that only explain may be empty. */
export const text: Shape = itself((value) => typeof value === 'string' && value !== '');
export const texts: Shape = each(text);

/** Branches and components in others: JSON has no more levels. */
export const maxLevels = 256;

type Members = Readonly<Record<string, Shape>>;

/** A record whose members may be absent. */
export const record = (optional: Members): Shape => members({}, optional);

export function textOr(optional: Members): Shape {
  const inside = record(optional);
  return (value) => (typeof value === 'string' ? text(value) : inside(value));
}

/**
 * Refuses a document in which a member that is read has another type: read as absent it would leave the statement wider than its words.
 * `null` is a value of another type, too. @throws {ScapfeedError} VEX_INVALID
 */
export function requireMembers(document: unknown, shape: Shape, where: string): void {
  const fault = shape(document);
  if (fault !== undefined)
    throw invalidVex('found a value of a type that its format does not have there', `${where}#${fault}`);
}

import { type JsonBound, parseForeignJson } from '../io/foreign-json.ts';

/** Returns the document, or undefined if the text is not JSON, or not within the bound. */
export function parseJson(text: string, bound: JsonBound = {}): unknown {
  try {
    return parseForeignJson(text, bound);
  } catch {
    return undefined;
  }
}

/** Returns a property of a value that should be an object; undefined if it is not one. */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Returns the strings in a value that should be an array. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

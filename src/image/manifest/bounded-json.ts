import { JsonBoundError, JsonNameError, parseForeignJson } from '../../io/foreign-json.ts';
import { aboveLimit, type Budget, malformed } from '../limits.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses untrusted JSON with limits on size and depth. A name that an object has twice is malformed: whoever signed or checked it may have
 * read the other value. @throws IMAGE_LIMIT_EXCEEDED, IMAGE_MALFORMED
 */
export function parseBoundedJson(
  bytes: Buffer,
  budget: Budget,
  limit: 'manifestBytes' | 'configBytes' | 'tableBytes',
  where: string,
): unknown {
  budget.check(limit, bytes.length, where);
  try {
    return parseForeignJson(bytes, { maxDepth: budget.limits.jsonDepth, uniqueNames: true });
  } catch (error) {
    if (error instanceof JsonBoundError) throw aboveLimit(error.message, where);
    // The parser's own messages would quote the text, which may be from a file outside, through a link.
    if (error instanceof JsonNameError)
      throw malformed('expected each name once in a JSON object, found one twice', where);
    const position = /position \d+/.exec(error instanceof Error ? error.message : '')?.[0];
    throw malformed(
      `expected JSON, found other text${position === undefined ? '' : ` at ${position}`}`,
      where,
    );
  }
}

/** Errors: IMAGE_MALFORMED. */
export function requireObject(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw malformed(`expected an object, found ${kindOf(value)}`, where);
}

/** Errors: IMAGE_MALFORMED. */
export function requireArray(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed(`expected an array, found ${kindOf(value)}`, where);
}

/** Errors: IMAGE_MALFORMED. */
export function requireString(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw malformed(`expected a string, found ${kindOf(value)}`, where);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

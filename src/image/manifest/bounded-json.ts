import type { Budget } from '../limits.ts';
import { malformed } from '../malformed.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses untrusted JSON with limits on size and depth. @throws IMAGE_LIMIT_EXCEEDED, IMAGE_MALFORMED */
export function parseBoundedJson(
  bytes: Buffer,
  budget: Budget,
  limit: 'manifestBytes' | 'configBytes',
  where: string,
): unknown {
  budget.check(limit, bytes.length, where);
  budget.check('jsonDepth', depthOf(bytes), where);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    // The parser's message would quote the text, which may be from a file outside, through a link.
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

/** Greatest nesting, by the bytes outside strings, before the text is parsed. */
function depthOf(bytes: Buffer): number {
  let depth = 0;
  let greatest = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) greatest = Math.max(greatest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return greatest;
}

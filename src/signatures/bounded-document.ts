import { Budget, defaultLimits } from '../image/limits.ts';
import { type JsonObject, parseBoundedJson, requireObject } from '../image/manifest/bounded-json.ts';
import { signatureLimits } from './limits.ts';
import { Refused } from './refused.ts';

/** Nesting of an attested SBOM, whose components may have components. */
const jsonDepth = 256;

/** A stranger's JSON object of bounded size and depth. Refused: SIGNATURE_MALFORMED. */
export function readObject(bytes: Buffer, what: string): JsonObject {
  const budget = new Budget({
    ...defaultLimits,
    manifestBytes: signatureLimits.signatureBytes,
    jsonDepth,
  });
  try {
    return requireObject(parseBoundedJson(bytes, budget, 'manifestBytes', what), what);
  } catch (error) {
    throw new Refused('SIGNATURE_MALFORMED', `${what}: ${(error as Error).message}`, error);
  }
}

/** Longest text of a stranger in a message. */
const maxShown = 200;

/** A stranger's value in a message: an object may define a `toString` of its own, which is no function. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, maxShown);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}

/** The bytes of a text in base64, broken into lines or not; decoders would pass over anything else. */
export function base64Bytes(value: unknown, what: string): Buffer {
  if (typeof value === 'string' && /^[A-Za-z0-9+/_\r\n-]*={0,2}$/.test(value.trimEnd())) {
    const bytes = Buffer.from(value, 'base64');
    if (bytes.length > 0) return bytes;
  }
  throw new Refused('SIGNATURE_MALFORMED', `${what}: expected base64, found other text`);
}

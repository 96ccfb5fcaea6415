import type { SignedResult } from '../model/index.ts';

/** The whole result as JSON (schemas/signed.schema.json). */
export function signedJson(result: SignedResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

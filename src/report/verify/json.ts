import type { Verification } from '../../model/index.ts';

/** The whole result as JSON (schemas/verification.schema.json). */
export function verificationJson(result: Verification): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

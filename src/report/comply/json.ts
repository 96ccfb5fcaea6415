import type { ComplianceResult } from '../../model/index.ts';

/** The whole result as JSON (schemas/compliance.schema.json). */
export function complianceJson(result: ComplianceResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

import type { ComplianceResult } from '../../model/compliance/index.ts';
import type { Ignored } from '../../model/verdict/index.ts';
import { type ChosenPolicy, policyUse } from './exceptions.ts';

/** Rules that the policy waives are marked, in every format by their message. */
export async function waive<Found extends { result: ComplianceResult }>(
  compliance: Found,
  chosen: ChosenPolicy | undefined,
  now: Date,
): Promise<Found> {
  if (!chosen) return compliance;
  const { waivedRules } = await import('../../policy/index.ts');
  const waivers = waivedRules(chosen.policy, now.toISOString().slice(0, 10));
  const rules = compliance.result.rules.map((rule) => {
    const waived = notPassed.has(rule.result) ? waivers.of(rule) : undefined;
    return waived ? { ...rule, waived, message: waivedMessage(waived, rule.message) } : rule;
  });
  const result = { ...compliance.result, policy: policyUse(chosen, waivers.uses()), rules };
  return { ...compliance, result };
}

/** Results that a waiver can accept. */
const notPassed: ReadonlySet<string> = new Set(['fail', 'error', 'unknown']);

function waivedMessage({ reason, until }: Ignored, message: string | undefined): string {
  const words = `waived${until === undefined ? '' : ` until ${until}`}: ${reason}`;
  return message === undefined ? words : `${words}; ${message}`;
}

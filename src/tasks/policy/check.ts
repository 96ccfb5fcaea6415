import type { CheckedPolicy, CheckedPolicyEntry } from '../../report/checked-policy.ts';
import { requirePolicyOptions } from '../policy-options.ts';
import { policyIn } from './file.ts';

/** Reads a policy as a whole. @throws {ScapfeedError} POLICY_INVALID, USAGE for an option's value */
export async function checkPolicyFile(file: string, now: Date): Promise<CheckedPolicy> {
  const { isExpired } = await import('../../policy/index.ts');
  const policy = await policyIn(file);
  requirePolicyOptions(policy);
  const { sha256, options, ignore, allow, waivers } = policy;
  const day = now.toISOString().slice(0, 10);
  const entries: CheckedPolicyEntry[] = [...ignore, ...allow, ...waivers].map((entry) => ({
    ...entry,
    expired: isExpired(entry, day),
  }));
  return { file, sha256, options, entries };
}

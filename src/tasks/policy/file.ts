import { readAtMost, readOrRefuse } from '../../io/read-at-most.ts';
import type { PolicyFile } from '../../policy/index.ts';
import type { CheckedPolicy, CheckedPolicyEntry } from '../../report/checked-policy.ts';
import { requirePolicyOptions } from '../policy-options.ts';

/** More than YAML may have, and few enough to be read from a device that has no end. */
const longestFile = 2 << 20;

/** The policy that a user names, or finds. @throws {ScapfeedError} POLICY_INVALID */
export async function policyIn(file: string): Promise<PolicyFile> {
  // Most runs have no policy: the code that reads YAML takes longer to load than a scan.
  const { readPolicyFile } = await import('../../policy/index.ts');
  const bytes = readOrRefuse(() => readAtMost(file, longestFile), {
    ...{ code: 'POLICY_INVALID', what: 'the policy', where: file },
    remedy: 'specify an existing, readable file',
  });
  return readPolicyFile(bytes, file);
}

/** Reads a policy as a whole. @throws {ScapfeedError} POLICY_INVALID, USAGE for an option's value */
export async function checkPolicyFile(file: string, now: Date): Promise<CheckedPolicy> {
  const { isExpired } = await import('../../policy/index.ts');
  const policy = await policyIn(file);
  requirePolicyOptions(policy);
  const { sha256, options, ignore, allow, waivers, vex } = policy;
  const day = now.toISOString().slice(0, 10);
  const entries: CheckedPolicyEntry[] = [...ignore, ...allow, ...waivers].map((entry) => ({
    ...entry,
    expired: isExpired(entry, day),
  }));
  return { file, sha256, options, entries, ...(vex && { vex }) };
}

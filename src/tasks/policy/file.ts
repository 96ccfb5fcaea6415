import { readAtMost, readOrRefuse } from '../../io/read-at-most.ts';
import type { PolicyFile } from '../../policy/index.ts';
import type { CheckedPolicy, CheckedPolicyEntry } from '../../report/checked-policy.ts';
import { rulePolicyOptions } from '../comply/options.ts';
import type { OptionTable } from '../option.ts';
import { policyOptions as scanOptions, severityFrom } from '../scan/options.ts';
import { verifyOptions } from '../verify/options.ts';

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

/** The options of a command that a policy may set: the command's own. */
export const policyOptions: Readonly<Record<keyof PolicyFile['options'], OptionTable>> = {
  scan: {
    ...pick(scanOptions, 'fail-on', 'allow-uncovered', 'allow-unrated', 'severity', 'only-fixed'),
    ...pick(scanOptions, 'fixed-before', 'sort'),
    'severity-from': severityFrom,
  },
  verify: pick(verifyOptions, 'fail-on', 'allow-uncovered'),
  comply: rulePolicyOptions,
};

/**
 * Reads the options of a policy as the commands do.
 * @throws {ScapfeedError} USAGE
 */
export function requirePolicyOptions({ file, options }: PolicyFile): void {
  for (const [command, table] of Object.entries(policyOptions))
    for (const [name, option] of Object.entries(table))
      option.read(options[command as keyof typeof options][name] ?? [], {
        command,
        flag: `${file}: ${name}`,
      });
}

function pick<Table extends OptionTable>(
  table: Table,
  ...names: readonly (keyof Table & string)[]
): OptionTable {
  return Object.fromEntries(names.map((name) => [name, table[name]!]));
}

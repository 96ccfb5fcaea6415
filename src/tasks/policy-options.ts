import type { PolicyFile } from '../policy/index.ts';
import { rulePolicyOptions } from './comply/options.ts';
import type { OptionTable } from './option.ts';
import { policyOptions as scanOptions, severityFrom } from './scan/options.ts';
import { verifyOptions } from './verify/options.ts';

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

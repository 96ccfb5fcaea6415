import { lstatSync } from 'node:fs';
import { ScapfeedError } from '../../model/error.ts';
import { usage } from '../../tasks/given-words.ts';
import type { OptionTable, OptionValues } from '../../tasks/option.ts';
import type { ChosenPolicy } from '../../tasks/policy/exceptions.ts';
import { policyIn } from '../../tasks/policy/file.ts';
import { type policyFileOptions, policyName } from '../../tasks/policy/options.ts';
import type { Arguments } from '../command.ts';

/**
 * Reads the policy that is named, or the one in the working directory, as other scanners do. There a link, or a file of another user, is
 * refused: the directory may be a stranger's, and a policy puts results aside. @throws {ScapfeedError} POLICY_INVALID, USAGE
 */
export async function readChosenPolicy(
  command: string,
  { policy: named, 'no-policy': none }: OptionValues<typeof policyFileOptions>,
): Promise<ChosenPolicy | undefined> {
  if (named !== undefined && none)
    throw usage(command, '--policy and --no-policy contradict each other', 'give one of them');
  if (none) return undefined;
  const found = named ?? foundPolicy();
  if (found === undefined) return undefined;
  return {
    policy: await policyIn(found),
    chosen: named === undefined ? 'working_directory' : 'option',
  };
}

function foundPolicy(): string | undefined {
  const stat = lstatSync(policyName, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const own = process.getuid?.();
  if (stat.isSymbolicLink()) throw notTrusted('is a link, which may lead to any file');
  if (!stat.isFile()) throw notTrusted('is not a regular file');
  if (own !== undefined && stat.uid !== own && stat.uid !== 0) throw notTrusted('belongs to another user');
  return policyName;
}

function notTrusted(fault: string): ScapfeedError {
  return new ScapfeedError({
    code: 'POLICY_INVALID',
    message: `the policy in the working directory ${fault}`,
    where: policyName,
    remedy: `confirm that you trust it with --policy ${policyName}, or ignore it with --no-policy`,
  });
}

/** The options of a command with those of its section in the policy, except what is decided: set or taken back elsewhere. */
export function withPolicyOptions<Table extends OptionTable>(
  command: 'scan' | 'verify' | 'comply',
  table: Table,
  { options: given, decided }: Pick<Arguments<Table, readonly string[]>, 'options' | 'decided'>,
  chosen: ChosenPolicy | undefined,
): OptionValues<Table> {
  if (!chosen) return given;
  const values: Record<string, unknown> = { ...given };
  for (const [name, texts] of Object.entries(chosen.policy.options[command])) {
    const option = table[name];
    if (option === undefined) {
      throw usage(
        command,
        `${chosen.policy.file}: ${command} has no option ${name}`,
        'take it out of the policy',
      );
    }
    // A policy with a mistake is refused as a whole, also where the mistake would be without effect.
    const value = option.read(texts, { command, flag: `${chosen.policy.file}: ${name}` });
    if (!decided.has(name)) values[name] = value;
  }
  // Each value is what its own option read.
  return values as OptionValues<Table>;
}

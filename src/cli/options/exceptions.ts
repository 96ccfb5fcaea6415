import type { Exceptions, ScanResult } from '../../model/index.ts';
import { flag, group, type OptionValues } from '../option.ts';
import { type ChosenPolicy, policyFileOptions, policyUse, readChosenPolicy } from './policy-file.ts';

/** Options that put results aside which somebody has looked at before. */
export const exceptionOptions = {
  ...policyFileOptions,
  ...group('Policy', {
    'show-ignored': flag('also list what the policy puts aside'),
  }),
};

/** The exceptions that the user gave, read before the image is. */
export interface GivenExceptions {
  policy?: ChosenPolicy;
}

export async function readExceptions(
  command: string,
  given: OptionValues<typeof exceptionOptions>,
): Promise<GivenExceptions> {
  const policy = await readChosenPolicy(command, given);
  return policy ? { policy } : {};
}

/** A result with what the exceptions put aside, each verdict with its reason. The policy of the user comes first. */
export async function withExceptions(
  result: ScanResult,
  { policy }: GivenExceptions,
  now: Date,
): Promise<ScanResult> {
  if (!policy) return result;
  const day = now.toISOString().slice(0, 10);
  let { verdicts } = result;
  const exceptions: Exceptions = {};
  if (policy) {
    const { ignoreByPolicy } = await import('../../policy/index.ts');
    const ignored = ignoreByPolicy(verdicts, policy.policy, result.image.layers, day);
    verdicts = ignored.verdicts;
    exceptions.policy = policyUse(policy, ignored.entries);
  }
  return { ...result, verdicts, exceptions };
}

import { type CheckedPolicy, checkedPolicyText } from '../report/checked-policy.ts';
import { checkPolicyFile } from '../tasks/policy/check.ts';
import type { ChosenPolicy } from '../tasks/policy/exceptions.ts';
import { policyIn } from '../tasks/policy/file.ts';
import { timeOf } from './image.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { date, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** @internal The policy that a caller names; only its accepted risks, paths and waivers are used, not its options. */
export async function policyAt(file: string): Promise<ChosenPolicy> {
  return { policy: await policyIn(file), chosen: 'option' };
}

/** Options of {@link checkPolicy}. */
export interface CheckPolicyOptions extends RunOptions {
  /** The time that decides which entries have expired. Default: now. */
  now?: Date;
}

/** @internal */
export const checkPolicyParameters: ParameterCheck = new ParameterCheck('checkPolicy', {
  file: required(text),
  options: optionShapes<CheckPolicyOptions>({ ...things.runOptions, now: date }),
});

/**
 * Reads a policy file: what it accepts, until when, and which options of `scan`, `verify` and `comply` it sets. Same as
 * `scapfeed policy check`. {@link judge}, {@link comply} and {@link verifyFiles} use its entries (`policyFile`), and not its options.
 *
 * @param file - Path of a scapfeed.yaml.
 * @returns All entries in the order of `ignore`, `verify.allow` and `comply.waivers`. An expired entry is not an error.
 * @throws {@link ScapfeedError} `POLICY_INVALID` when the file cannot be read or used; `USAGE` when an option has a value that its
 * command does not take
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { checkPolicy } from 'scapfeed';
 *
 * await writeFile('scapfeed.yaml', 'ignore:\n  - package: zlib\n    reason: not used\n    until: 2020-01-31\n');
 * const { result } = await checkPolicy('scapfeed.yaml');
 * console.log(result.entries.map(({ where, expired }) => [where, expired])); // [ [ '/ignore/0', true ] ]
 * ```
 */
export function checkPolicy(
  file: string,
  options: CheckPolicyOptions = {},
): Promise<Reported<CheckedPolicy, 'json' | 'table'>> {
  return run(checkPolicyParameters, [file, options], async () => {
    const checked = await checkPolicyFile(file, timeOf(options));
    return reported(checked, { json: () => json(checked), table: () => checkedPolicyText(checked) });
  });
}

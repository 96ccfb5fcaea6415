import { type CheckedPolicy, checkedPolicyText } from '../report/checked-policy.ts';
import type { GateOutcome } from '../tasks/outcome.ts';
import type { ChosenPolicy } from '../tasks/policy/exceptions.ts';
import { checkPolicyFile, policyIn } from '../tasks/policy/file.ts';
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

/** The outcome of a gate: that of the command with the same options. */
export interface GateResult<Code extends number = 0 | 1 | 4> {
  /** 0: fine; 1: what the gate fails for was found; 4: something could not be judged. */
  readonly exitCode: Code;
  /** Sentences for a log. Empty if there is nothing to say. */
  readonly reasons: readonly string[];
}

/** @internal */
export function gateResult<Code extends number>({
  exitCode,
  reasons,
  error,
}: GateOutcome<Code>): GateResult<Code> {
  return { exitCode, reasons: error ? [...reasons, error.message] : reasons };
}

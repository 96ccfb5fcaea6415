import { type Severity, severities } from '../../model/index.ts';
import { choice, flag } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** Options that decide which results of definitions fail. */
export interface EvalPolicyOptions {
  /**
   * The severity from which on a flaw, a missing patch or a failed check fails (`policy.exitCode` 1). `any`: also unrated ones.
   * Default: nothing fails.
   */
  failOn?: Exclude<Severity, 'unknown'> | 'any';
  /** Does not set `policy.exitCode` to 4 for definitions and platform checks that could not be evaluated. */
  allowUnjudged?: boolean;
  /** Does not set `policy.exitCode` to 4 because the content rates less than half of what was found. */
  allowUnrated?: boolean;
}

const rated = severities.filter((severity) => severity !== 'unknown');

/** The options of {@link EvalPolicyOptions}. */
export const evalPolicyOptions = {
  'fail-on': choice(
    [...rated, 'any'],
    'exit 1 if a flaw, missing patch or failed check has at least this severity in the content; any: any ' +
      'severity',
    { metavar: 'S', noun: 'severity', anyCase: true },
  ),
  'allow-unjudged': flag(
    'do not exit 4 because of definitions or platform checks that could not be evaluated',
  ),
  'allow-unrated': flag('do not exit 4 if the content does not rate most of what it found, with --fail-on'),
} satisfies OptionTableOf<EvalPolicyOptions>;

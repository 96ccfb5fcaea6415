import { choice, flag } from '../option.ts';
import { ruleSeverities } from './gate.ts';

/** `--fail-on` of rules, `--fail-on-rule` of `check`. */
export const failOnRules = choice(ruleSeverities, 'exit 1 when a rule of at least this severity fails: %', {
  metavar: 'S',
  noun: 'severity',
});

export const allowUnjudged = flag(
  'do not exit 4 because of gated rules with the result error or unknown, or of failed rules without a severity',
);

import { type DeviationKind, deviationKinds } from '../../model/verdict/index.ts';
import { choice, flag, type Option, ofCommandLine, repeatable, text } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** Options that decide what a comparison of files accepts and fails for. */
export interface VerifyPolicyOptions {
  /** Kinds of deviations that fail (`policy.exitCode` 1). Default: none. */
  failOn?: readonly (DeviationKind | 'any')[];
  /** Patterns of accepted paths: `/app/**`. */
  allow?: readonly string[];
  /** Does not set `policy.exitCode` to 4 for packages without a list of their files. */
  allowUncovered?: boolean;
}

/** The options of {@link VerifyPolicyOptions}, and the rows of the table. */
export const verifyOptions = {
  'fail-on': repeatable(
    choice([...deviationKinds, 'any'], 'exit 1 if there is a deviation of this kind: %', {
      metavar: 'KIND',
      noun: 'kind of deviation',
    }),
    { commas: true },
  ),
  allow: repeatable(text('PATTERN', 'ignore paths like this: /app/**, /usr/local/bin/*')),
  'allow-uncovered': flag('accept packages that have no list of their files'),
  all: ofCommandLine(flag('list every deviation, and permissions that packages explain')),
} satisfies OptionTableOf<VerifyPolicyOptions> & { all: Option };

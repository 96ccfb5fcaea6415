import { type DefinitionClass, definitionClasses } from '../../model/compliance/index.ts';
import { type Severity, severities } from '../../model/feed/index.ts';
import { choice, flag, inLibrary, path, repeatable, required, text } from '../option.ts';
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

/** The content, the definitions to evaluate, and what fails. */
export interface EvalOptions extends EvalPolicyOptions {
  /** Path of OVAL definitions or a data stream, compressed or not, or of the output of `scapfeed compile` for them. */
  content: string;
  /** Ids of the definitions to evaluate. Default: all. */
  definitions?: readonly string[];
  /** Classes of the definitions to evaluate. Default: all. */
  classes?: readonly DefinitionClass[];
  /** Path of an OVAL variables document with values for external variables. */
  variables?: string;
  /** Lists every definition, not only those that need action or could not be evaluated. */
  all?: boolean;
}

const rated = severities.filter((severity) => severity !== 'unknown');

/** The options of {@link EvalOptions}. */
export const evalOptions = {
  content: required(
    path(
      'FILE',
      'OVAL definitions or a data stream, plain or compressed, or the output of `scapfeed compile`',
    ),
  ),
  definition: inLibrary('definitions', repeatable(text('ID', 'evaluate only this definition'))),
  class: inLibrary(
    'classes',
    repeatable(
      choice(definitionClasses, 'evaluate only definitions of this class: %', {
        metavar: 'CLASS',
        noun: 'class',
      }),
      { commas: true },
    ),
  ),
  variables: path('FILE', 'an OVAL variables document with the values of external variables'),
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
  all: flag('list every definition'),
} satisfies OptionTableOf<EvalOptions, { definition: 'definitions'; class: 'classes' }>;

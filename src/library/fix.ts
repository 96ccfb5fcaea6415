import type { ComplianceResult } from '../model/compliance/index.ts';
import { ScapfeedError } from '../model/error.ts';
import type { ContentFile } from '../tasks/content/options.ts';
import { type FixParameters, fixScriptOptions } from '../tasks/fix/options.ts';
import {
  type FixScript,
  failedRules,
  hasRules,
  fixScript as scriptOf,
  selectedRules,
} from '../tasks/fix/run.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { either, required, text, that } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link fixScript}: either results, for failed rules, or content, for the rules that a profile selects. */
export interface FixScriptOptions extends RunOptions, FixParameters {
  /** A result of {@link comply}, or the path of its JSON. Either this or `content`. */
  results?: ComplianceResult | string;
  content?: ContentFile;
}

/** @internal */
export const fixScriptParameters: ParameterCheck = new ParameterCheck('fixScript', {
  options: required(
    optionShapes<FixScriptOptions>({
      ...things.runOptions,
      results: either(
        'the result of comply, or the path of its JSON',
        text,
        that('the result of comply', hasRules, "pass `result` of what comply returned, or its JSON's path"),
      ),
      content: things.contentFile,
      ...shapesOf(fixScriptOptions),
    }),
  ),
});

/**
 * Writes one script from the fixes that the content has for rules. Same as `scapfeed fix`. Nothing is executed.
 *
 * @returns The script, the number of rules with a fix of this type, and the ids of those without.
 * @throws {@link ScapfeedError} `USAGE` when neither or both of `results` and `content` are given, or `results` is not a result;
 * `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`
 * @example
 * ```ts
 * import { comply, fixScript } from 'scapfeed';
 *
 * const { result } = await comply('dir:image', { content: { file: 'benchmark.xml' }, profile: 'standard' });
 * const { script, fixed, rules, without } = await fixScript({ results: result, type: 'bash' });
 * console.log(script.startsWith('#!/usr/bin/env bash')); // true
 * console.log(fixed + without.length === rules); // true
 * ```
 */
export function fixScript(options: FixScriptOptions): Promise<FixScript> {
  return run(fixScriptParameters, [options], async () => {
    const { results, content, profile, type = 'bash' } = options;
    if (results !== undefined && content === undefined) return scriptOf(failedRules(results), type);
    if (content !== undefined && results === undefined)
      return scriptOf(selectedRules(content, profile), type);
    throw new ScapfeedError({
      code: 'USAGE',
      message: 'expected either results or content',
      remedy: 'pass results of comply for failed rules, or content for those that a profile selects',
    });
  });
}

import type { ContentFile } from '../acts/comply-image.ts';
import {
  type FixScript,
  failedRules,
  hasRules,
  fixScript as scriptOf,
  selectedRules,
} from '../acts/fix-script.ts';
import { type RemediationType, remediationTypes } from '../comply/index.ts';
import { type ComplianceResult, ScapfeedError } from '../model/index.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { either, oneOf, required, text, that } from './door/shape.ts';
import * as things from './door/things.ts';
import { type RunOptions, run } from './run.ts';

/** Of which rules fixes are wanted: of those that failed, or of those that a profile selects. */
export interface FixScriptOptions extends RunOptions {
  /** A result of {@link comply}, or the path of its JSON. Either this or `content`. */
  results?: ComplianceResult | string;
  content?: ContentFile;
  /** With `content`: the profile, whole or its end. Default: the benchmark's own selection. */
  profile?: string;
  /** Default: `bash`. */
  type?: RemediationType;
}

/** @internal */
export const fixScriptDoor: Door = new Door('fixScript', {
  options: required(
    optionShapes<FixScriptOptions>({
      ...things.runOptions,
      results: either(
        'the result of comply, or the path of its JSON',
        text,
        that('the result of comply', hasRules, "pass `result` of what comply returned, or its JSON's path"),
      ),
      content: things.contentFile,
      profile: text,
      type: oneOf(remediationTypes),
    }),
  ),
});

/**
 * Writes the fixes of rules, as their content has them, as one script: what `scapfeed fix` does. Nothing is run.
 *
 * @returns The script, how many of the rules have a fix of this type, and the ids of those that have none.
 * @throws {@link ScapfeedError} `USAGE`: neither or both of `results` and `content`, or no results; `CONTENT_MISSING`,
 * `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`
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
  return run(fixScriptDoor, [options], async () => {
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

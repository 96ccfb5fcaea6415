import type { ListedRule } from '../comply/index.ts';
import { type ContentFile, type TailoringParameters, tailoringOptions } from '../tasks/content/options.ts';
import {
  contentGuide as guideOf,
  tailoringPage as pageOf,
  rulesOf,
  type Tailored,
  tailorContent,
} from '../tasks/content/tailor.ts';
import { timeOf } from './image.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { anyText, date, oneOf, recordOf, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** Severities of rules in XCCDF. */
export type TailoredSeverity = 'unknown' | 'info' | 'low' | 'medium' | 'high';

const severityWords: readonly TailoredSeverity[] = ['unknown', 'info', 'low', 'medium', 'high'];

/** Options that select a profile. */
export interface ProfileOptions extends RunOptions {
  /** The profile's id, in full or its last part. Default: the benchmark's default selection. */
  profile?: string;
}

/** Options of {@link tailor}: the changes to a profile. Rules, groups and values are named by id or by its last part. */
export interface TailorOptions extends ProfileOptions, TailoringParameters {
  /** Path of a tailoring file whose profile is changed further. Default, and if the file does not exist: a new tailoring. */
  from?: string;
  /** New values, by name of the value. */
  set?: Readonly<Record<string, string>>;
  /** New severities, by name of the rule. */
  severity?: Readonly<Record<string, TailoredSeverity>>;
  /** The time in the document. Default: now. */
  now?: Date;
}

/** @internal */
export const tailorParameters: ParameterCheck = new ParameterCheck('tailor', {
  content: required(things.contentFile),
  options: optionShapes<TailorOptions>({
    ...things.runOptions,
    profile: text,
    from: text,
    ...shapesOf(tailoringOptions),
    set: recordOf(anyText),
    severity: recordOf(oneOf(severityWords)),
    now: date,
  }),
});

/**
 * Creates a tailoring of a profile, or changes one. Same as `scapfeed tailor`. {@link comply} reads the document from a file.
 *
 * @returns The id of the tailored profile, and the XCCDF document that contains it.
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`; `USAGE` when a rule or value does not
 * exist
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import { comply, tailor } from 'scapfeed';
 *
 * const content = { file: 'benchmark.xml' };
 * const { profile, document } = await tailor(content, { profile: 'standard', unselect: ['setting1'] });
 * await writeFile('ours.xml', document);
 * const { result } = await comply('dir:image', { content, tailoring: 'ours.xml', profile });
 * console.log(result.rules.filter((rule) => rule.result !== 'notselected').length); // 1
 * ```
 */
export function tailor(content: ContentFile, options: TailorOptions = {}): Promise<Tailored> {
  return run(tailorParameters, [content, options], async () => {
    const { profile, from, select = [], unselect = [], set = {}, severity = {} } = options;
    const assignments = (values: Readonly<Record<string, string>>) =>
      Object.entries(values).map(([name, value]) => `${name}=${value}`);
    const request = {
      ...(profile === undefined ? {} : { profile }),
      ...{ select, unselect, set: assignments(set), severity: assignments(severity) },
    };
    return tailorContent(content, from, request, timeOf(options));
  });
}

const profileShapes = optionShapes<ProfileOptions>({ ...things.runOptions, profile: text });

/** @internal */
export const listRulesParameters: ParameterCheck = new ParameterCheck('listRules', {
  content: required(things.contentFile),
  options: profileShapes,
});

/**
 * Lists the rules of content with their title, severity and whether a profile selects them. Same as `scapfeed tailor --list`.
 *
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`
 * @example
 * ```ts
 * import { listRules } from 'scapfeed';
 *
 * const rules = await listRules({ file: 'benchmark.xml' }, { profile: 'standard' });
 * console.log(rules.filter(({ selected }) => selected).length); // 2
 * ```
 */
export function listRules(content: ContentFile, options: ProfileOptions = {}): Promise<ListedRule[]> {
  return run(listRulesParameters, [content, options], async () => rulesOf(content, options.profile));
}

/** @internal */
export const tailoringPageParameters: ParameterCheck = new ParameterCheck('tailoringPage', {
  content: required(things.contentFile),
  options: profileShapes,
});

/**
 * Generates a page for tailoring content by hand: one HTML file that needs no server. Same as `scapfeed tailor --page`.
 *
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`
 * @example
 * ```ts
 * import { tailoringPage } from 'scapfeed';
 *
 * const page = await tailoringPage({ file: 'benchmark.xml' }, { profile: 'standard' });
 * console.log(page.startsWith('<!doctype html>')); // true
 * ```
 */
export function tailoringPage(content: ContentFile, options: ProfileOptions = {}): Promise<string> {
  return run(tailoringPageParameters, [content, options], async () => pageOf(content, options.profile));
}

/** @internal */
export const contentGuideParameters: ParameterCheck = new ParameterCheck('contentGuide', {
  content: required(things.contentFile),
  options: profileShapes,
});

/**
 * Generates a guide to the rules of a profile as one HTML page. Same as `scapfeed guide`.
 *
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`; `USAGE` when no rule is selected
 * @example
 * ```ts
 * import { contentGuide } from 'scapfeed';
 *
 * const page = await contentGuide({ file: 'benchmark.xml' }, { profile: 'standard' });
 * console.log(page.startsWith('<!doctype html>')); // true
 * ```
 */
export function contentGuide(content: ContentFile, options: ProfileOptions = {}): Promise<string> {
  return run(contentGuideParameters, [content, options], async () => guideOf(content, options.profile));
}

import type { ContentFile } from '../acts/comply-image.ts';
import {
  contentGuide as guideOf,
  tailoringPage as pageOf,
  rulesOf,
  type Tailored,
  tailorContent,
} from '../acts/tailor-content.ts';
import type { ListedRule } from '../comply/index.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { anyText, date, oneOf, recordOf, required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import { timeOf } from './image.ts';
import { type RunOptions, run } from './run.ts';

/** What XCCDF rates rules by. */
export type TailoredSeverity = 'unknown' | 'info' | 'low' | 'medium' | 'high';

const severityWords: readonly TailoredSeverity[] = ['unknown', 'info', 'low', 'medium', 'high'];

/** Which profile of content is meant. */
export interface ProfileOptions extends RunOptions {
  /** Whole or its end. Default: the benchmark's own selection. */
  profile?: string;
}

/** What is changed of a profile; rules, groups and values by id or its last part. */
export interface TailorOptions extends ProfileOptions {
  /** Path of a tailoring file, whose profile is changed further. Default, and if there is no such file: a new one. */
  from?: string;
  select?: readonly string[];
  unselect?: readonly string[];
  /** Values by name. */
  set?: Readonly<Record<string, string>>;
  /** Severities of rules by name. */
  severity?: Readonly<Record<string, TailoredSeverity>>;
  /** The time in the document. Default: now. */
  now?: Date;
}

/** @internal */
export const tailorDoor: Door = new Door('tailor', {
  content: required(things.contentFile),
  options: optionShapes<TailorOptions>({
    ...things.runOptions,
    profile: text,
    from: text,
    select: things.texts,
    unselect: things.texts,
    set: recordOf(anyText),
    severity: recordOf(oneOf(severityWords)),
    now: date,
  }),
});

/**
 * Makes a tailoring of a profile, or changes one: what `scapfeed tailor` does. {@link comply} takes the document as a file.
 *
 * @returns The id of the tailored profile, and the XCCDF document that has it.
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`; `USAGE`: there is no such rule or value
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
  return run(tailorDoor, [content, options], async () => {
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
export const listRulesDoor: Door = new Door('listRules', {
  content: required(things.contentFile),
  options: profileShapes,
});

/**
 * Lists the rules of content with title, severity and whether a profile selects them: what `scapfeed tailor --list` does.
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
  return run(listRulesDoor, [content, options], async () => rulesOf(content, options.profile));
}

/** @internal */
export const tailoringPageDoor: Door = new Door('tailoringPage', {
  content: required(things.contentFile),
  options: profileShapes,
});

/**
 * Makes the page in which a person tailors content, one HTML file that needs no server: what `scapfeed tailor --page` does.
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
  return run(tailoringPageDoor, [content, options], async () => pageOf(content, options.profile));
}

/** @internal */
export const contentGuideDoor: Door = new Door('contentGuide', {
  content: required(things.contentFile),
  options: profileShapes,
});

/**
 * Writes the guide to the rules of a profile as one HTML page: what `scapfeed guide` does.
 *
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`
 * @example
 * ```ts
 * import { contentGuide } from 'scapfeed';
 *
 * const page = await contentGuide({ file: 'benchmark.xml' }, { profile: 'standard' });
 * console.log(page.startsWith('<!doctype html>')); // true
 * ```
 */
export function contentGuide(content: ContentFile, options: ProfileOptions = {}): Promise<string> {
  return run(contentGuideDoor, [content, options], async () => guideOf(content, options.profile));
}

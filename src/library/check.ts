import { finish } from '../io/cancellation.ts';
import type { ComplianceResult } from '../model/compliance/index.ts';
import type { PolicyOutcome, ScanResult } from '../model/verdict/index.ts';
import { requireDatabase } from '../runtime/index.ts';
import { type CheckFormat, checkReports } from '../tasks/check/formats.ts';
import { checkOutcome } from '../tasks/check/gate.ts';
import { type CheckRuleOptions, checkRuleOptions } from '../tasks/check/options.ts';
import { patchAnswers } from '../tasks/check/patch-answers.ts';
import { requireApplicable } from '../tasks/comply/gate.ts';
import {
  type ContentPlatformParameters,
  type ProfileParameters,
  profileOptions,
} from '../tasks/comply/options.ts';
import { complyImageInSteps } from '../tasks/comply/run.ts';
import type { ContentFile } from '../tasks/content/options.ts';
import { writersOf } from '../tasks/formats.ts';
import { wholeInventory } from '../tasks/image/whole-inventory.ts';
import { parameterNames } from '../tasks/outcome.ts';
import { waive } from '../tasks/policy/waivers.ts';
import { requireProfile, withContent } from './comply.ts';
import type { OpenFeed } from './feed.ts';
import { type OpenImageOptions, timeOf } from './image.ts';
import { gateFor, gateShapes, type JudgeOptions, judgeOpened } from './judge.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type GateResult, gateResult } from './policy.ts';
import { boundWriters, type Reported, reported } from './reports.ts';
import { run } from './run.ts';

/** Options of {@link check}: those of {@link judge} and {@link comply}, and how the image is opened. */
export interface CheckOptions
  extends OpenImageOptions,
    ProfileParameters,
    ContentPlatformParameters,
    CheckRuleOptions,
    Omit<JudgeOptions, 'image' | 'platform' | 'date' | 'bases'> {
  /** A file of SCAP content. Default: the feed's content for the image's release. */
  content?: ContentFile;
  /** The date in formats that have one, and the time of the evaluation. Default: the date of the vendor's data, and now. */
  date?: Date;
}

/** Both results of {@link check}. */
export interface CheckResult {
  /** The flaws of the image's packages, as `result` of {@link judge}. */
  scan: ScanResult;
  /** The results of the profile's rules, as `result` of {@link comply}. */
  comply: ComplianceResult;
}

/** A checked image. */
export interface CheckReport extends Reported<CheckResult, CheckFormat> {
  /**
   * The outcome for flaws and rules together, as the exit code of `scapfeed check`. Its figures, as of {@link judge}, are those of
   * the flaws.
   */
  readonly policy: PolicyOutcome & GateResult;
}

const { platform: _, ...verdictShapes } = things.verdictOptions;

/** @internal */
export const checkParameters: ParameterCheck = new ParameterCheck('check', {
  reference: things.reference,
  feed: things.feed,
  options: optionShapes<CheckOptions>({
    ...things.openImageOptions,
    ...verdictShapes,
    ...gateShapes,
    content: things.contentFile,
    ...shapesOf(profileOptions),
    judgedAs: text,
    ...shapesOf(checkRuleOptions),
  }),
});

/**
 * Judges an image's packages and evaluates its configuration, and reads the image only once. Same as `scapfeed check`.
 *
 * @param reference - An image in the syntax of {@link openImage}.
 * @param feed - The feed for the verdicts, and for the content unless `content` is given.
 * @throws {@link ScapfeedError} the errors of {@link openImage}, {@link judge} and {@link comply}
 * @example
 * ```ts
 * import { check, openFeed, writeReport } from 'scapfeed';
 *
 * const feed = openFeed('feed');
 * const content = { file: 'benchmark.xml' };
 * const checked = await check('dir:image', feed, { content, profile: 'standard', failOn: ['any'] });
 * const { scan, comply } = checked.result;
 * console.log(scan.verdicts.length, comply.counts, checked.policy.exitCode);
 * const page = await writeReport(checked, 'html');
 * console.log(page.startsWith('<!doctype html>')); // true
 * feed.close();
 * ```
 */
export function check(reference: string, feed: OpenFeed, options: CheckOptions = {}): Promise<CheckReport> {
  return run(checkParameters, [reference, feed, options], async (report) => {
    const { content = feed, profile, tailoring } = options;
    requireProfile(options);
    const judging = judgingOf(options);
    const gate = await gateFor(judging, feed);
    return withContent(report, reference, { ...options, content }, async (chosen, image) => {
      const inventory = requireDatabase(wholeInventory(image), image.reference);
      const scan = await judgeOpened(report, { image, inventory }, gate, judging);
      report(`judging ${reference}`);
      const now = timeOf(options);
      const date = options.date ?? now;
      const steps = complyImageInSteps(chosen, image, {
        profile,
        tailoring,
        date,
        inventory: () => inventory,
        answers: patchAnswers(scan.report.result),
      });
      const { result } = await waive(await finish(steps), gate.chosen, now);
      requireApplicable(result);
      const outcome = checkOutcome(scan, inventory, result, options, parameterNames);
      return {
        ...reported(
          { scan: scan.report.result, comply: result },
          boundWriters(writersOf(checkReports.formats, { ...scan, result, all: options.all ?? false })),
        ),
        policy: { ...scan.outcome, ...gateResult(outcome) },
      };
    });
  });
}

/** `platform` chooses among the images of an index; `judgedAs` is the feed's platform. */
function judgingOf({ platform: _, judgedAs, ...options }: CheckOptions): Omit<JudgeOptions, 'image'> {
  return { ...options, ...(judgedAs === undefined ? {} : { platform: judgedAs }) };
}

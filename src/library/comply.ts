import { readInventory } from '../inventory/index.ts';
import { finish } from '../io/cancellation.ts';
import type { ComplianceResult } from '../model/compliance/index.ts';
import { ScapfeedError } from '../model/error.ts';
import type { Image } from '../model/inventory/index.ts';
import type { SignatureGate } from '../model/verdict/index.ts';
import { stableImageName } from '../report/scan/words.ts';
import { type ComplianceFormat, complianceReports } from '../tasks/comply/formats.ts';
import { complianceOutcome, requireApplicable } from '../tasks/comply/gate.ts';
import {
  type ContentPlatformParameters,
  type ProfileParameters,
  profileOptions,
  type RulePolicyOptions,
  rulePolicyOptions,
} from '../tasks/comply/options.ts';
import {
  type ChosenContent,
  complyImageInSteps,
  contentOfFeed,
  contentOfFile,
  wantedOfImage,
} from '../tasks/comply/run.ts';
import type { ContentFile } from '../tasks/content/options.ts';
import { writersOf } from '../tasks/formats.ts';
import { parameterNames } from '../tasks/outcome.ts';
import { type PolicyFileParameters, policyFileOptions } from '../tasks/policy/options.ts';
import { waive } from '../tasks/policy/waivers.ts';
import { requireSameImage } from '../tasks/signed/same-image.ts';
import type { OpenFeed } from './feed.ts';
import { type OpenImageOptions, openFor, timeOf } from './image.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { date, either, required, text } from './parameters/shape.ts';
import {
  contentFile,
  feed as feedShape,
  openImageOptions,
  reference as referenceShape,
  signatureGate,
} from './parameters/things.ts';
import { type GateResult, gateResult, policyAt } from './policy.ts';
import { boundWriters, type Reported, reported } from './reports.ts';
import { type Report, run } from './run.ts';

/** Options of {@link comply}: the content and profile, and how the image is opened. */
export interface ComplyOptions
  extends OpenImageOptions,
    ProfileParameters,
    ContentPlatformParameters,
    RulePolicyOptions,
    PolicyFileParameters {
  /** A file of SCAP content, or a feed with content for the image's release. */
  content: ContentFile | OpenFeed;
  /** The result of a signature check of the image: `gate` of {@link checkSignatures}. */
  signed?: SignatureGate;
  /** The time of the evaluation. Default: now. */
  now?: Date;
}

/** The results of a profile's rules. */
export interface ComplianceReport
  extends Reported<ComplianceResult & { signed?: SignatureGate }, ComplianceFormat> {
  /** The outcome of `failOn`, `allowUnjudged` and `signed`, as the exit code of `scapfeed comply`. */
  readonly policy: GateResult;
}

/** @internal */
export const complyContent = required(
  either("{ file: 'PATH' } with a file of content, or an open feed", contentFile, feedShape),
);

/** @internal */
export const complyParameters: ParameterCheck = new ParameterCheck('comply', {
  reference: referenceShape,
  options: required(
    optionShapes<ComplyOptions>({
      ...openImageOptions,
      content: complyContent,
      ...shapesOf(profileOptions),
      judgedAs: text,
      ...shapesOf(rulePolicyOptions),
      ...shapesOf(policyFileOptions),
      signed: signatureGate,
      now: date,
    }),
  ),
});

/**
 * Evaluates an image's configuration against a profile of SCAP content. Same as `scapfeed comply`.
 *
 * @param reference - An image in the syntax of {@link openImage}. `dir:` is evaluated as a machine, an image as the container
 * that is run from it.
 * @throws {@link ScapfeedError} `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`; `PLATFORM_NOT_COVERED` when nothing in
 * the content applies to the image; and the errors of {@link openImage}
 * @example
 * ```ts
 * import { comply, writeReport } from 'scapfeed';
 *
 * const compliance = await comply('dir:image', { content: { file: 'benchmark.xml' }, profile: 'standard' });
 * const { counts, rules } = compliance.result;
 * console.log(counts, rules.filter(({ result }) => result === 'fail').map(({ id }) => id));
 * const page = await writeReport(compliance, 'html');
 * console.log(page.startsWith('<!doctype html>')); // true
 * ```
 */
export function comply(reference: string, options: ComplyOptions): Promise<ComplianceReport> {
  return run(complyParameters, [reference, options], async (report) => {
    const { profile, tailoring, policyFile, signed } = options;
    requireProfile(options);
    const waivers = policyFile === undefined ? undefined : await policyAt(policyFile);
    return withContent(report, reference, options, async (chosen, image) => {
      report(`judging ${reference}`);
      const date = timeOf(options);
      const compliance = await finish(
        complyImageInSteps(chosen, image, {
          profile,
          tailoring,
          date,
          inventory: () => readInventory(image.files, image.labels),
        }),
      );
      requireSameImage(signed, image);
      const { result: rules, oval } = await waive(compliance, waivers, date);
      requireApplicable(rules);
      const result = { ...rules, ...(signed && { signed }) };
      const found = { name: stableImageName(image.reference), result, oval, all: false };
      const writers = writersOf(complianceReports.formats, found);
      const outcome = complianceOutcome(result, options, parameterNames);
      return { ...reported(result, boundWriters(writers)), policy: gateResult(outcome) };
    });
  });
}

/** @internal A tailoring brings profiles of its own. @throws {ScapfeedError} USAGE */
export function requireProfile({ profile, tailoring }: Pick<ComplyOptions, 'profile' | 'tailoring'>): void {
  if (tailoring === undefined || profile !== undefined) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: 'a tailoring needs a profile',
    remedy: 'specify one of its profiles',
  });
}

type ContentOptions = Pick<ComplyOptions, 'content' | 'profile' | 'tailoring' | 'product' | 'judgedAs'>;

/** @internal Opens the content, then the image with the files that it asks for; `use` has both until it ends. */
export async function withContent<T>(
  report: Report,
  reference: string,
  options: ContentOptions & OpenImageOptions,
  use: (content: ChosenContent, image: Image) => Promise<T>,
): Promise<T> {
  report('reading the content');
  const chosen = await contentOf(options);
  report(`reading ${reference}`);
  const { wanted, inspection } = wantedOfImage(chosen);
  const image = await openFor(reference, options, wanted, inspection);
  try {
    return await use(chosen, image);
  } finally {
    image.close();
  }
}

/** Opens a file of content, or what a feed has. */
async function contentOf({
  content,
  profile,
  tailoring,
  product,
  judgedAs,
}: ContentOptions): Promise<ChosenContent> {
  if (!('manifest' in content)) return contentOfFile(content);
  return contentOfFeed(content, {
    // The profile of a tailoring is not one of the feed's.
    profile: tailoring === undefined ? profile : undefined,
    product,
    platform: judgedAs,
  });
}

import {
  type ContentFile,
  complyImageInSteps,
  contentOfFeed,
  contentOfFile,
  mainOval,
  requireApplicable,
} from '../acts/comply-image.ts';
import { waive } from '../acts/waivers.ts';
import { wantedInspection, wantedPredicate } from '../comply/index.ts';
import { inventoryWanted, readInventory } from '../inventory/index.ts';
import { finish } from '../io/cancellation.ts';
import { type ComplianceResult, ScapfeedError } from '../model/index.ts';
import { arfReport } from '../report/comply/arf.ts';
import { htmlReport } from '../report/comply/html.ts';
import { complianceJson } from '../report/comply/json.ts';
import { junitReport } from '../report/comply/junit.ts';
import { ovalResults } from '../report/comply/oval-results.ts';
import { complianceSarif } from '../report/comply/sarif.ts';
import { complianceTable } from '../report/comply/table.ts';
import { xccdfResult } from '../report/comply/xccdf.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { date, either, required, text } from './door/shape.ts';
import {
  contentFile,
  feed as feedShape,
  openImageOptions,
  reference as referenceShape,
} from './door/things.ts';
import type { OpenFeed } from './feed.ts';
import { type OpenImageOptions, openFor, timeOf } from './image.ts';
import { policyAt } from './policy.ts';
import { type Reported, reported } from './reports.ts';
import { run } from './run.ts';

/** By what an image is judged, and how it is opened. */
export interface ComplyOptions extends OpenImageOptions {
  /** A file of SCAP content; or a feed that carries some for the image's release. */
  content: ContentFile | OpenFeed;
  /** The profile, whole or its end. Default: the benchmark's own selection. */
  profile?: string;
  /** Path of a tailoring file, whose profiles come before the content's. */
  tailoring?: string;
  /** Which benchmark of the feed, where it has several for the release. */
  product?: string;
  /** The feed's platform to judge by, whatever the image says of itself. */
  judgedAs?: string;
  /** Path of a scapfeed.yaml; only its waivers of rules are used, not its options. */
  policyFile?: string;
  /** The time of the evaluation. Default: now. */
  now?: Date;
}

/** The results of the rules of a profile. */
export type ComplianceReport = Reported<
  ComplianceResult,
  'json' | 'table' | 'xccdf' | 'oval' | 'arf' | 'sarif' | 'junit' | 'html'
>;

/** @internal */
export const complyContent = required(either('a file of content, or an open feed', contentFile, feedShape));

/** @internal */
export const complyDoor: Door = new Door('comply', {
  reference: referenceShape,
  options: required(
    optionShapes<ComplyOptions>({
      ...openImageOptions,
      content: complyContent,
      profile: text,
      tailoring: text,
      product: text,
      judgedAs: text,
      policyFile: text,
      now: date,
    }),
  ),
});

/**
 * Judges the configuration of an image by a profile of SCAP content: what `scapfeed comply` does. Rules are evaluated in one go,
 * in which a cancellation waits: seconds for a benchmark of thousand rules.
 *
 * @param reference - As of {@link openImage}; `dir:` is judged as a machine, an image as the container that is made of it.
 * @throws {@link ScapfeedError} those of {@link openImage}, `CONTENT_MISSING`, `CONTENT_MALFORMED`, `PROFILE_UNKNOWN`,
 * `PLATFORM_NOT_COVERED`: nothing of the content applies to the image
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
  return run(complyDoor, [reference, options], async (report) => {
    const { content, profile, tailoring, product, judgedAs, policyFile } = options;
    if (tailoring !== undefined && profile === undefined)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'a tailoring needs a profile',
        remedy: 'name one of its profiles',
      });
    const waivers = policyFile === undefined ? undefined : await policyAt(policyFile);
    report('reading the content');
    const chosen =
      'manifest' in content
        ? await contentOfFeed(content, {
            // A tailoring brings profiles of its own.
            profile: tailoring === undefined ? profile : undefined,
            product,
            platform: judgedAs,
          })
        : contentOfFile(content);
    report(`reading ${reference}`);
    const contentWanted = wantedPredicate(chosen.wanted);
    const image = await openFor(
      reference,
      options,
      (file) => inventoryWanted(file) || contentWanted(file),
      wantedInspection(chosen.wanted),
    );
    try {
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
      const { result, oval } = await waive(compliance, waivers, date);
      requireApplicable(result);
      return reported(result, {
        json: () => complianceJson(result),
        table: () => complianceTable(result, { color: false, all: false }),
        xccdf: () => xccdfResult(result),
        oval: () => ovalResults(result, mainOval(oval())),
        arf: () => arfReport(result, oval()),
        sarif: () => complianceSarif(result),
        junit: () => junitReport(result),
        html: () => htmlReport(result),
      });
    } finally {
      image.close();
    }
  });
}

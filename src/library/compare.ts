import { ScapfeedError } from '../model/error.ts';
import type { Wanted } from '../model/inventory/index.ts';
import { openGaps } from '../model/verdict/index.ts';
import { comparedResultsText } from '../report/compared-results.ts';
import { requireComplete } from '../runtime/index.ts';
import { type ComparedImage, compareWith, type OtherFile, otherResult } from '../tasks/compare/run.ts';
import { sbomFile } from '../tasks/image/sbom-subject.ts';
import type { ScanPolicyOptions } from '../tasks/scan/options.ts';
import type { OpenFeed } from './feed.ts';
import { type OpenImageOptions, openFor, openingOf, openSubject, timeOf } from './image.ts';
import { type VerdictOptions, verdictOptions } from './judge.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { flag, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { json, type Reported, reported } from './reports.ts';
import { run } from './run.ts';

/** Options of {@link compareResults}. Requires exactly one of `trivy`, `grype` and `content`. */
export interface CompareResultsOptions
  extends OpenImageOptions,
    Omit<VerdictOptions, 'platform'>,
    Pick<ScanPolicyOptions, 'allowUncovered'> {
  feed: OpenFeed;
  /** Path of a result of `trivy image --format json` for the same image. */
  trivy?: string;
  /** Path of a result of `grype IMAGE -o json`. */
  grype?: string;
  /** Path of the vendor's OVAL definitions, which are evaluated on the image. */
  content?: string;
  /** The platform of the feed to use instead of the one that the image reports. */
  judgedAs?: string;
}

/** The differences between two scanners, finding by finding, each with its cause and an explanation. */
export interface ResultComparison extends Reported<ComparedImage, 'json' | 'table'> {
  /** `true` when scapfeed knows the whole image: no gaps but those that `allowUncovered` accepts. */
  readonly isWhole: boolean;
}

const { platform: _, ...ratings } = things.verdictOptions;

/** @internal */
export const compareResultsParameters: ParameterCheck = new ParameterCheck('compareResults', {
  reference: things.reference,
  options: required(
    optionShapes<CompareResultsOptions>({
      ...things.openImageOptions,
      ...ratings,
      feed: things.feed,
      trivy: text,
      grype: text,
      content: text,
      judgedAs: text,
      allowUncovered: flag,
    }),
  ),
});

/**
 * Compares scapfeed's verdicts on an image with another scanner's result or with the vendor's OVAL. Same as `scapfeed compare`.
 *
 * @param reference - An image in the syntax of {@link openImage}, or `sbom:FILE`.
 * @throws {@link ScapfeedError} `USAGE` when there is not exactly one result to compare with; `SOURCE_MALFORMED`,
 * `CONTENT_MALFORMED`, `PACKAGE_DATABASE_INCOMPLETE`; and the errors of {@link openImage} and {@link judge}
 * @example
 * ```ts
 * import { compareResults, openFeed } from 'scapfeed';
 *
 * const feed = openFeed('feed');
 * const { result } = await compareResults('dir:image', { feed, trivy: 'trivy.json' });
 * for (const { vulnerability, cause, why } of result.differences) console.log(vulnerability, cause, why);
 * feed.close();
 * ```
 */
export function compareResults(reference: string, options: CompareResultsOptions): Promise<ResultComparison> {
  return run(compareResultsParameters, [reference, options], async (report) => {
    const { feed, judgedAs, allowUncovered = false } = options;
    const opening = openingOf(options);
    const asked = otherOf(options);
    report(`reading ${asked.file}`);
    const isSbom = (await sbomFile(reference)) !== undefined;
    const sbom = isSbom ? await openSubject(reference, opening) : undefined;
    const open = async (wanted: Wanted) => sbom ?? { image: await openFor(reference, opening, wanted) };
    const other = await otherResult(asked, open, timeOf(options));
    report(`reading ${reference}`);
    const { image, inventory } = sbom ?? (await openSubject(reference, opening));
    try {
      const { platform: _, ...chosen } = options as VerdictOptions;
      const how = verdictOptions(
        { ...chosen, ...(judgedAs === undefined ? {} : { platform: judgedAs }) },
        timeOf(options),
      );
      const compared = compareWith(other, feed, image, inventory, how);
      requireComplete(inventory);
      const writers = { json: () => json(compared), table: () => comparedResultsText(compared) };
      const isWhole = openGaps(compared.gaps, allowUncovered).length === 0;
      return { ...reported(compared, writers), isWhole };
    } finally {
      image.close();
    }
  });
}

function otherOf({ trivy, grype, content }: CompareResultsOptions): OtherFile {
  const given = Object.entries({ trivy, grype, content }).flatMap(([kind, file]) =>
    file === undefined ? [] : [{ kind, file } as OtherFile],
  );
  const [only] = given;
  if (only && given.length === 1) return only;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `expected one result of another scanner, or one document, found ${given.length}`,
    remedy: 'specify it in `trivy`, `grype` or `content`',
  });
}

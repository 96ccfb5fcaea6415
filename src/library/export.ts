import type { ExportSettings } from '../export/signer.ts';
import { exportTargets } from '../export/targets.ts';
import { type ExportReport, replaceExports } from '../export/write-exports.ts';
import { writing } from '../io/system-reason.ts';
import { ScapfeedError } from '../model/error.ts';
import { type AdvisoryParameters, advisoryOptions } from '../tasks/export/options.ts';
import { exportSigner } from '../tasks/export/signer.ts';
import { requireExportTerms } from '../tasks/export/terms.ts';
import { type TermsParameters, termsOptions } from '../tasks/terms-options.ts';
import { toolVersion } from '../tasks/tool-version.ts';
import type { OpenFeed } from './feed.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { anyText, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { type RunOptions, run } from './run.ts';

/** Names of the export layouts of {@link exportFeed}. */
export const exportTargetNames: readonly string[] = exportTargets.map(({ name }) => name);

/** Options of {@link exportFeed}. */
export interface ExportFeedOptions extends RunOptions, AdvisoryParameters, TermsParameters {
  /** The output folder of the exports. It is replaced as a whole at the end. */
  out: string;
  /** Layouts to write, from {@link exportTargetNames}. */
  targets: readonly string[];
  /**
   * A secret OpenPGP key that signs the `csaf` documents and the `notus` checksums. Only the file's owner may have access to it.
   */
  openPgpKey?: { file: string; passphrase?: string };
}

/** @internal */
export const exportFeedParameters: ParameterCheck = new ParameterCheck('exportFeed', {
  feed: things.feed,
  options: required(
    optionShapes<ExportFeedOptions>({
      ...things.runOptions,
      out: required(text),
      targets: required(things.texts),
      ...shapesOf(advisoryOptions),
      ...shapesOf(termsOptions),
      openPgpKey: optionShapes<NonNullable<ExportFeedOptions['openPgpKey']>>({
        file: required(text),
        passphrase: anyText,
      }),
    }),
  ),
});

/**
 * Writes a feed in the formats of other scanners. Same as `scapfeed export`. The same feed gives the same bytes.
 *
 * @returns For each layout: its files with sizes in bytes and digests, and what it cannot express as the index does.
 * @throws {@link ScapfeedError} `USAGE` when a layout does not exist; `PLATFORM_NOT_COVERED` when a layout would be empty;
 * `TERMS_NOT_ACCEPTED`;
 * `KEY_*`, `OUTPUT_NOT_WRITABLE`, `DISK_FULL`, `FEED_CORRUPT`
 * @example
 * ```ts
 * import { exportFeed, openFeed } from 'scapfeed';
 *
 * const feed = openFeed('feed');
 * const [trivy] = await exportFeed(feed, { out: 'exports', targets: ['trivy'] });
 * console.log(trivy?.outputs.map(({ path }) => path));
 * feed.close();
 * ```
 */
export function exportFeed(feed: OpenFeed, options: ExportFeedOptions): Promise<ExportReport[]> {
  return run(exportFeedParameters, [feed, options], async (report) => {
    const { out, targets: names, url, publisher, openPgpKey: key, acceptedTerms } = options;
    const wrong = names.length === 0 ? '(none)' : names.find((name) => !exportTargetNames.includes(name));
    if (wrong !== undefined)
      throw new ScapfeedError({
        code: 'USAGE',
        message: `no layout ${wrong}`,
        remedy: `use one or more of ${exportTargetNames.join(', ')}`,
      });
    requireExportTerms(feed.manifest, acceptedTerms);
    const settings: ExportSettings = {
      ...(url === undefined ? {} : { url }),
      ...(publisher === undefined ? {} : { publisher }),
      ...(key && { signer: exportSigner(key.file, () => key.passphrase ?? '') }),
    };
    const targets = exportTargets.filter(({ name }) => names.includes(name));
    const work = replaceExports(out, { feed, targets, toolVersion, settings, progress: report });
    return writing(work, out, 'free space, and export again; the last export is unchanged');
  });
}

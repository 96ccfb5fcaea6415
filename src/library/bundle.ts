import { type BundleOutcome, writeBundle } from '../publish/bundle/write-bundle.ts';
import { bundlePartsOptions, type FeedPartsParameters } from '../tasks/publish/pull-options.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { flag, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { accessOf, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Options of {@link bundleFeed}: the published feed, the parts to include and the output file. */
export interface BundleFeedOptions extends RunOptions, NetworkOptions, FeedPartsParameters {
  /** The published feed: a folder, URL, `oci://HOST/NAME[:TAG|@DIGEST]` or OCI layout. */
  from: string;
  /** The bundle's path, a tar file. An existing file is replaced only when the new one is complete. */
  out: string;
  /** Includes OVAL and data streams. Default: true. */
  oval?: boolean;
  /** Includes SCAP content. Default: true. */
  content?: boolean;
}

/** @internal */
export const bundleFeedParameters: ParameterCheck = new ParameterCheck('bundleFeed', {
  options: required(
    optionShapes<BundleFeedOptions>({
      ...things.runOptions,
      ...things.networkOptions,
      from: required(text),
      out: required(text),
      ...shapesOf(bundlePartsOptions),
      oval: flag,
      content: flag,
    }),
  ),
});

/**
 * Packs a published feed into one file. {@link pull} makes the same checks on it as on a server. Same as `scapfeed bundle`.
 *
 * @returns The file, its size in bytes, its platforms, and when its first signature expires.
 * @throws {@link ScapfeedError} `TRUST_*`, `FETCH_*`, `PLATFORM_NOT_COVERED`, `OUTPUT_NOT_WRITABLE`, `DISK_FULL`
 * @example
 * ```ts
 * import { bundleFeed } from 'scapfeed';
 *
 * const { platforms } = await bundleFeed({ from: 'public', out: 'feed.bundle', platforms: ['debian-12'] });
 * console.log(platforms); // [ 'debian-12' ]
 * ```
 */
export function bundleFeed(options: BundleFeedOptions): Promise<BundleOutcome> {
  return run(bundleFeedParameters, [options], (report) => {
    const { from, out, platforms, without, oval = true, content = true } = options;
    return writeBundle({
      ...{ from, file: out, oval, content, progress: report },
      ...accessOf(options),
      ...(platforms && { platforms }),
      ...(without && { without }),
    });
  });
}

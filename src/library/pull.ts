import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/error.ts';
import { type PullOutcome, pull as pullFeed } from '../publish/pull/pull.ts';
import { type PullPartsParameters, pullPartsOptions } from '../tasks/publish/pull-options.ts';
import { shapesOf } from './parameters/option-shapes.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { bytes, count, date, either, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { accessOf, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Options of {@link pull}: the published feed, the parts to pull and the output folder. */
export interface PullOptions extends RunOptions, NetworkOptions, PullPartsParameters {
  /** Locations of a published feed, tried in order: URL, `oci://HOST/NAME[:TAG|@DIGEST]`, folder, OCI layout or bundle. */
  from: string | readonly string[];
  /** Path of the feed: a link that is switched at the end. The trusted root is kept in a folder beside it. */
  out: string;
  /** Bytes of the publisher's root.json, obtained through a channel other than `from`. Required once. */
  trustRoot?: Uint8Array;
  /** For folders and bundles: accepts signatures that expired, if they are not older than this, in milliseconds. */
  maxAge?: number;
  /** The time at which the expiry of signatures is checked. Default: now. */
  now?: Date;
}

/** @internal */
export const pullParameters: ParameterCheck = new ParameterCheck('pull', {
  options: required(
    optionShapes<PullOptions>({
      ...things.runOptions,
      ...things.networkOptions,
      from: required(either('a place, or a list of places', text, things.texts)),
      out: required(text),
      trustRoot: bytes,
      ...shapesOf(pullPartsOptions),
      maxAge: count,
      now: date,
    }),
  ),
});

/**
 * Pulls a published feed, verifies every signature and digest from the trusted root on, and installs it as a whole. On failure or
 * cancellation the feed in use is unchanged, and the next pull resumes the transfer.
 *
 * @returns What was transferred, from where and how, as `scapfeed pull -o json` prints it.
 * @throws {@link ScapfeedError} `TRUST_*`, `FETCH_*`; `FEED_LOCKED` when another pull is in progress; `PLATFORM_NOT_COVERED`,
 * `OUTPUT_NOT_WRITABLE`, `DISK_FULL`, `USAGE`
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { openFeed, pull } from 'scapfeed';
 *
 * const { signed, platforms } = await pull({
 *   from: 'public', // or https://feeds.example/public
 *   out: 'pulled',
 *   trustRoot: await readFile('root.json'),
 *   platforms: ['debian-12'],
 * });
 * console.log(signed, platforms.map(({ id }) => id)); // … [ 'debian-12' ]
 * const feed = openFeed('pulled');
 * console.log(feed.origin.signed); // true
 * feed.close();
 * ```
 */
export function pull(options: PullOptions): Promise<PullOutcome> {
  return run(pullParameters, [options], async (report) => {
    const { from, out, trustRoot, platforms, without, maxAge } = options;
    const places = typeof from === 'string' ? [from] : from;
    if (places.length === 0)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'no location to pull from',
        remedy: 'specify one in `from`',
      });
    // On a server the publisher decides: without expiry, it could keep a client on an old feed for ever.
    if (maxAge !== undefined && places.some((place) => /^(https?|oci):\/\//.test(place)))
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'maxAge is for folders and bundles',
        remedy: 'omit it for a server',
      });
    return pullFeed({
      from: places,
      out,
      now: options.now ?? currentTime(),
      oval: options.oval ?? false,
      content: options.content ?? false,
      trust: options.trust ?? false,
      ...accessOf(options),
      progress: report,
      ...(trustRoot && { pinned: Buffer.from(trustRoot) }),
      ...(platforms && { platforms }),
      ...(without && { without }),
      ...(maxAge === undefined ? {} : { maxAge }),
    });
  });
}

import { toolVersion } from '../acts/tool-version.ts';
import { currentTime } from '../io/clock.ts';
import { ScapfeedError } from '../model/index.ts';
import { type AssessmentPart, assessmentParts } from '../publish/feed/assessment-parts.ts';
import { type PullOutcome, pull as pullFeed } from '../publish/pull/pull.ts';
import { Door, options as optionShapes } from './door/door.ts';
import { bytes, count, date, either, flag, listOf, oneOf, required, text } from './door/shape.ts';
import * as things from './door/things.ts';
import { environment, type NetworkOptions, type RunOptions, run } from './run.ts';

/** What is pulled, and where it goes. */
export interface PullOptions extends RunOptions, NetworkOptions {
  /** Places of a published feed, tried in turn: URL, `oci://HOST/NAME[:TAG|@DIGEST]`, folder, OCI layout or bundle. */
  from: string | readonly string[];
  /** Where the feed goes: a link that is turned at the end, with the trusted root in a folder beside it. */
  out: string;
  /** Bytes of the publisher's root.json, obtained by another way than `from`; needed once. */
  trustRoot?: Uint8Array;
  /** Ids of platforms, or beginnings of them: `rhel-*`. Default: those at hand, at first all. */
  platforms?: readonly string[];
  /** Parts that are left out: `ratings`, `exploited`, `epss`. */
  without?: readonly AssessmentPart[];
  /** With OVAL and data streams. */
  oval?: boolean;
  /** With the SCAP content that the feed carries. */
  content?: boolean;
  /** With the keys and roots for signatures of images that the feed carries. */
  trust?: boolean;
  /** For folders and bundles: accept signatures that have expired, if they are not older than this, in milliseconds. */
  maxAge?: number;
  /** The time that decides whether signatures have expired. Default: now. */
  now?: Date;
}

/** @internal */
export const pullDoor: Door = new Door('pull', {
  options: required(
    optionShapes<PullOptions>({
      ...things.runOptions,
      ...things.networkOptions,
      from: required(either('a place, or a list of places', text, things.texts)),
      out: required(text),
      trustRoot: bytes,
      platforms: things.texts,
      without: listOf(oneOf(assessmentParts)),
      oval: flag,
      content: flag,
      trust: flag,
      maxAge: count,
      now: date,
    }),
  ),
});

/**
 * Pulls a published feed, checks every signature and digest from the trusted root on, and puts it in place as a whole. On any
 * failure, and when it is cancelled, the feed in use stays; the next pull resumes what was fetched.
 *
 * @returns What came, from where and how; `scapfeed pull -o json` prints the same.
 * @throws {@link ScapfeedError} `TRUST_*`, `FETCH_*`, `FEED_LOCKED`: another pull is at work; `PLATFORM_NOT_COVERED`,
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
  return run(pullDoor, [options], async (report) => {
    const { from, out, trustRoot, platforms, without, maxAge, ca } = options;
    const places = typeof from === 'string' ? [from] : from;
    if (places.length === 0)
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'no place to pull from',
        remedy: 'name one in from',
      });
    // On a server the publisher decides: without expiry, it could keep a client on an old feed for ever.
    if (maxAge !== undefined && places.some((place) => /^(https?|oci):\/\//.test(place)))
      throw new ScapfeedError({
        code: 'USAGE',
        message: 'maxAge is for folders and bundles',
        remedy: 'leave it out for a server',
      });
    return pullFeed({
      from: places,
      out,
      now: options.now ?? currentTime(),
      oval: options.oval ?? false,
      content: options.content ?? false,
      trust: options.trust ?? false,
      http: {
        userAgent: `scapfeed/${toolVersion}`,
        env: environment(options),
        ...(ca === undefined ? {} : { ca }),
      },
      insecure: options.insecureRegistries ?? [],
      progress: report,
      ...(trustRoot && { pinned: Buffer.from(trustRoot) }),
      ...(platforms && { platforms }),
      ...(without && { without }),
      ...(maxAge === undefined ? {} : { maxAge }),
    });
  });
}

import type { ContentFile } from '../tasks/content/options.ts';
import {
  type ContentProfiles,
  contentProfilesText,
  type FeedProfiles,
  feedProfilesText,
  profilesOfContent,
  profilesOfFeed,
} from '../tasks/content/profiles.ts';
import type { OpenFeed } from './feed.ts';
import { timeOf } from './image.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { date, hasField, isAbsent, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { json, type Reported, reported } from './reports.ts';
import { type RunOptions, run } from './run.ts';

/** Options of {@link listProfiles} for a feed. */
export interface ListProfilesOptions extends RunOptions {
  /** Lists only the content for this platform of the feed, by id or alias: `debian-12`, `bookworm`. Default: all content. */
  platform?: string;
  /** The time from which the table counts the content's age. Default: now. */
  now?: Date;
}

/** Options of {@link listProfiles} for a file of content. */
export interface ContentProfilesOptions extends RunOptions {
  platform?: undefined;
}

/** @internal */
export const feedProfilesParameters: ParameterCheck = new ParameterCheck('listProfiles', {
  from: things.feed,
  options: optionShapes<ListProfilesOptions>({ ...things.runOptions, platform: text, now: date }),
});

/** @internal */
export const contentProfilesParameters: ParameterCheck = new ParameterCheck('listProfiles', {
  from: required(things.contentFile),
  options: optionShapes<ContentProfilesOptions>({ ...things.runOptions, platform: isAbsent }),
});

/**
 * Lists the profiles of a feed's SCAP content, or of a file of content. Same as `scapfeed profiles`.
 *
 * @param from - An open feed, or a file of content.
 * @returns For a feed its benchmarks, each with its platforms, date and licence; for a file its benchmark. Each profile has the
 * number of rules that it selects.
 * @throws {@link ScapfeedError} `CONTENT_MISSING` when the feed has no content, or the file does not exist;
 * `PLATFORM_NOT_COVERED` when the feed has none for the platform; `CONTENT_MALFORMED`
 * @example
 * ```ts
 * import { isScapfeedError, listProfiles, openFeed } from 'scapfeed';
 *
 * const { result } = await listProfiles({ file: 'benchmark.xml' });
 * console.log(result.profiles.map(({ rules }) => rules)); // [ 2 ]
 * const feed = openFeed('feed');
 * try {
 *   const { result } = await listProfiles(feed, { platform: 'debian-12' });
 *   console.log(result.content.flatMap(({ profiles }) => profiles.map(({ id }) => id)));
 * } catch (error) {
 *   console.log(isScapfeedError(error) && error.code); // CONTENT_MISSING
 * }
 * feed.close();
 * ```
 */
export function listProfiles(
  from: OpenFeed,
  options?: ListProfilesOptions,
): Promise<Reported<FeedProfiles, 'json' | 'table'>>;
export function listProfiles(
  from: ContentFile,
  options?: ContentProfilesOptions,
): Promise<Reported<ContentProfiles, 'json' | 'table'>>;
export function listProfiles(
  from: OpenFeed | ContentFile,
  options: ListProfilesOptions | ContentProfilesOptions = {},
): Promise<Reported<FeedProfiles | ContentProfiles, 'json' | 'table'>> {
  if (isFile(from))
    return run(contentProfilesParameters, [from, options], async (report) => {
      report(`reading ${from.file}`);
      const found = profilesOfContent(from);
      return reported(found, { json: () => json(found), table: () => contentProfilesText(found) });
    });
  return run(feedProfilesParameters, [from, options], async () => {
    const now = timeOf(options as ListProfilesOptions);
    const found = profilesOfFeed(from, options.platform);
    return reported(found, { json: () => json(found), table: () => feedProfilesText(found, now) });
  });
}

/** Any other value that JavaScript passes is checked by the check of the other form. */
function isFile(from: OpenFeed | ContentFile): from is ContentFile {
  return hasField(from, 'file');
}

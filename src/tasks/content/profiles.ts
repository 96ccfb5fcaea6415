import { describeContent, openContent, shortId } from '../../comply/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FeedContent, FeedProfile } from '../../model/feed/index.ts';
import { platformList } from '../../model/nearest.ts';
import type { FeedOrigin } from '../../model/verdict/index.ts';
import { line } from '../../report/printable.ts';
import { textTable, thousands } from '../../report/text-table.ts';
import type { ChosenFeed } from '../feed.ts';
import { contentText } from './of-feed.ts';
import type { ContentFile } from './options.ts';

/** The benchmarks of a feed, each with its platforms and profiles. */
export interface FeedProfiles {
  feed: FeedOrigin;
  content: readonly FeedContent[];
}

/** The profiles of a benchmark. */
export interface ContentProfiles {
  benchmark: FeedContent['benchmark'];
  profiles: readonly FeedProfile[];
}

/**
 * The content of a feed, or what it has for one of its platforms, by id or alias.
 * @throws {ScapfeedError} CONTENT_MISSING, PLATFORM_NOT_COVERED
 */
export function profilesOfFeed({ manifest, origin }: ChosenFeed, name: string | undefined): FeedProfiles {
  const all = manifest.content ?? [];
  const platform = manifest.platforms.find(({ id, aliases }) => id === name || aliases.includes(name ?? ''));
  const content =
    name === undefined ? all : all.filter(({ platforms }) => platforms.includes(platform?.id ?? ''));
  if (content.length > 0) return { feed: origin, content };
  const known = [...new Set(all.flatMap(({ platforms }) => platforms))];
  throw new ScapfeedError({
    code: all.length === 0 ? 'CONTENT_MISSING' : 'PLATFORM_NOT_COVERED',
    message:
      all.length === 0 ? 'the feed carries no SCAP content' : `the feed has no SCAP content for ${name}`,
    where: origin.directory,
    remedy:
      all.length === 0
        ? 'pull it with `scapfeed pull --content`, or build it with `scapfeed build --content ssg`'
        : `it has some for ${platformList(known)}`,
  });
}

/** @throws {ScapfeedError} CONTENT_MISSING, CONTENT_MALFORMED */
export function profilesOfContent({ file, ...how }: ContentFile): ContentProfiles {
  const { benchmark, profiles } = describeContent(openContent(file, how));
  return { benchmark, profiles };
}

/** `now`: for the age of the content. */
export function feedProfilesText({ content }: FeedProfiles, now: Date): string {
  return content.map((entry) => feedContentText(entry, now)).join('\n');
}

export function contentProfilesText({ benchmark, profiles }: ContentProfiles): string {
  return `${line(`${benchmark.title} ${benchmark.version}`)}${profileTable(profiles)}`;
}

function feedContentText(entry: FeedContent, now: Date): string {
  const { platforms, benchmark, licence } = entry;
  return [
    line(`${benchmark.title}, for ${platforms.join(', ')}`),
    line(`${contentText(entry, now)}, licence ${licence}`),
    profileTable(entry.profiles),
  ].join('');
}

function profileTable(all: readonly FeedProfile[]): string {
  const rows = all.map(({ id, title, rules }) => [shortId(id), thousands(rules), title]);
  return textTable(['PROFILE', 'RULES', 'TITLE'], rows);
}

import { contentText } from '../../acts/feed-content.ts';
import { describeContent, openContent, shortId } from '../../comply/index.ts';
import { currentTime } from '../../io/clock.ts';
import { type FeedContent, type FeedProfile, platformList, ScapfeedError } from '../../model/index.ts';
import { line } from '../../report/printable.ts';
import { textTable, thousands } from '../../report/text-table.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { path } from '../option.ts';
import { contentChoice, contentOptions } from '../options/content-choice.ts';
import { type ChosenFeed, feedOptions, openChosenFeed } from '../options/feed-choice.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { usage } from '../usage.ts';

const options = {
  content: path('FILE', 'list the profiles of this content instead'),
  ...contentOptions,
  ...feedOptions,
  output: outputs('profiles'),
};

export const profiles = defineCommand({
  name: 'profiles',
  operands: ['[PLATFORM]'],
  about: 'PLATFORM is one of the feed: debian-12, bookworm.',
  options,
  examples: ['scapfeed profiles debian-12', 'scapfeed profiles --content ssg-debian12-ds.xml'],
  run,
});

async function run(
  { options: given, operands: [platform] }: Arguments<typeof options, ['[PLATFORM]']>,
  terminal: Terminal,
): Promise<number> {
  const { output } = given;
  if (given.content !== undefined) {
    if (platform !== undefined)
      throw usage('profiles', 'PLATFORM is for the content of a feed', 'leave out one of the two');
    const { benchmark, profiles: own } = describeContent(openContent(given.content, contentChoice(given)));
    await writeOutputs(terminal, output, {
      json: () => json({ benchmark, profiles: own }),
      table: () => `${line(`${benchmark.title} ${benchmark.version}`)}${profileTable(own)}`,
    });
    return 0;
  }
  const feed = openChosenFeed(given.feed, terminal.env);
  const content = contentOf(feed, platform);
  const now = currentTime();
  await writeOutputs(terminal, output, {
    json: () => json({ feed: feed.origin, content }),
    table: () => content.map((entry) => contentPart(entry, now)).join('\n'),
  });
  feed.close();
  return 0;
}

function contentOf({ manifest, origin }: ChosenFeed, name: string | undefined): FeedContent[] {
  const all = manifest.content ?? [];
  const platform = manifest.platforms.find(({ id, aliases }) => id === name || aliases.includes(name ?? ''));
  const chosen =
    name === undefined ? all : all.filter(({ platforms }) => platforms.includes(platform?.id ?? ''));
  if (chosen.length > 0) return chosen;
  if (/\/|\.(?:xml|json|bz2|xz|gz|zip|zst)$/.test(name ?? ''))
    throw usage(
      'profiles',
      `expected a platform of the feed, found ${name}`,
      'name a file with --content FILE',
    );
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

function contentPart(entry: FeedContent, now: Date): string {
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

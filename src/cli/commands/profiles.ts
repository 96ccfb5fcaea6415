import { currentTime } from '../../io/clock.ts';
import { profilesOptions } from '../../tasks/content/options.ts';
import {
  contentProfilesText,
  feedProfilesText,
  profilesOfContent,
  profilesOfFeed,
} from '../../tasks/content/profiles.ts';
import { usage } from '../../tasks/given-words.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { contentChoice } from '../options/content-choice.ts';
import { openAnyFeed } from '../options/feed-choice.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...profilesOptions, output: outputs('profiles') };

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
  if (given.content !== undefined) {
    if (platform !== undefined)
      throw usage('profiles', 'PLATFORM is for the content of a feed', 'leave out one of the two');
    const found = profilesOfContent({ file: given.content, ...contentChoice(given) });
    await writeOutputs(terminal, given.output, {
      json: () => json(found),
      table: () => contentProfilesText(found),
    });
    return 0;
  }
  if (platform !== undefined && looksLikeFile.test(platform))
    throw usage(
      'profiles',
      `expected a platform of the feed, found ${platform}`,
      'specify a file with --content FILE',
    );
  const feed = await openAnyFeed('profiles', given, terminal);
  try {
    const found = profilesOfFeed(feed, platform);
    await writeOutputs(terminal, given.output, {
      json: () => json(found),
      table: () => feedProfilesText(found, currentTime()),
    });
    return 0;
  } finally {
    feed.close();
  }
}

const looksLikeFile = /\/|\.(?:xml|json|bz2|xz|gz|zip|zst)$/;

import type { Compliance } from '../../comply/index.ts';
import { readInventory } from '../../inventory/index.ts';
import type { Image } from '../../model/index.ts';
import {
  type ChosenContent,
  type ComplySettings,
  complyImage,
  contentOfFeed,
  contentOfFile,
} from '../../tasks/comply/run.ts';
import { contentText } from '../../tasks/content/of-feed.ts';
import type { ChosenFeed } from '../../tasks/feed.ts';
import { usage } from '../../tasks/given-words.ts';
import { group, type OptionValues, path, text } from '../../tasks/option.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { contentChoice, contentOptions } from './content-choice.ts';
import { judgedPlatform } from './image-choice.ts';

/** Options of every command that judges by a profile. */
export const complyingOptions = group('Content', {
  content: path(
    'FILE',
    "a data stream, an XCCDF benchmark, or the output of `scapfeed compile` (default: the feed's content " +
      "for the image's release)",
  ),
  product: text(
    'NAME',
    'the benchmark to use, if the feed has several for the release; `scapfeed profiles` lists them',
  ),
  profile: text(
    'ID',
    "the profile to judge by: its id or the end of it (default: the benchmark's own selection)",
  ),
  tailoring: path('FILE', "a tailoring file; its profiles take precedence over the content's"),
  ...contentOptions,
});

type ComplyingChoice = OptionValues<typeof complyingOptions>;

/** Opens the content that the options name, or the feed's. `feed` is opened only where it is needed. */
export async function openChosenContent(
  command: string,
  given: ComplyingChoice & { platform?: readonly string[] | undefined },
  feed: () => ChosenFeed,
): Promise<ChosenContent> {
  const { profile, tailoring, product } = given;
  if (tailoring !== undefined && profile === undefined) {
    throw usage(command, '--tailoring needs --profile', 'specify one of its profiles with --profile');
  }
  if (given.content !== undefined) {
    if (product !== undefined)
      throw usage(command, '--product is for the content of a feed', 'leave out one of the two');
    return contentOfFile({ file: given.content, ...contentChoice(given) });
  }
  // A tailoring brings profiles of its own.
  const own = tailoring === undefined ? profile : undefined;
  return contentOfFeed(feed(), { profile: own, product, platform: judgedPlatform(given.platform) });
}

/** Evaluates the profile on an image, and says which benchmark of a feed it is. `judged`: what its scan knows. */
export function evaluate(
  chosen: ChosenContent,
  image: Image,
  given: ComplyingChoice,
  terminal: Terminal,
  judged?: Pick<ComplySettings, 'inventory' | 'answers'>,
): Compliance {
  const date = outputDate(terminal.env);
  const { profile, tailoring } = given;
  return complyImage(chosen, image, {
    profile,
    tailoring,
    date,
    ...(judged ?? { inventory: () => readInventory(image.files, image.labels) }),
    onChosen: (entry) => terminal.note(`content: ${contentText(entry, date)}, from the feed`),
  });
}

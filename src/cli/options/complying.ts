import type { Compliance } from '../../comply/index.ts';
import { readInventory } from '../../inventory/index.ts';
import type { Image } from '../../model/inventory/index.ts';
import type { complyingOptions } from '../../tasks/comply/options.ts';
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
import type { OptionValues } from '../../tasks/option.ts';
import { outputDate } from '../source-date.ts';
import type { Terminal } from '../terminal.ts';
import { contentChoice } from './content-choice.ts';
import { judgedPlatform } from './image-choice.ts';

type ComplyingChoice = OptionValues<typeof complyingOptions>;

/** Opens the content that the options name, or the feed's. `feed` is opened only where it is needed. */
export async function openChosenContent(
  command: string,
  given: ComplyingChoice & { platform?: readonly string[] | undefined },
  feed: () => ChosenFeed | Promise<ChosenFeed>,
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
  return contentOfFeed(await feed(), { profile: own, product, platform: judgedPlatform(given.platform) });
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

import { feedOptions, publishedFeedOptions } from '../feed-options.ts';
import { registryOptions } from '../image/options.ts';
import { flag, ofCommandLine } from '../option.ts';

/** The options of `feeds`. */
export const feedsOptions = {
  ...feedOptions,
  ...publishedFeedOptions,
  ...registryOptions,
  all: ofCommandLine(flag('list each layered product, not only their number')),
};

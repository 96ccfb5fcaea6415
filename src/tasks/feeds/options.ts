import { feedOptions } from '../feed-options.ts';
import { flag, ofCommandLine } from '../option.ts';

/** The options of `feeds`. */
export const feedsOptions = {
  ...feedOptions,
  all: ofCommandLine(flag('list each layered product, not only their number')),
};

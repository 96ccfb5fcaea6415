import { complyingOptions } from '../comply/options.ts';
import { ageOptions, feedOptions, publishedFeedOptions } from '../feed-options.ts';
import { imageOptions } from '../image/options.ts';
import { flag, group, repeatable, text } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';
import { judgingOptions, policyOptions } from '../scan/options.ts';

/** Parts of two images that are compared besides their verdicts. */
export interface ImageDiffParameters {
  /** Also lists flaws that the default view hides. */
  all?: boolean;
  /** Also compares the results of {@link verifyFiles}. */
  verify?: boolean;
  /** Does not set `isWhole` to false for single packages without data in the feed. */
  allowUncovered?: boolean;
}

/** The options of {@link ImageDiffParameters}. */
export const twoImagesOptions = group('Images', {
  all: flag('also list flaws that the default view of scan hides'),
  verify: flag('also compare the findings of verify'),
  'allow-uncovered': policyOptions['allow-uncovered'],
} satisfies OptionTableOf<ImageDiffParameters>);

/** Options of the comparison of two images. */
export const imageDiffOptions = {
  ...feedOptions,
  ...publishedFeedOptions,
  ...ageOptions,
  ...judgingOptions,
  ...twoImagesOptions,
  ...complyingOptions,
};

/** The options of `diff`. */
export const diffOptions = {
  ...imageDiffOptions,
  inventory: text('PLACE', 'an image or the JSON of an inventory: show only verdicts of it that change'),
  ...imageOptions,
  platform: repeatable(
    text(
      'ID|OS/ARCH',
      'an id: for feeds, show only this platform; for images, judge them as this platform; OS/ARCH: the ' +
        'image of a multi-platform index to use (default: linux/amd64)',
    ),
  ),
};

import { ageOptions, feedOptions, publishedFeedOptions } from '../feed-options.ts';
import { imageOptions } from '../image/options.ts';
import { path } from '../option.ts';
import { judgingOptions, policyOptions } from '../scan/options.ts';

/** The options of `compare`. */
export const compareOptions = {
  trivy: path('FILE', 'a result of `trivy image --format json` on the same image'),
  grype: path('FILE', 'a result of `grype IMAGE -o json`'),
  content: path('FILE', "the vendor's own OVAL definitions, which are evaluated on the image"),
  ...feedOptions,
  ...publishedFeedOptions,
  ...ageOptions,
  ...imageOptions,
  ...judgingOptions,
  'allow-uncovered': policyOptions['allow-uncovered'],
};

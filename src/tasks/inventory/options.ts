import { imageOptions, partialOptions, targetOptions } from '../image/options.ts';
import { group, inLibrary, repeatable, text } from '../option.ts';

/** The options of `inventory`. */
export const inventoryOptions = {
  ...imageOptions,
  ...partialOptions,
  ...targetOptions,
  ...group('Image', {
    platform: inLibrary(
      'judgedAs',
      repeatable(
        text(
          'ID|OS/ARCH',
          'an id: the platform to write in the manifest format; OS/ARCH: the image of a multi-platform index to ' +
            'use (default: linux/amd64)',
        ),
      ),
    ),
  }),
};

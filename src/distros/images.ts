import { alpineImage } from './alpine/image.ts';
import type { ImageReader } from './contract.ts';
import { debianImage } from './debian/image.ts';
import { dhiImage } from './dhi/image.ts';
import { rebuildImage } from './rebuild/image.ts';
import { rebuilds } from './rebuilds.ts';
import { redHatImage } from './redhat/image.ts';
import { suseImage } from './suse/image.ts';
import { ubuntuImage } from './ubuntu/image.ts';

/** The image readers of all distributions; each reads every image, whatever its distribution. */
export const imageReaders: ImageReader[] = [
  alpineImage,
  debianImage,
  dhiImage,
  redHatImage,
  suseImage,
  ubuntuImage,
  ...rebuilds.flatMap((each) => rebuildImage(each) ?? []),
];

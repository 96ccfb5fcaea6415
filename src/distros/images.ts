import type { ImageReader } from './contract.ts';
import { debianImage } from './debian/image/index.ts';
import { redHatImage } from './redhat/image/context.ts';
import { ubuntuImage } from './ubuntu/image/pro.ts';

/** How images of every distribution are recognised; each reads what it finds, whichever distribution the image is. */
export const imageReaders: ImageReader[] = [debianImage, redHatImage, ubuntuImage];

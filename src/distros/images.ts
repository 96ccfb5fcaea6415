import type { ImageReader } from './contract.ts';
import { redHatImage } from './redhat/image/context.ts';
import { ubuntuImage } from './ubuntu/image/pro.ts';

/** What images of each distribution say of themselves; a file that is in all of them is read by each. */
export const imageReaders: ImageReader[] = [redHatImage, ubuntuImage];

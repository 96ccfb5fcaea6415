import { detectReference } from '../image/index.ts';
import { isScapfeedError, ScapfeedError } from '../model/index.ts';

/** What others may have this machine read: images of registries, and none of its own files. Nor do they learn which it has. */
export function remoteReference(text: string): string {
  try {
    if (detectReference(text).kind === 'registry') return text;
  } catch (error) {
    if (!isScapfeedError(error) || error.code !== 'IMAGE_NOT_FOUND') throw error;
  }
  throw new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message: 'expected an image of a registry, found another form of image',
    where: text,
    remedy: 'write it as registry.example/app:1; files of the server are added by `scapfeed fleet add`',
  });
}

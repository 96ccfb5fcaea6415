import type { FileView } from '../model/index.ts';

/** Configuration files of an image; the largest real one of these (a content manifest) has some 100 kB. */
export const maxTextBytes = 4 << 20;

/** A small text file, undefined where there is none. Errors: IMAGE_LIMIT_EXCEEDED above maxTextBytes. */
export function readText(files: FileView, path: string): string | undefined {
  return files.read(path, maxTextBytes)?.toString('utf8');
}

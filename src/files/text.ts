import type { FileView } from '../model/index.ts';

/** Size limit of an image's configuration files; the largest real one (a content manifest) has some 100 kB. */
export const maxTextBytes = 4 << 20;

/** Reads a small text file; undefined if there is none. @throws IMAGE_LIMIT_EXCEEDED above maxTextBytes */
export function readText(files: FileView, path: string): string | undefined {
  return files.read(path, maxTextBytes)?.toString('utf8');
}

import { posix } from 'node:path';
import type { FileView } from '../model/index.ts';

/** How many links are followed for one path before it counts as a loop; Linux allows 40. */
export const maxLinks = 40;

/** Returns the path with all of its links resolved inside the image; undefined for a loop. */
export function realPath(files: FileView, path: string): string | undefined {
  let real = '/';
  let rest = names(path);
  for (let links = 0; rest.length > 0; ) {
    const next = posix.join(real, rest[0]!);
    const entry = files.stat(next, false);
    if (entry?.type === 'symlink' && entry.target !== undefined) {
      links += 1;
      if (links > maxLinks) return undefined;
      rest = [...names(entry.target), ...rest.slice(1)];
      if (entry.target.startsWith('/')) real = '/';
    } else {
      real = next;
      rest = rest.slice(1);
    }
  }
  return real;
}

function names(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

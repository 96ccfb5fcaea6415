import type { FileView } from '../../model/index.ts';

const maxLinks = 40;

/** The path without links, undefined where something on the way does not exist or links go in a circle. */
export function canonicalPath(files: FileView, path: string): string | undefined {
  let pending = path.split('/');
  let done = '';
  let links = 0;
  while (pending.length > 0) {
    const part = pending.shift() as string;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done = done.slice(0, Math.max(0, done.lastIndexOf('/')));
      continue;
    }
    const stat = files.stat(`${done}/${part}`, false);
    if (!stat) return undefined;
    if (stat.type !== 'symlink') {
      done = `${done}/${part}`;
      continue;
    }
    links += 1;
    if (links > maxLinks) return undefined;
    const target = stat.target ?? '';
    pending = [...target.split('/'), ...pending];
    if (target.startsWith('/')) done = '';
  }
  return done || '/';
}

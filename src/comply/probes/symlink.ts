import type { FileView } from '../../model/index.ts';
import { absent, type Collection, collection, type Item, makeItem } from '../items.ts';
import type { Probe } from './probe.ts';

const maxLinks = 40;

/** unix symlink: where a link ends. */
export const symlink: Probe = (conditions, { system }): Collection => {
  const condition = conditions.get('filepath');
  const items = (condition?.literals ?? []).flatMap((path) => itemOf(system.files, path));
  return collection(items);
};

/** A path that is no link is an item that does not exist; a link that leads nowhere is one in error. */
function itemOf(files: FileView, path: string): Item[] {
  const stat = files.stat(path, false);
  if (!stat) return [];
  const type = 'unix/symlink';
  if (stat.type !== 'symlink') return [makeItem(type, { filepath: absent }, 'does not exist')];
  const canonical = canonicalPath(files, path);
  if (canonical !== undefined) return [makeItem(type, { filepath: path, canonical_path: canonical })];
  return [makeItem(type, { filepath: path, canonical_path: { value: '', status: 'error' } }, 'error')];
}

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

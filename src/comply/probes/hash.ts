import { type Collection, failure, type Item, makeItem } from '../items.ts';
import { findPaths } from '../paths.ts';
import { hashTypes } from '../wanted.ts';
import type { Probe } from './probe.ts';

/** independent filehash58: a digest of each file in each algorithm asked for. */
export const fileHash58: Probe = (conditions, { system }): Collection => {
  const wanted = conditions.get('hash_type');
  const types = Object.keys(hashTypes).filter((type) => wanted?.matches(type) === 'true');
  const items: Item[] = [];
  let unread: string | undefined;
  for (const { filepath, path, filename } of findPaths(system.files, conditions)) {
    if (filepath === undefined || system.files.stat(filepath)?.type !== 'file') continue;
    for (const type of types) {
      const hash = system.files.digest(filepath, hashTypes[type]!);
      if (hash === undefined) unread ??= `the content of ${filepath} was not hashed`;
      else
        items.push(makeItem('independent/filehash58', { filepath, path, filename, hash_type: type, hash }));
    }
  }
  if (unread !== undefined)
    return items.length > 0
      ? { flag: 'incomplete', items, message: unread }
      : failure('not collected', unread);
  return items.length > 0 ? { flag: 'complete', items } : { flag: 'does not exist', items };
};

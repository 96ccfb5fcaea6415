import { createHash } from 'node:crypto';
import { type Collection, failure, type Item, makeItem } from '../items.ts';
import { findPaths } from '../paths.ts';
import type { Probe } from './probe.ts';

const algorithms: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const chunk = 1 << 20;

/** independent filehash58: a digest of each file in each algorithm asked for. */
export const fileHash58: Probe = (conditions, { system }): Collection => {
  const wanted = conditions.get('hash_type');
  const types = Object.keys(algorithms).filter((type) => wanted?.matches(type) === 'true');
  const items: Item[] = [];
  let unread: string | undefined;
  for (const { filepath, path, filename } of findPaths(system.files, conditions)) {
    if (filepath === undefined || system.files.stat(filepath)?.type !== 'file') continue;
    const content = system.files.open(filepath);
    if (!content) {
      unread ??= `the content of ${filepath} was not kept`;
      continue;
    }
    for (const type of types) {
      const hash = createHash(algorithms[type] as string);
      for (let at = 0; at < content.size; at += chunk)
        hash.update(content.read(at, Math.min(chunk, content.size - at)));
      items.push(
        makeItem('independent/filehash58', {
          filepath,
          path,
          filename,
          hash_type: type,
          hash: hash.digest('hex'),
        }),
      );
    }
  }
  if (unread !== undefined)
    return items.length > 0
      ? { flag: 'incomplete', items, message: unread }
      : failure('not collected', unread);
  return items.length > 0 ? { flag: 'complete', items } : { flag: 'does not exist', items };
};

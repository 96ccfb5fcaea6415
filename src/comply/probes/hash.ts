import type { DigestAlgorithm, FileView } from '../../model/inventory/index.ts';
import { type FoundPath, findPaths } from '../files/paths.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, collection, failure, makeItem, type OvalItem } from '../oval/items.ts';
import type { KnownObject } from './known-object.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** Algorithms by the names of the OVAL schema. */
const hashTypes: Readonly<Record<string, DigestAlgorithm>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** independent filehash58: a digest of each file in each algorithm asked for. */
export const fileHash58: Probe = {
  type: 'independent/filehash58',
  collect: chosenDigests,
  reads: 'nothing',
  digests: { algorithms: askedAlgorithms, unknownPath: 'configuration' },
  shows: { place: ['filepath'] },
  secret: 'none',
};

function askedAlgorithms(object: KnownObject): readonly DigestAlgorithm[] {
  const types = object.values('hash_type');
  if (types?.kind !== 'values') return Object.values(hashTypes);
  return types.values.flatMap((type) => hashTypes[type] ?? []);
}

function chosenDigests(conditions: Conditions, { system }: ProbeContext): Collection {
  const wanted = conditions.get('hash_type');
  const types = Object.keys(hashTypes).filter((type) => wanted?.matches(type) === 'true');
  return hashed(system.files, conditions, (found) => {
    const items: OvalItem[] = [];
    for (const type of types) {
      const hash = system.files.digest(found.filepath, hashTypes[type]!);
      if (hash === undefined) return undefined;
      items.push(makeItem('independent/filehash58', { ...found, hash_type: type, hash }));
    }
    return items;
  });
}

/** independent filehash, the deprecated form: one item a file, with both of its digests. */
export const fileHash: Probe = {
  type: 'independent/filehash',
  collect: bothDigests,
  reads: 'nothing',
  digests: { algorithms: () => ['md5', 'sha1'], unknownPath: 'configuration' },
  shows: { place: ['filepath'] },
  secret: 'none',
};

function bothDigests(conditions: Conditions, { system }: ProbeContext): Collection {
  return hashed(system.files, conditions, (found) => {
    const [md5, sha1] = [
      system.files.digest(found.filepath, 'md5'),
      system.files.digest(found.filepath, 'sha1'),
    ];
    if (md5 === undefined || sha1 === undefined) return undefined;
    return [makeItem('independent/filehash', { ...found, md5, sha1 })];
  });
}

type HashedPath = FoundPath & { filepath: string };

/** Items of every regular file; `itemsOf` gives undefined for a file that was not hashed while layers were read. */
function hashed(
  files: FileView,
  conditions: Conditions,
  itemsOf: (found: HashedPath) => OvalItem[] | undefined,
): Collection {
  const items: OvalItem[] = [];
  let unread: string | undefined;
  for (const found of findPaths(files, conditions)) {
    const { filepath } = found;
    if (filepath === undefined || files.stat(filepath)?.type !== 'file') continue;
    const digests = itemsOf({ ...found, filepath });
    if (digests) items.push(...digests);
    else unread ??= `the content of ${filepath} was not hashed`;
  }
  if (unread === undefined) return collection(items);
  return items.length > 0 ? { flag: 'incomplete', items, message: unread } : failure('not collected', unread);
}

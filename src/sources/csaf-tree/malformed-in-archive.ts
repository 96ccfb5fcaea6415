import type { Blob, SetDocument, Snapshot } from '../snapshots.ts';
import { archiveEntries } from './archive-entries.ts';
import { malformedPaths, recordOf } from './archive-records.ts';
import { archivePaths } from './fetch-archive.ts';
import { malformedBudget, pathInTree, type TreeFetch } from './tree.ts';
import { isGone, type Overlay } from './tree-set.ts';

/**
 * Documents of an archive that cannot be read: each is requested separately, by every fetch until it can be read. None if
 * there are so many that the build refuses the archive.
 */
export async function malformedInArchive(archive: Snapshot, fetch: TreeFetch): Promise<string[]> {
  const { tree, context } = fetch;
  const malformed = await malformedPaths(archive, tree, context.store);
  if (malformed.length === 0) return [];
  const held = await archivePaths(archive, fetch);
  if (malformed.length > malformedBudget(held.size, tree)) return [];
  // The archive is signed, but names in it become addresses, so they are checked.
  return [...new Set(malformed)].filter((path) => tree.isPath(path)).sort();
}

/**
 * The last good versions of documents that cannot be read in a new archive: from the set, otherwise from the archive before.
 * They keep their own times, so that the set distinguishes them from newer versions.
 */
export async function lastGoodVersions(
  malformed: readonly string[],
  before: { archive: Snapshot; time: string; overlay: Overlay } | undefined,
  { tree, context: { store } }: TreeFetch,
): Promise<Overlay> {
  const found: Overlay = new Map();
  if (!before || malformed.length === 0) return found;
  const { archive, time, overlay } = before;
  const sought = new Set<string>();
  for (const path of malformed) {
    const document = overlay.get(path);
    if (document) found.set(path, document);
    else sought.add(path);
  }
  for (const [path, document] of found) if (isGone(document)) found.delete(path);
  if (sought.size === 0) return found;
  const wanted = (name: string) => sought.has(pathInTree(name, tree));
  for await (const { name, content } of archiveEntries(archive, store, wanted)) {
    const path = pathInTree(name, tree);
    if (!('vulnerabilities' in recordOf(content, tree, path))) continue;
    const blob: Blob = await store.put(one(content));
    const document: SetDocument = { name: path, ...blob, lastModified: time };
    found.set(path, archive.unsigned ? { ...document, unsigned: true } : document);
  }
  return found;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

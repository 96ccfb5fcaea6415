import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../../io/files.ts';
import { ScapfeedError } from '../../model/error.ts';
import { withByteProgress } from '../progress-bytes.ts';
import type { Blob, Snapshot } from '../snapshots.ts';
import { archiveEntries } from './archive-entries.ts';
import { checkSignature } from './fetch-document.ts';
import { pathInTree, type TreeFetch } from './tree.ts';
import { archiveId } from './tree-set.ts';

/** Size limit of an archive: ten times today's size. */
const archiveByteLimit = 4 * 2 ** 30;

/** Fetches the whole tree in one file. It replaces the last one only if its signature is good and it decompresses completely. */
export async function fetchArchive(where: string, fetch: TreeFetch): Promise<Snapshot> {
  const { tree, context } = fetch;
  const { http, store, progress } = context;
  const answer = await http.get(where, { maxBytes: archiveByteLimit });
  if (answer.notModified) throw new Error('unexpected status 304');
  const step = `fetching ${tree.id} archive ${where.slice(where.lastIndexOf('/') + 1)}`;
  const blob = await store.put(withByteProgress(answer.body, step, answer.headers, progress));
  const checked = await checkSignature(store.open(blob), where, fetch);
  // Only a signature proves that it is whole: without one it is read to its end, before it replaces the last good one.
  if (checked !== 'signature') await requireDocuments({ ...blob, url: where }, fetch);
  const { etag, lastModified } = answer;
  return store.save(
    {
      id: archiveId(tree),
      source: tree.source,
      url: where,
      etag,
      lastModified,
      unsigned: checked === 'unsigned',
    },
    store.open(blob),
  );
}

/** @throws SOURCE_MALFORMED if it is damaged, or has no document of the tree: a feed of it would know no flaw. */
async function requireDocuments(
  archive: Blob & { url: string },
  { tree, context: { store } }: TreeFetch,
): Promise<void> {
  let found = false;
  const note = (name: string) => {
    found ||= tree.isPath(pathInTree(name, tree));
    return false;
  };
  for await (const entry of archiveEntries(archive, store, note)) throw new Error(`unwanted ${entry.name}`);
  if (found) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected an archive of documents, found none in it',
    where: archive.url,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}

/** Paths of the documents in an archive; decompressed once, then stored beside the snapshots. */
export async function archivePaths(archive: Blob & { url: string }, fetch: TreeFetch): Promise<Set<string>> {
  const {
    tree,
    context: { store },
  } = fetch;
  const place = store.cache(`${archiveId(tree)}-${archive.sha256}.paths`);
  const known = await readFile(place, 'utf8').catch(() => undefined);
  if (known?.endsWith('\n')) return new Set(known.trimEnd().split('\n'));
  const paths = new Set<string>();
  const note = (name: string) => {
    const path = pathInTree(name, tree);
    if (tree.isPath(path)) paths.add(path);
    return false;
  };
  for await (const entry of archiveEntries(archive, store, note)) throw new Error(`unwanted ${entry.name}`);
  await writeAtomically(place, `${[...paths].sort().join('\n')}\n`);
  return paths;
}

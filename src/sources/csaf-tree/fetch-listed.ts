import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../contract.ts';
import type { Snapshot } from '../snapshots.ts';
import { parseIndex } from './change-list.ts';
import { fetchDocuments } from './fetch-documents.ts';
import { fetchList, readList } from './fetch-lists.ts';
import type { CsafTree, TreeFetch } from './tree.ts';
import { loadOverlay, refusalOf, saveTreeSet } from './tree-set.ts';

/**
 * Fetches a tree that has neither an archive nor a list of changes: the documents in its index, each asked for with the time
 * of the version that is kept. One that the index lists no more is dropped.
 */
export async function fetchListed(tree: CsafTree, context: FetchContext): Promise<Snapshot[]> {
  const fetch: TreeFetch = { tree, context };
  const known = await context.store.list(tree.source);
  const index = await fetchList('index', fetch, false);
  if (!index)
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: 'expected the list of documents, found none',
      where: `${tree.url}index.txt`,
      remedy: `check ${tree.definedIn}, or complete the mirror`,
    });
  const listed = parseIndex((await readList(index, fetch)) ?? '', tree);
  const own = known.filter(({ id, url }) => id === tree.id && url === tree.url);
  const overlay = await loadOverlay(own, tree, context.store);
  const isListed = new Set(listed);
  for (const name of overlay.keys()) if (!isListed.has(refusalOf(name)?.path ?? name)) overlay.delete(name);
  const waiting = listed.map((path) => {
    const { lastModified } = overlay.get(path) ?? {};
    return { path, ...(lastModified !== undefined && { kept: { lastModified } }) };
  });
  await fetchDocuments(waiting, overlay, fetch, () => saveTreeSet(fetch, overlay, false));
  return [await saveTreeSet(fetch, overlay, false), index];
}

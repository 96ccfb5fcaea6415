import type { Snapshot } from '../snapshots.ts';
import { archiveEntries } from './archive.ts';
import { checkSignature } from './fetch-document.ts';
import type { TreeFetch } from './fetch-tree.ts';
import { archiveId } from './tree-snapshot.ts';

/** Ten times the size of today's. */
const archiveByteLimit = 4 * 2 ** 30;

/**
 * The whole tree in one file. It replaces the last one only when its signature is good; one without signature, from a
 * mirror, when it can be unpacked to its end.
 */
export async function fetchArchive(name: string, fetch: TreeFetch): Promise<Snapshot> {
  const { tree, url, context } = fetch;
  const { http, store, progress } = context;
  const where = url + name;
  progress(`${tree}: archive ${name}`);
  const answer = await http.get(where, { maxBytes: archiveByteLimit });
  if (answer.notModified) throw new Error('unasked 304');
  const blob = await store.put(answer.body);
  const checked = await checkSignature(store.open(blob), where, answer.url.startsWith(url), fetch);
  if (checked === 'unsigned')
    for await (const _ of archiveEntries({ ...blob, url: where }, store, () => false));
  const { etag, lastModified } = answer;
  return store.save(
    { id: archiveId(tree), source: 'redhat', url: where, etag, lastModified },
    store.open(blob),
  );
}

import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../../../../io/files.ts';
import type { Blob, Snapshot } from '../../../../sources/snapshots.ts';
import { archiveEntries } from '../stored/archive.ts';
import { archiveId } from '../stored/tree-set.ts';
import type { TreeFetch } from './context.ts';
import { checkSignature } from './document.ts';

/** Size limit of an archive: ten times today's size. */
const archiveByteLimit = 4 * 2 ** 30;

/** Fetches the whole tree in one file. It replaces the last one only if its signature is good and it decompresses completely. */
export async function fetchArchive(name: string, fetch: TreeFetch): Promise<Snapshot> {
  const { tree, url, context } = fetch;
  const { http, store, progress } = context;
  const where = url + name;
  progress(`${tree}: archive ${name}`);
  const answer = await http.get(where, { maxBytes: archiveByteLimit });
  if (answer.notModified) throw new Error('unasked 304');
  const blob = await store.put(answer.body);
  const signed = await checkSignature(store.open(blob), where, fetch);
  if (!signed) for await (const _ of archiveEntries({ ...blob, url: where }, store, () => false));
  const { etag, lastModified } = answer;
  return store.save(
    { id: archiveId(tree), source: 'redhat', url: where, etag, lastModified, unsigned: !signed },
    store.open(blob),
  );
}

/** Paths of the documents in an archive; decompressed once, then stored beside the snapshots. */
export async function archivePaths(archive: Blob & { url: string }, fetch: TreeFetch): Promise<Set<string>> {
  const { store } = fetch.context;
  const place = store.cache(`${archiveId(fetch.tree)}-${archive.sha256}.paths`);
  const known = await readFile(place, 'utf8').catch(() => undefined);
  if (known?.endsWith('\n')) return new Set(known.trimEnd().split('\n'));
  const paths = new Set<string>();
  const note = (name: string) => {
    paths.add(name.replace(/^\.\//, ''));
    return false;
  };
  for await (const entry of archiveEntries(archive, store, note)) throw new Error(`unwanted ${entry.name}`);
  await writeAtomically(place, `${[...paths].sort().join('\n')}\n`);
  return paths;
}

import type { FetchContext } from '../contract.ts';
import type { Blob, SetDocument, Snapshot } from '../snapshots.ts';
import { archiveEntries } from './archive-entries.ts';
import { malformedPaths, recordOf } from './archive-records.ts';
import { archiveDay, parseChanges, parseIndex } from './change-list.ts';
import { archivePaths, fetchArchive } from './fetch-archive.ts';
import { fetchDocuments } from './fetch-documents.ts';
import { archiveAddress, changesOf, fetchLists, readList } from './fetch-lists.ts';
import { type ArchivedTree, malformedBudget, pathInTree, type TreeFetch } from './tree.ts';
import { archiveId, forget, isGone, loadOverlay, type Overlay, refusalOf, saveTreeSet } from './tree-set.ts';

/**
 * Fetches one tree: the archive once, then what changes.csv and deletions.csv name since its day. Each step can be
 * interrupted and repeated. Empty: the server has no such tree.
 */
export async function fetchTree(tree: ArchivedTree, context: FetchContext): Promise<Snapshot[]> {
  const fetch: TreeFetch<ArchivedTree> = { tree, context };
  const latest = await archiveAddress(fetch);
  if (latest === undefined) {
    context.progress(`${tree.id}: the server has none`);
    return [];
  }
  const known = await context.store.list(tree.source);
  const lists = await fetchLists(fetch, latest);
  const accepted = ({ unsigned }: { unsigned?: true }) => !unsigned || context.unsignedMirror === true;
  let archive = known.find((one) => one.id === archiveId(tree) && isOf(tree, one.url) && accepted(one));
  let overlay = await loadOverlay(known, tree, context.store);
  for (const [path, document] of overlay) if (!accepted(document)) overlay.delete(path);
  const behind = archive ? pending(await changesOf(lists, fetch), since(archive, tree), overlay).length : 0;
  const moved = archive !== undefined && ('at' in tree.archive.name || archive.url !== latest);
  const before = archive && { archive, time: since(archive, tree), overlay };
  if (!archive || (moved && behind > tree.limits.archiveAbove)) {
    archive = await fetchArchive(latest, fetch);
    overlay = await lastGoodVersions(await malformedInArchive(archive, fetch), before, fetch);
  }
  const malformed = await malformedInArchive(archive, fetch);
  await dropOutdated(overlay, archive, malformed, fetch);
  const set = await fetchChanges(fetch, { archive, malformed }, overlay, lists);
  return [archive, set, ...lists];
}

/** An archive from another address is another tree's. */
function isOf({ url, archive: { name } }: ArchivedTree, address: string): boolean {
  return 'at' in name ? address === name.at : address.startsWith(url);
}

/** Documents that an archive has in a newer version, as after a run that was killed between archive and set. */
async function dropOutdated(
  overlay: Overlay,
  archive: Snapshot,
  malformed: readonly string[],
  fetch: TreeFetch<ArchivedTree>,
): Promise<void> {
  const from = since(archive, fetch.tree);
  const held = await archivePaths(archive, fetch);
  for (const path of malformed) held.delete(path);
  for (const [name, { lastModified = '' }] of overlay) {
    if (lastModified < from && held.has(refusalOf(name)?.path ?? name)) overlay.delete(name);
  }
}

/**
 * From when on changes may be missing in an archive: its name's day has no hour, and lists are behind archives, so some hours
 * before it are read again. Without a day in its name it is of when the server changed it.
 */
function since({ url, lastModified }: Snapshot, { limits }: ArchivedTree): string {
  const day = archiveDay(url.slice(url.lastIndexOf('/') + 1));
  const time = Date.parse(day === undefined ? (lastModified ?? '') : `${day}T00:00:00Z`);
  return Number.isNaN(time) ? '' : new Date(time - limits.overlapHours * 3_600_000).toISOString();
}

/** Changes that are not in the set yet, oldest first. */
function pending(changes: ReadonlyMap<string, string>, from: string, overlay: Overlay): [string, string][] {
  return [...changes]
    .filter(([path, time]) => time >= from && (overlay.get(path)?.lastModified ?? '') < time)
    .sort(([a, left], [b, right]) => (left < right ? -1 : left > right ? 1 : a < b ? -1 : 1));
}

/** Documents that the index lists and neither the archive nor the set has, whenever they changed. */
async function missing(
  changes: ReadonlyMap<string, string>,
  archive: Snapshot,
  overlay: Overlay,
  lists: readonly Snapshot[],
  fetch: TreeFetch<ArchivedTree>,
): Promise<[string, string][]> {
  const index = lists.find(({ id }) => id === `${fetch.tree.id}-index`);
  const listed = parseIndex((await readList(index, fetch)) ?? '', fetch.tree);
  const from = since(archive, fetch.tree);
  const held = await archivePaths(archive, fetch);
  return listed
    .filter((path) => !held.has(path) && !overlay.has(path) && (changes.get(path) ?? '') < from)
    .map((path) => [path, changes.get(path) ?? from]);
}

/** Documents that cannot be read in the archive and have not been fetched separately since. */
function unread(
  malformed: readonly string[],
  changes: ReadonlyMap<string, string>,
  from: string,
  overlay: Overlay,
): [string, string][] {
  return malformed
    .filter((path) => (changes.get(path) ?? '') < from && (overlay.get(path)?.lastModified ?? '') < from)
    .map((path) => [path, from]);
}

/** An archive with its documents that cannot be read. */
interface ReadArchive {
  archive: Snapshot;
  malformed: readonly string[];
}

/** Fetches pending documents, few at a time, and saves the set regularly. */
async function fetchChanges(
  fetch: TreeFetch<ArchivedTree>,
  { archive, malformed }: ReadArchive,
  overlay: Overlay,
  lists: readonly Snapshot[],
): Promise<Snapshot> {
  const { tree } = fetch;
  const from = since(archive, tree);
  const changes = await changesOf(lists, fetch);
  const waiting = [
    ...(await missing(changes, archive, overlay, lists, fetch)),
    ...unread(malformed, changes, from, overlay),
    ...pending(changes, from, overlay),
  ];
  const save = () => saveTreeSet(fetch, overlay, archive.unsigned);
  await fetchDocuments(
    waiting.map(([path, time]) => ({ path, time })),
    overlay,
    fetch,
    save,
  );
  const deletions = lists.find(({ id }) => id === `${tree.id}-deletions`);
  const gone = parseChanges((await readList(deletions, fetch)) ?? '', tree).changes;
  for (const [path, time] of gone) {
    if (time >= from && (overlay.get(path)?.lastModified ?? '') < time) forget(overlay, path, time);
  }
  return save();
}

/**
 * Documents of an archive that cannot be read: each is requested separately, by every fetch until it can be read. None if
 * there are so many that the build refuses the archive.
 */
async function malformedInArchive(archive: Snapshot, fetch: TreeFetch<ArchivedTree>): Promise<string[]> {
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
async function lastGoodVersions(
  malformed: readonly string[],
  before: { archive: Snapshot; time: string; overlay: Overlay } | undefined,
  { tree, context: { store } }: TreeFetch<ArchivedTree>,
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

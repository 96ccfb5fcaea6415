import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { readAll } from '../../io/bytes.ts';
import { ScapfeedError } from '../../model/index.ts';
import type { FetchContext } from '../contract.ts';
import { download } from '../download.ts';
import type { SetDocument, Snapshot } from '../snapshots.ts';
import { archiveDay, parseChanges } from './change-list.ts';
import type { RedHatDefinition } from './feed.ts';
import { fetchArchive } from './fetch-archive.ts';
import { type Fetched, fetchDocument } from './fetch-document.ts';
import type { Tree } from './record.ts';
import { archiveId, lastGoodName, loadOverlay, type Overlay, rejectedName } from './tree-snapshot.ts';

const listByteLimit = 64 * 2 ** 20;
const nameByteLimit = 4096;

/** Documents between two savings: a run that is killed loses no more than these. */
const documentsPerSave = 100;

export interface TreeFetch {
  tree: Tree;
  /** URL of the tree, with a slash at its end. */
  url: string;
  context: FetchContext;
  definition: RedHatDefinition;
}

/**
 * One tree by the directory protocol: the archive once, then what changes.csv and deletions.csv name since its day.
 * Each step can be killed and run again. Empty: the server has no such tree.
 */
export async function fetchTree(
  tree: Tree,
  context: FetchContext,
  definition: RedHatDefinition,
): Promise<Snapshot[]> {
  const url = definition.trees[tree];
  const fetch: TreeFetch = { tree, url, context, definition };
  const latest = await archiveName(fetch);
  if (latest === undefined) {
    context.progress(`${tree}: not there`);
    return [];
  }
  const known = await context.store.list('redhat');
  const lists = await fetchLists(fetch, latest);
  let archive = known.find(({ id, url: from }) => id === archiveId(tree) && from.startsWith(url));
  let overlay = await loadOverlay(known, tree, context.store);
  const missing = archive
    ? pending(await changesOf(lists, fetch), since(archive.url, definition), overlay).length
    : 0;
  const moved = archive !== undefined && archive.url !== url + latest;
  if (!archive || (moved && missing > definition.limits.archiveAbove)) {
    archive = await fetchArchive(latest, fetch);
    overlay = new Map();
  }
  const set = await fetchChanges(fetch, archive, overlay, lists);
  return [archive, set, ...lists];
}

async function archiveName({ url, context }: TreeFetch): Promise<string | undefined> {
  const where = `${url}archive_latest.txt`;
  try {
    const answer = await context.http.get(where, { maxBytes: nameByteLimit });
    if (answer.notModified) return undefined;
    const bytes = await readAll(answer.body, { maxBytes: nameByteLimit, code: 'FETCH_TOO_LARGE', where });
    const name = bytes.toString().trim();
    if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return name;
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: `expected the file name of an archive, found ${JSON.stringify(name.slice(0, 80))}`,
      where,
    });
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * changes.csv and deletions.csv, by condition. A proxy's old validator may hide a new list: when the archive is newer
 * than every change that we know of, the list is asked for again without it.
 */
async function fetchLists(fetch: TreeFetch, latest: string): Promise<Snapshot[]> {
  const changes = await fetchList('changes', fetch, false);
  const newest =
    [...parseChanges((await readList(changes, fetch)) ?? '').changes.values()].sort().at(-1) ?? '';
  const hidden = newest.slice(0, 10) < (archiveDay(latest) ?? '');
  const fresh = hidden ? await fetchList('changes', fetch, true) : changes;
  const deletions = await fetchList('deletions', fetch, false);
  return [fresh, deletions].flatMap((snapshot) => snapshot ?? []);
}

async function fetchList(
  name: 'changes' | 'deletions',
  { tree, url, context }: TreeFetch,
  unconditional: boolean,
): Promise<Snapshot | undefined> {
  const id = `${tree}-${name}`;
  const wanted = {
    id,
    source: 'redhat',
    url: `${url}${name}.csv`,
    kind: 'text',
    maxBytes: listByteLimit,
  } as const;
  if (!unconditional) return optional(() => download(context, wanted));
  const known = (await context.store.list('redhat')).find((snapshot) => snapshot.id === id);
  return optional(async () => {
    const answer = await context.http.get(wanted.url, { maxBytes: listByteLimit });
    if (answer.notModified) return known;
    const { etag, lastModified } = answer;
    return context.store.save({ id, source: 'redhat', url: wanted.url, etag, lastModified }, answer.body);
  });
}

async function optional<T>(make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}

async function readList(snapshot: Snapshot | undefined, { context }: TreeFetch): Promise<string | undefined> {
  return snapshot && (await context.store.read(snapshot, listByteLimit)).toString();
}

async function changesOf(lists: readonly Snapshot[], fetch: TreeFetch): Promise<Map<string, string>> {
  const list = lists.find(({ id }) => id === `${fetch.tree}-changes`);
  return parseChanges((await readList(list, fetch)) ?? '').changes;
}

/** An archive's day has no hour, and lists lag behind archives: some hours before it are read again. */
function since(archiveUrl: string, { limits }: RedHatDefinition): string {
  const day = archiveDay(archiveUrl.slice(archiveUrl.lastIndexOf('/') + 1));
  if (day === undefined) return '';
  return new Date(Date.parse(`${day}T00:00:00Z`) - limits.overlapHours * 3_600_000).toISOString();
}

/** Changes that are not in the set yet, oldest first. */
function pending(changes: ReadonlyMap<string, string>, from: string, overlay: Overlay): [string, string][] {
  return [...changes]
    .filter(([path, time]) => time >= from && (overlay.get(path)?.lastModified ?? '') < time)
    .sort(([a, left], [b, right]) => (left < right ? -1 : left > right ? 1 : a < b ? -1 : 1));
}

/** Fetches what is pending, few at a time, and saves the set as it grows. */
async function fetchChanges(
  fetch: TreeFetch,
  archive: Snapshot,
  overlay: Overlay,
  lists: readonly Snapshot[],
): Promise<Snapshot> {
  const { tree, context, definition } = fetch;
  const from = since(archive.url, definition);
  const waiting = pending(await changesOf(lists, fetch), from, overlay);
  const pace = new Pace(definition);
  const limit = pLimit(definition.limits.concurrency);
  for (let at = 0; at < waiting.length; at += documentsPerSave) {
    const batch = waiting.slice(at, at + documentsPerSave);
    context.progress(`${tree}: ${at} of ${waiting.length} changed documents`);
    try {
      await Promise.all(
        batch.map(([path, time]) =>
          limit(async () => keep(overlay, path, time, await pace.try(() => fetchDocument(path, fetch)))),
        ),
      );
    } finally {
      limit.clearQueue();
      await saveSet(fetch, overlay);
    }
  }
  const deletions = lists.find(({ id }) => id === `${tree}-deletions`);
  const gone = parseChanges((await readList(deletions, fetch)) ?? '').changes;
  for (const [path, time] of gone) {
    if (time >= from && (overlay.get(path)?.lastModified ?? '') < time) forget(overlay, path, time);
  }
  return saveSet(fetch, overlay);
}

/** Puts a fetched document into the set; what it replaces stays as last good version if the new one is unreadable. */
function keep(overlay: Overlay, path: string, time: string, fetched: Fetched): void {
  if (fetched.kind === 'gone') {
    forget(overlay, path, time);
    return;
  }
  const entry = (name: string): SetDocument => ({ name, ...fetched.blob, lastModified: time });
  if (fetched.kind === 'rejected') {
    overlay.set(rejectedName(path), entry(rejectedName(path)));
    return;
  }
  overlay.delete(rejectedName(path));
  const last = overlay.get(path);
  if (fetched.kind === 'readable') overlay.delete(lastGoodName(path));
  else if (last && last.size > 0 && !overlay.has(lastGoodName(path))) {
    overlay.set(lastGoodName(path), { ...last, name: lastGoodName(path) });
  }
  overlay.set(path, entry(path));
}

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** A document that is listed as changed and not there any more is gone, as one that is listed as deleted. */
function forget(overlay: Overlay, path: string, time: string): void {
  for (const name of [lastGoodName(path), rejectedName(path)]) overlay.delete(name);
  overlay.set(path, { name: path, sha256: emptySha256, size: 0, lastModified: time });
}

async function saveSet({ tree, url, context }: TreeFetch, overlay: Overlay): Promise<Snapshot> {
  if ([...overlay.values()].some(({ size }) => size === 0)) await context.store.put(nothing());
  const newest = [...overlay.values()]
    .map(({ lastModified = '' }) => lastModified)
    .sort()
    .at(-1);
  return context.store.saveSet({ id: tree, source: 'redhat', url, lastModified: newest }, overlay.values());
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Red Hat's server answers 403 to a client in a hurry: after one everything waits, longer each time. */
class Pace {
  readonly #definition: RedHatDefinition;
  #waits = 0;
  #until: Promise<void> = Promise.resolve();

  constructor(definition: RedHatDefinition) {
    this.#definition = definition;
  }

  async try<T>(task: () => Promise<T>): Promise<T> {
    const { tries, pauseMilliseconds } = this.#definition.limits;
    for (let attempt = 1; ; attempt++) {
      await this.#until;
      try {
        return await task();
      } catch (error) {
        const hurried = error instanceof ScapfeedError && error.code === 'FETCH_FAILED';
        if (!hurried || attempt >= tries) throw error;
        this.#waits = Math.min(this.#waits + 1, tries);
        this.#until = sleep(pauseMilliseconds * 2 ** (this.#waits - 1));
      }
    }
  }
}

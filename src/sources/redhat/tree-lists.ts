import { readAll } from '../../io/bytes.ts';
import { ScapfeedError } from '../../model/index.ts';
import type { Snapshot } from '../snapshots.ts';
import { archiveDay, parseChanges } from './change-list.ts';
import type { TreeFetch } from './fetch-tree.ts';

const listByteLimit = 64 * 2 ** 20;
const nameByteLimit = 4096;

/** File name of the newest archive; undefined: the server has no such tree. */
export async function archiveName({ url, context }: TreeFetch): Promise<string | undefined> {
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
export async function fetchLists(fetch: TreeFetch, latest: string): Promise<Snapshot[]> {
  const changes = await fetchList('changes', fetch, false);
  const newest =
    [...parseChanges((await readList(changes, fetch)) ?? '').changes.values()].sort().at(-1) ?? '';
  const hidden = newest.slice(0, 10) < (archiveDay(latest) ?? '');
  const fresh = hidden ? await fetchList('changes', fetch, true) : changes;
  const deletions = await fetchList('deletions', fetch, false);
  const index = await fetchList('index', fetch, false);
  return [fresh, deletions, index].flatMap((snapshot) => snapshot ?? []);
}

async function fetchList(
  name: 'changes' | 'deletions' | 'index',
  { tree, url, context }: TreeFetch,
  unconditional: boolean,
): Promise<Snapshot | undefined> {
  const id = `${tree}-${name}`;
  const where = `${url}${name}.${name === 'index' ? 'txt' : 'csv'}`;
  const known = (await context.store.list('redhat')).find(
    (snapshot) => snapshot.id === id && snapshot.url === where,
  );
  const validators = unconditional || !known ? {} : validatorsOf(known);
  return optional(async () => {
    const answer = await context.http.get(where, { maxBytes: listByteLimit, ...validators });
    if (answer.notModified) return known;
    const bytes = await readAll(answer.body, { maxBytes: listByteLimit, code: 'FETCH_TOO_LARGE', where });
    if (bytes.subarray(0, 100).toString().trimStart().startsWith('<')) throw notList(where);
    const { etag, lastModified } = answer;
    return context.store.save({ id, source: 'redhat', url: where, etag, lastModified }, one(bytes));
  });
}

function validatorsOf({ etag, lastModified }: Snapshot): { etag?: string; lastModified?: string } {
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

/** An empty list is one; a page that a proxy sends in its place is none. */
function notList(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected lines of path and date, found a web page',
    where,
    remedy: 'look at the address: a proxy may answer in its place; the last good snapshot stays',
  });
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function optional<T>(make: () => Promise<T>): Promise<T | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}

export async function readList(
  snapshot: Snapshot | undefined,
  { context }: TreeFetch,
): Promise<string | undefined> {
  return snapshot && (await context.store.read(snapshot, listByteLimit)).toString();
}

/** The newest change of each path, as the tree's changes.csv tells. */
export async function changesOf(lists: readonly Snapshot[], fetch: TreeFetch): Promise<Map<string, string>> {
  const list = lists.find(({ id }) => id === `${fetch.tree}-changes`);
  return parseChanges((await readList(list, fetch)) ?? '').changes;
}

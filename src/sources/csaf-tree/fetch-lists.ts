import { readAll } from '../../io/bytes.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Snapshot } from '../snapshots.ts';
import { archiveDay, isChangeLine, parseChanges, rowsOf } from './change-list.ts';
import type { ArchivedTree, TreeFetch } from './tree.ts';

const listByteLimit = 64 * 2 ** 20;
/** Three times the CVEs that there are. */
const maxLines = 1_000_000;
const nameByteLimit = 4096;

/** Address of the newest archive; undefined: the server has no such tree. */
export async function archiveAddress({
  tree,
  context,
}: TreeFetch<ArchivedTree>): Promise<string | undefined> {
  const { name: naming } = tree.archive;
  if ('at' in naming) return naming.at;
  const where = tree.url + naming.in;
  try {
    const answer = await context.http.get(where, { maxBytes: nameByteLimit });
    if (answer.notModified) return undefined;
    const bytes = await readAll(answer.body, { maxBytes: nameByteLimit, code: 'FETCH_TOO_LARGE', where });
    const name = bytes.toString().trim();
    if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return tree.url + name;
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
 * Fetches changes.csv and deletions.csv with conditional requests. A proxy's old validator may hide a new list: if the
 * archive is newer than every known change, the list is requested again without condition.
 */
export async function fetchLists(fetch: TreeFetch, latest: string): Promise<Snapshot[]> {
  const changes = await fetchList('changes', fetch, false);
  const newest =
    [...parseChanges((await readList(changes, fetch)) ?? '', fetch.tree).changes.values()].sort().at(-1) ??
    '';
  const hidden = newest.slice(0, 10) < (archiveDay(latest) ?? '');
  const fresh = hidden ? await fetchList('changes', fetch, true) : changes;
  const deletions = await fetchList('deletions', fetch, false);
  const index = await fetchList('index', fetch, false);
  return [fresh, deletions, index].flatMap((snapshot) => snapshot ?? []);
}

/** Fetches a list with a conditional request. Undefined: the server has none. */
export async function fetchList(
  name: 'changes' | 'deletions' | 'index',
  fetch: TreeFetch,
  unconditional: boolean,
): Promise<Snapshot | undefined> {
  const { tree, context } = fetch;
  const id = `${tree.id}-${name}`;
  const where = `${tree.url}${name}.${name === 'index' ? 'txt' : 'csv'}`;
  const known = (await context.store.list(tree.source)).find(
    (snapshot) => snapshot.id === id && snapshot.url === where,
  );
  const validators = unconditional || !known ? {} : validatorsOf(known);
  return optional(async () => {
    const answer = await context.http.get(where, { maxBytes: listByteLimit, ...validators });
    if (answer.notModified) return known;
    const bytes = await readAll(answer.body, { maxBytes: listByteLimit, code: 'FETCH_TOO_LARGE', where });
    const last = (await readList(known, fetch)) ?? '';
    requireList(
      bytes.toString(),
      name === 'changes' ? last : '',
      name === 'index' ? (line) => tree.isPath(line.trim()) : (line) => isChangeLine(line, tree),
      where,
    );
    const { etag, lastModified } = answer;
    return context.store.save({ id, source: tree.source, url: where, etag, lastModified }, one(bytes));
  });
}

function validatorsOf({ etag, lastModified }: Snapshot): { etag?: string; lastModified?: string } {
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

/**
 * Some lines may be malformed, but not all (a web page from a proxy) and not the last one (a truncated list). `last`: the
 * stored list; after one with lines, an empty list is refused.
 */
function requireList(text: string, last: string, isLine: (line: string) => boolean, where: string): void {
  let [lines, hasGood, first, end] = [0, false, '', ''];
  for (const { row } of rowsOf(text)) {
    lines += 1;
    if (lines > maxLines) throw tooLong(where);
    hasGood ||= isLine(row);
    if (lines === 1) first = row;
    end = row;
  }
  if (lines === 0 && last.trim() !== '') throw notList('nothing', where);
  if (lines > 0 && !hasGood) throw notList(JSON.stringify(first.slice(0, 40)), where);
  if (!text.endsWith('\n') && lines > 0 && !isLine(end))
    throw notList(`a list that stops at ${JSON.stringify(end.slice(-40))}`, where);
}

function tooLong(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected at most ${maxLines} lines, found more`,
    where,
    remedy: 'check the address; the last good snapshot is kept',
  });
}

function notList(found: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected lines of paths, found ${found}`,
    where,
    remedy: 'check the address: a proxy may answer in its place; the last good snapshot is kept',
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

/** The newest change of each path, by the tree's changes.csv. */
export async function changesOf(lists: readonly Snapshot[], fetch: TreeFetch): Promise<Map<string, string>> {
  const list = lists.find(({ id }) => id === `${fetch.tree.id}-changes`);
  return parseChanges((await readList(list, fetch)) ?? '', fetch.tree).changes;
}

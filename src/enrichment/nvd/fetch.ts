import { createHash } from 'node:crypto';
import { readAll } from '../../io/bytes.ts';
import { decompress } from '../../io/decompress.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import type { Snapshot, SnapshotStore } from '../../sources/snapshots.ts';
import type { EnrichmentDefinition } from '../definition.ts';
import { maxFeedBytes, nvdFacts } from './read.ts';

const source = 'nvd';
const maxMetaBytes = 4096;
const maxPackedBytes = 2 ** 28;
const day = 86_400_000;

/**
 * Updates the feeds. A year is fetched when it is new or when the feeds of changes, which hold eight days, no longer lead
 * from it to today; on other nights only those are.
 */
export async function fetchNvd(
  context: FetchContext,
  definition: EnrichmentDefinition['nvd'],
): Promise<Snapshot[]> {
  const stored = new Map((await context.store.list(source)).map((snapshot) => [snapshot.id, snapshot]));
  const snapshots: Snapshot[] = [];
  let changed: string | undefined;
  for (const name of definition.updates) {
    const feed = await fetchFeed(context, definition, name, stored);
    snapshots.push(...feed.snapshots);
    if (feed.meta && (changed === undefined || feed.meta.modified < changed)) changed = feed.meta.modified;
  }
  const lastYear = context.now.getUTCFullYear();
  for (let year = definition.firstYear; year <= lastYear; year++) {
    const kept = await coveredByChanges(context, `nvd-${year}`, stored, changed, definition.fullDays);
    snapshots.push(...(kept ?? (await fetchFeed(context, definition, String(year), stored)).snapshots));
  }
  if (!snapshots.some(({ id }) => /^nvd-\d{4}$/.test(id))) throw noYear(definition.feeds);
  await context.store.retain(source, snapshots);
  return snapshots;
}

/** A year's stored feed and its meta document, if the changes since then are in the feeds of changes. */
async function coveredByChanges(
  { store }: FetchContext,
  id: string,
  stored: ReadonlyMap<string, Snapshot>,
  changed: string | undefined,
  fullDays: number,
): Promise<Snapshot[] | undefined> {
  const feed = stored.get(id);
  const meta = stored.get(`${id}-meta`);
  if (!feed || !meta || feed.refused !== undefined || changed === undefined) return undefined;
  const { modified } = await readMeta(meta, store);
  return Date.parse(changed) - Date.parse(modified) <= fullDays * day ? [feed, meta] : undefined;
}

interface FetchedFeed {
  snapshots: Snapshot[];
  meta?: FeedMeta;
}

/** A feed that cannot be updated stays as it was, marked; of one that never was there is nothing, and the reader counts it. */
async function fetchFeed(
  context: FetchContext,
  { feeds }: EnrichmentDefinition['nvd'],
  name: string,
  stored: ReadonlyMap<string, Snapshot>,
): Promise<FetchedFeed> {
  const id = `${source}-${name}`;
  const known = stored.get(id);
  const knownMeta = stored.get(`${id}-meta`);
  try {
    return await fetchFeedOnce(context, `${feeds}/nvdcve-2.0-${name}`, id, known, knownMeta);
  } catch (error) {
    if (!(error instanceof ScapfeedError)) throw error;
    if (!known && error.code === 'FETCH_NOT_FOUND') return { snapshots: [] };
    if (!known) throw error;
    context.progress(`${id}: ${error.message}`);
    return { snapshots: [await context.store.keep(known, error.code), ...(knownMeta ? [knownMeta] : [])] };
  }
}

async function fetchFeedOnce(
  context: FetchContext,
  base: string,
  id: string,
  known: Snapshot | undefined,
  knownMeta: Snapshot | undefined,
): Promise<FetchedFeed> {
  const { store } = context;
  const metaUrl = `${base}.meta`;
  const url = `${base}.json.gz`;
  const text = await metaText(context, metaUrl);
  const meta = text === undefined ? undefined : parseMeta(text, metaUrl);
  if (meta && known && knownMeta && known.refused === undefined) {
    const last = await readMeta(knownMeta, store);
    if (last.sha256 === meta.sha256) return { snapshots: [known, knownMeta], meta: last };
  }
  const feed = await download(context, {
    id,
    source,
    url,
    kind: 'packed',
    maxBytes: maxPackedBytes,
    // Its digest is another one: an answer that it has not changed would not be checked against it.
    fresh: meta !== undefined,
    verify: async (blob) => {
      if (meta) await requireDigest(store.open(blob), meta, url);
      await nvdFacts({ id, ...blob }, store);
    },
  });
  if (!meta || text === undefined) return { snapshots: [feed] };
  // Only now: the digest of a feed that was refused must not make the next run take the old feed for the new one.
  const saved = await store.save({ id: `${id}-meta`, source, url: metaUrl }, single(text));
  return { snapshots: [feed, saved], meta };
}

/** Undefined: there is none, as on mirrors of the feeds alone. */
async function metaText({ http }: FetchContext, url: string): Promise<string | undefined> {
  try {
    const answer = await http.get(url, { maxBytes: maxMetaBytes });
    if (answer.notModified) return undefined;
    const bound = { maxBytes: maxMetaBytes, code: 'SOURCE_TOO_LARGE', where: url } as const;
    return (await readAll(answer.body, bound)).toString('latin1');
  } catch (error) {
    if (error instanceof ScapfeedError && error.code === 'FETCH_NOT_FOUND') return undefined;
    throw error;
  }
}

async function readMeta(snapshot: Snapshot, store: SnapshotStore): Promise<FeedMeta> {
  return parseMeta((await store.read(snapshot, maxMetaBytes)).toString('latin1'), snapshot.id);
}

/** The digest is that of the unpacked feed. */
async function requireDigest(packed: AsyncIterable<Uint8Array>, meta: FeedMeta, url: string): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of decompress(packed, { maxBytes: maxFeedBytes, where: url })) {
    hash.update(piece);
    size += piece.length;
  }
  const digest = hash.digest('hex');
  if (digest === meta.sha256 && size === meta.size) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected the feed of ${meta.size} bytes with sha256 ${meta.sha256} that its .meta names, found ${size} bytes with ${digest}`,
    where: url,
    remedy: 'fetch again: NVD may have replaced the feed in between; the last good snapshot is kept',
  });
}

async function* single(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'latin1');
}

function noYear(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_NOT_FOUND',
    message: 'expected the feed of at least one year, found none',
    where,
    remedy: 'complete the mirror, or exclude the source with --source',
  });
}

/** The metadata of an NVD feed, from the document next to it. */
export interface FeedMeta {
  /** ISO 8601. */
  modified: string;
  /** Of the unpacked feed, in lower case. */
  sha256: string;
  size: number;
}

/** Reads `nvdcve-2.0-NAME.meta`: lines of a name and a value. @throws SOURCE_MALFORMED */
export function parseMeta(text: string, where: string): FeedMeta {
  const fields = new Map(
    text.split(/\r?\n/).map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const modified = fields.get('lastModifiedDate') ?? '';
  const sha256 = fields.get('sha256')?.toLowerCase() ?? '';
  const size = fields.get('size') ?? '';
  const dated = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(modified);
  if (
    dated &&
    !Number.isNaN(Date.parse(modified)) &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    /^\d{1,12}$/.test(size)
  )
    return { modified: new Date(modified).toISOString(), sha256, size: Number(size) };
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected lastModifiedDate, size and sha256 of a feed, found ${JSON.stringify(text.slice(0, 80))}`,
    where,
    remedy: 'check the address; the last good snapshot is kept',
  });
}

import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readAll } from '../io/bytes.ts';
import { checkCancelled } from '../io/cancellation.ts';
import { currentTime } from '../io/clock.ts';
import { filePieces } from '../io/file-pieces.ts';
import { openPending, writeAtomically } from '../io/files.ts';
import { takeLock } from '../io/lock.ts';
import { makeFolders } from '../io/staging.ts';
import { ScapfeedError } from '../model/error.ts';
import { forgetFeeds, type KeepLimits, type KeptFeed, keepFeed, keptFeeds } from './kept-feeds.ts';
import type { Blob, SetDocument, Snapshot, SnapshotOrigin, SourceInput } from './snapshot.ts';
import { indexText, parseIndex } from './snapshot-index.ts';

export type * from './snapshot.ts';

/** Snapshots on disk. Bytes are stored once under their digest; an index for each source lists the current ones. */
export interface SnapshotStore {
  /** Absolute path of the snapshot's bytes. */
  path(blob: Pick<Snapshot, 'sha256'>): string;
  /**
   * Keeps others from changing the store until the returned function is called: what one has stored and not named yet, another
   * one would prune. @throws FEED_LOCKED: another process is changing it
   */
  lock(): () => void;
  /** Absolute path for a file that can be made again from snapshots; its name identifies them; prune leaves it. */
  cache(name: string): string;
  /** Current snapshots of a source, by id in code-unit order. */
  list(source: string): Promise<Snapshot[]>;
  /**
   * Stores the bytes and makes them the current snapshot of (source, id). Nothing changes when the body fails, or when
   * `verify`, which may read the stored bytes, throws.
   */
  save(
    origin: SnapshotOrigin,
    body: AsyncIterable<Uint8Array>,
    verify?: (blob: Blob) => Promise<void>,
  ): Promise<Snapshot>;
  /** Keeps the current snapshot of (source, id) as the last good one; `refused` is the error code of the newer version. */
  keep(snapshot: Snapshot, refused: string): Promise<Snapshot>;
  /** Stores a document that a set will name; not flushed to disk, as there may be thousands and each read checks. */
  put(body: AsyncIterable<Uint8Array>): Promise<Blob>;
  /** Makes a set of stored documents the current snapshot of (source, id). */
  saveSet(origin: SnapshotOrigin, documents: Iterable<SetDocument>): Promise<Snapshot>;
  /** The documents of a set, by name in code-unit order. */
  documents(snapshot: Blob): Promise<SetDocument[]>;
  /** The bytes, in pieces; SNAPSHOT_CORRUPT at their end when they are not those of the digest. */
  open(blob: Blob): AsyncIterable<Uint8Array>;
  /** The bytes in one buffer, digest checked; SOURCE_TOO_LARGE above maxBytes (default 1 GiB). */
  read(blob: Blob, maxBytes?: number): Promise<Buffer>;
  /** Drops the source's snapshots with other ids than these: inputs that are no longer requested. */
  retain(source: string, current: readonly Pick<Snapshot, 'id'>[]): Promise<void>;
  /** Notes the inputs of a feed that was built, and what its sources had; prune keeps their bytes. */
  keepFeed(feed: Omit<KeptFeed, 'built'>): Promise<void>;
  /** The feeds that were built and not forgotten since, newest first. */
  feeds(): Promise<KeptFeed[]>;
  /** Forgets the feeds beyond the limits; returns how many. */
  forgetFeeds(limits: KeepLimits): Promise<number>;
  /** Removes bytes that no index and no kept feed names, and what killed runs left half-written. */
  prune(): Promise<PrunedSnapshots>;
}

/** Removed snapshots: number of files, and their size in bytes. */
export interface PrunedSnapshots {
  files: number;
  bytes: number;
}

/** The store in a folder, which need not exist yet. */
export function openSnapshotStore(directory: string, clock = currentTime): SnapshotStore {
  const folder = resolve(directory);
  const indexPath = (source: string) => join(folder, `${source}.json`);
  const path = ({ sha256 }: Pick<Snapshot, 'sha256'>) => join(folder, 'sha256', sha256.slice(0, 2), sha256);
  let indexWrites: Promise<unknown> = Promise.resolve();

  /** Index changes come one after the other; each is read, changed and written as a whole. */
  function changeIndex<T>(source: string, change: (snapshots: Map<string, Snapshot>) => T): Promise<T> {
    const step = indexWrites.then(async () => {
      const snapshots = new Map((await list(source)).map((snapshot) => [snapshot.id, snapshot]));
      const result = change(snapshots);
      await writeAtomically(indexPath(source), indexText(snapshots.values()));
      return result;
    });
    indexWrites = step.catch(() => undefined);
    return step;
  }

  async function list(source: string): Promise<Snapshot[]> {
    const text = await readFile(indexPath(source), 'utf8').catch(() => undefined);
    return text === undefined ? [] : parseIndex(text, indexPath(source));
  }

  async function put(body: AsyncIterable<Uint8Array>, flush = false): Promise<Blob> {
    const pending = await openPending(join(folder, 'sha256'));
    try {
      const hash = createHash('sha256');
      let size = 0;
      for await (const piece of body) {
        hash.update(piece);
        size += piece.length;
        await pending.write(piece);
      }
      const blob = { sha256: hash.digest('hex'), size };
      await pending.commit(path(blob), flush);
      return blob;
    } finally {
      await pending.discard();
    }
  }

  async function save(
    origin: SnapshotOrigin,
    body: AsyncIterable<Uint8Array>,
    { verify, set }: { verify?: ((blob: Blob) => Promise<void>) | undefined; set?: true },
  ): Promise<Snapshot> {
    const blob = await put(body, true);
    await verify?.(blob);
    return changeIndex(origin.source, (snapshots) => {
      const last = snapshots.get(origin.id);
      const same = last?.sha256 === blob.sha256 && last.url === origin.url;
      const fetched = same ? last.fetched : clock().toISOString();
      const snapshot = snapshotOf(origin, blob, fetched, set);
      snapshots.set(origin.id, snapshot);
      return snapshot;
    });
  }

  async function* open(blob: Blob): AsyncGenerator<Uint8Array> {
    const file = path(blob);
    const hash = createHash('sha256');
    const found = await stat(file).catch(() => undefined);
    if (!found) throw missing(file);
    if (found.size !== blob.size) throw corrupt(file, `expected ${blob.size} bytes, found ${found.size}`);
    for await (const piece of filePieces(file, blob.size)) {
      checkCancelled();
      hash.update(piece);
      yield piece;
    }
    const digest = hash.digest('hex');
    if (digest !== blob.sha256) throw corrupt(file, `expected sha256 ${blob.sha256}, found ${digest}`);
  }

  function read(blob: Blob, maxBytes = 2 ** 30): Promise<Buffer> {
    return readAll(open(blob), { maxBytes, code: 'SOURCE_TOO_LARGE', where: path(blob) });
  }

  async function documents(snapshot: Blob): Promise<SetDocument[]> {
    const text = (await read(snapshot)).toString('utf8');
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as SetDocument);
  }

  return {
    path,
    lock() {
      const release = takeLock(join(folder, '.lock'), {
        beats: true,
        remedy: 'free space or grant access, or specify another folder with --snapshots DIR',
      });
      const leave = makeFolders(join(folder, 'sha256'));
      return () => {
        leave();
        release();
      };
    },
    cache: (name) => join(folder, 'cache', name),
    list,
    save: (origin, body, verify) => save(origin, body, { verify }),
    keep: ({ refused: _, ...snapshot }, refused) =>
      changeIndex(snapshot.source, (snapshots) => {
        const kept = { ...snapshot, refused };
        snapshots.set(kept.id, kept);
        return kept;
      }),
    put: (body) => put(body),
    saveSet: (origin, documents) => save(origin, listing(documents), { set: true }),
    documents,
    open,
    read,
    retain: (source, current) =>
      changeIndex(source, (snapshots) => {
        const kept = new Set(current.map(({ id }) => id));
        for (const id of snapshots.keys()) if (!kept.has(id)) snapshots.delete(id);
      }),
    keepFeed: (feed) => keepFeed(folder, feed, clock()),
    feeds: () => keptFeeds(folder),
    forgetFeeds: (limits) => forgetFeeds(folder, limits, clock()),
    prune: async () => prune(folder, list, documents),
  };
}

/** A source's snapshots for a build without network; SNAPSHOT_MISSING when there are none. */
export async function offlineSnapshots(store: SnapshotStore, source: string): Promise<Snapshot[]> {
  const snapshots = await store.list(source);
  if (snapshots.length > 0) return snapshots;
  throw new ScapfeedError({
    code: 'SNAPSHOT_MISSING',
    message: `expected snapshots of ${source} to build from, found none`,
    where: store.path({ sha256: '' }),
    remedy: `run the build once without --offline, or specify a folder with --mirror`,
  });
}

/** The input of this id. @throws SNAPSHOT_MISSING */
export function inputOf(inputs: readonly SourceInput[], id: string): SourceInput {
  const input = inputs.find((candidate) => candidate.id === id);
  if (input) return input;
  throw new ScapfeedError({
    code: 'SNAPSHOT_MISSING',
    message: `expected a snapshot of ${id}, found none`,
    where: id,
    remedy: 'run the build once without --offline',
  });
}

function snapshotOf(origin: SnapshotOrigin, blob: Blob, fetched: string, set: true | undefined): Snapshot {
  return {
    id: origin.id,
    source: origin.source,
    url: origin.url,
    ...blob,
    fetched,
    ...(origin.etag && { etag: origin.etag }),
    ...(origin.lastModified && { lastModified: origin.lastModified }),
    ...(set && { set }),
    ...(origin.unsigned && { unsigned: true }),
  };
}

async function* listing(documents: Iterable<SetDocument>): AsyncGenerator<Uint8Array> {
  const sorted = [...documents].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, sha256, size, lastModified, unsigned, unchecked } of sorted) {
    const document = {
      name,
      sha256,
      size,
      ...(lastModified && { lastModified }),
      ...(unsigned && { unsigned }),
      ...(unchecked && { unchecked }),
    };
    yield Buffer.from(`${JSON.stringify(document)}\n`);
  }
}

async function prune(
  folder: string,
  list: SnapshotStore['list'],
  documents: SnapshotStore['documents'],
): Promise<PrunedSnapshots> {
  const inputs: SourceInput[] = (await keptFeeds(folder)).flatMap((feed) => feed.inputs);
  for (const entry of await readdir(folder).catch(() => [])) {
    if (!entry.endsWith('.json')) continue;
    inputs.push(...(await list(entry.slice(0, -'.json'.length))));
  }
  const named = new Set(inputs.map(({ sha256 }) => sha256));
  const sets = new Map(inputs.filter(({ set }) => set).map((set) => [set.sha256, set]));
  for (const set of sets.values()) for (const { sha256 } of await documents(set)) named.add(sha256);
  const blobs = await readdir(join(folder, 'sha256'), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  const unnamed = blobs.filter((entry) => entry.isFile() && !named.has(entry.name));
  let bytes = 0;
  for (const entry of unnamed) {
    const path = join(entry.parentPath, entry.name);
    bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
    await rm(path, { force: true });
  }
  for (const place of [folder, join(folder, 'feeds'), join(folder, 'cache')]) {
    const names = await readdir(place).catch(() => []);
    for (const name of names) if (name.endsWith('.tmp')) await rm(join(place, name), { force: true });
  }
  return { files: unnamed.length, bytes };
}

function missing(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SNAPSHOT_MISSING',
    message: 'the index names bytes that are not in the store',
    where,
    remedy: 'fetch again without --offline',
  });
}

function corrupt(where: string, message: string): ScapfeedError {
  const remedy = 'remove the file and fetch again without --offline';
  return new ScapfeedError({ code: 'SNAPSHOT_CORRUPT', message, where, remedy });
}

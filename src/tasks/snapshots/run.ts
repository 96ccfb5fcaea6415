import { defaultKeep, sourcesOf } from '../../sources/kept-feeds.ts';
import { openSnapshotStore, type PrunedSnapshots, type SourceInput } from '../../sources/snapshots.ts';

/** A snapshot store and the feeds that can be rebuilt from it. */
export interface SnapshotReport {
  store: string;
  feeds: KeptFeedReport[];
  /** After pruning: the numbers of removed feeds and files, and the size of the files in bytes. */
  removed?: PrunedSnapshots & { feeds: number };
}

/** A feed that can be rebuilt from snapshots. */
export interface KeptFeedReport {
  /** Time of its last build. */
  built: string;
  sources: string[];
  inputs: number;
  /** Total size of the inputs in bytes. Feeds share inputs that did not change. */
  size: number;
}

/** Limits of pruning. */
export interface SnapshotRetention {
  /** Number of feeds for each choice of sources. */
  keep?: number | undefined;
  /** Days after which feeds are removed; the newest stays. */
  days?: number | undefined;
}

/** Reports the content of a store. With `prune`, documents that no kept feed and no current fetch needs are removed first. */
export async function snapshotReport(folder: string, prune?: SnapshotRetention): Promise<SnapshotReport> {
  const store = openSnapshotStore(folder);
  const removed = prune && (await pruneStore(store, prune));
  const feeds = (await store.feeds()).map((feed) => ({
    built: feed.built,
    sources: sourcesOf(feed),
    inputs: feed.inputs.length,
    size: sizeOf(feed.inputs),
  }));
  return { store: folder, feeds, ...(removed && { removed }) };
}

async function pruneStore(store: ReturnType<typeof openSnapshotStore>, { keep, days }: SnapshotRetention) {
  const limits = { feeds: keep ?? defaultKeep.feeds, days: days ?? defaultKeep.days };
  const release = store.lock();
  try {
    const feeds = await store.forgetFeeds(limits);
    return { feeds, ...(await store.prune()) };
  } finally {
    release();
  }
}

function sizeOf(inputs: readonly SourceInput[]): number {
  return inputs.reduce((sum, { size }) => sum + size, 0);
}

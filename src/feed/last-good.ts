import type { ScapfeedError } from '../model/error.ts';
import type { FetchedSource } from '../sources/contract.ts';
import type { SnapshotStore } from '../sources/snapshots.ts';
import type { BuildInput } from './inputs.ts';

/** A source that could not be updated, and what the feed has of it instead. */
export interface SourceFailure {
  source: string;
  error: ScapfeedError;
  /** `last_good`: built from the snapshots of the last feed that had it; `absent`: there are none. */
  instead: 'last_good' | 'absent';
}

/**
 * Returns the input of a build for a failed source: the inputs of the last feed that had it, marked; nothing without such a feed.
 */
export async function lastGoodInput<S extends FetchedSource>(
  source: S,
  error: ScapfeedError,
  store: SnapshotStore,
): Promise<{ input: BuildInput<S>; failure: SourceFailure }> {
  const feeds = await store.feeds();
  const inputs = feeds
    .map((feed) => feed.inputs.filter((input) => input.source === source.id))
    .find((own) => own.length > 0);
  const snapshots = (inputs ?? []).map((input) => ({ ...input, refused: error.code }));
  return {
    input: { source, snapshots, failed: error },
    failure: { source: source.id, error, instead: inputs ? 'last_good' : 'absent' },
  };
}

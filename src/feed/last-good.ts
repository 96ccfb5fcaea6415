import { ScapfeedError } from '../model/index.ts';
import type { Source } from '../sources/contract.ts';
import type { SnapshotStore } from '../sources/snapshots.ts';
import type { BuildInput } from './build-feed.ts';

/** A source that could not be brought up to date, and what the feed has of it instead. */
export interface SourceFailure {
  source: string;
  error: ScapfeedError;
  /** `last_good`: built from the snapshots of the last feed that had it; `absent`: there are none. */
  instead: 'last_good' | 'absent';
}

/** Whether an error is the fault of what a vendor serves, so that the other vendors need not wait for it. */
export function isSourceFault(error: unknown): error is ScapfeedError {
  return error instanceof ScapfeedError && /^(FETCH|SOURCE|SNAPSHOT)_/.test(error.code);
}

/** What a build reads of a source that failed: the inputs of the last feed that had it, marked; without one, nothing. */
export async function lastGoodInput(
  source: Source,
  error: ScapfeedError,
  store: SnapshotStore,
): Promise<{ input: BuildInput; failure: SourceFailure }> {
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

import type { ScapfeedError } from '../model/error.ts';
import type { FetchContext, FetchedSource, Source } from '../sources/contract.ts';
import {
  offlineSnapshots,
  type Snapshot,
  type SnapshotStore,
  type SourceInput,
} from '../sources/snapshots.ts';
import { isSourceFault } from './source-fault.ts';

/** A source with the snapshots that a build reads. */
export interface BuildInput<S extends FetchedSource = Source> {
  source: S;
  snapshots: readonly SourceInput[];
  /** The error because of which its last good snapshots, or none, are used. */
  failed?: ScapfeedError | { code: string };
}

/** Returns what to read instead if a source cannot be updated or read. */
export type FallBack = <S extends FetchedSource>(source: S, error: ScapfeedError) => Promise<BuildInput<S>>;

export interface InputOptions<S extends FetchedSource = Source> {
  chosen: readonly S[];
  store: SnapshotStore;
  /** Default: a source that fails ends the build. */
  fallBack?: FallBack;
}

export type FetchOptions = Omit<FetchContext, 'store' | 'absent'>;

/** The current snapshots of each source, fetched where the vendor has newer ones. */
export function fetchedInputs<S extends FetchedSource>(
  options: InputOptions<S>,
  fetch: FetchOptions,
): Promise<BuildInput<S>[]> {
  const { store } = options;
  return inputsOf(options, async (source) => {
    const absent: string[] = [];
    try {
      return await source.fetch({ ...fetch, store, absent });
    } finally {
      const [first, ...more] = absent;
      if (first !== undefined)
        fetch.progress(
          `the server does not have ${first}${more.length > 0 ? ` and ${more.length} more` : ''}`,
        );
    }
  });
}

/** The snapshots at hand. */
export function storedInputs<S extends FetchedSource>(options: InputOptions<S>): Promise<BuildInput<S>[]> {
  return inputsOf(options, ({ id }) => offlineSnapshots(options.store, id));
}

async function inputsOf<S extends FetchedSource>(
  { chosen, fallBack }: InputOptions<S>,
  snapshotsOf: (source: S) => Promise<Snapshot[]>,
): Promise<BuildInput<S>[]> {
  const inputs: BuildInput<S>[] = [];
  for (const source of chosen) {
    try {
      inputs.push({ source, snapshots: await snapshotsOf(source) });
    } catch (error) {
      if (!fallBack || !isSourceFault(error)) throw error;
      inputs.push(await fallBack(source, error));
    }
  }
  return inputs;
}

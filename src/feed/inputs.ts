import type { ScapfeedError } from '../model/index.ts';
import type { FetchContext, Source } from '../sources/contract.ts';
import {
  offlineSnapshots,
  type Snapshot,
  type SnapshotStore,
  type SourceInput,
} from '../sources/snapshots.ts';
import { isSourceFault } from './source-fault.ts';

/** A source with the snapshots that a build reads. */
export interface BuildInput {
  source: Source;
  snapshots: readonly SourceInput[];
  /** The error because of which its last good snapshots, or none, are used. */
  failed?: ScapfeedError | { code: string };
}

/** Returns what to read instead if a source cannot be updated or read. */
export type FallBack = (source: Source, error: ScapfeedError) => Promise<BuildInput>;

export interface InputOptions {
  chosen: readonly Source[];
  store: SnapshotStore;
  /** Default: a source that fails ends the build. */
  fallBack?: FallBack;
}

export type FetchOptions = Omit<FetchContext, 'store'>;

/** The current snapshots of each source, fetched where the vendor has newer ones. Closes the client. */
export async function fetchedInputs(options: InputOptions, fetch: FetchOptions): Promise<BuildInput[]> {
  const { store } = options;
  try {
    return await inputsOf(options, (source) => source.fetch({ ...fetch, store }));
  } finally {
    await fetch.http.close();
  }
}

/** The snapshots at hand. */
export function storedInputs(options: InputOptions): Promise<BuildInput[]> {
  return inputsOf(options, ({ id }) => offlineSnapshots(options.store, id));
}

async function inputsOf(
  { chosen, fallBack }: InputOptions,
  snapshotsOf: (source: Source) => Promise<Snapshot[]>,
): Promise<BuildInput[]> {
  const inputs: BuildInput[] = [];
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

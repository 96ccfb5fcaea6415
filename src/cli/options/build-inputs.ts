import type { BuildInput, BuildOptions } from '../../feed/build-feed.ts';
import { isSourceFault } from '../../feed/last-good.ts';
import type { FetchContext, Source } from '../../sources/contract.ts';
import { offlineSnapshots, type Snapshot, type SnapshotStore } from '../../sources/snapshots.ts';

export interface InputOptions {
  chosen: readonly Source[];
  store: SnapshotStore;
  /** What to read of a source that fails; default: the build fails. */
  fallBack?: NonNullable<BuildOptions['fallBack']>;
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

import type { ScapfeedError } from '../model/error.ts';
import type { Progress } from '../model/progress.ts';
import type { FetchContext } from './contract.ts';
import type { SnapshotStore } from './snapshots.ts';

/** Passes bytes on and reports progress. `total` is the Content-Length; it is unknown for compressed responses. */
export async function* withByteProgress(
  body: AsyncIterable<Uint8Array>,
  step: string,
  headers: Readonly<Record<string, string | undefined>>,
  progress: Progress,
): AsyncGenerator<Uint8Array> {
  const length = headers['content-encoding'] === undefined ? Number(headers['content-length']) : 0;
  const known = length > 0 ? { total: length } : {};
  let done = 0;
  progress(step, { done, ...known, unit: 'bytes' });
  for await (const piece of body) {
    done += piece.length;
    progress(step, { done, ...known, unit: 'bytes' });
    yield piece;
  }
}

/**
 * A snapshot store that reports how many bytes are read from it. Facts that a source kept from earlier reads are not read again.
 */
export function withReadProgress(store: SnapshotStore, step: string, progress: Progress): SnapshotStore {
  let done = 0;
  const report = (bytes: number) => {
    done += bytes;
    progress(step, { done, unit: 'bytes' });
  };
  return {
    ...store,
    async *open(blob) {
      for await (const piece of store.open(blob)) {
        report(piece.length);
        yield piece;
      }
    },
    async read(blob, maxBytes) {
      const bytes = await store.read(blob, maxBytes);
      report(bytes.length);
      return bytes;
    },
  };
}

/**
 * Reports why a document that a source can do without was not fetched; those that the server does not have are reported together.
 */
export function reportUnavailable(
  { progress, absent }: Pick<FetchContext, 'progress' | 'absent'>,
  id: string,
  error: ScapfeedError,
): void {
  if (absent && error.code === 'FETCH_NOT_FOUND') absent.push(id);
  else progress(`${id}: ${error.message}`);
}

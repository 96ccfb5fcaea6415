import { decompress } from '../../io/decompress.ts';
import { type TarFile, tarFiles } from '../../io/tar/files.ts';
import { unxzInThread } from '../../io/xz-thread.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { InputId } from './definition.ts';

// 55,000 records, a tenth of them about kernels, decompress to some 6 GB.
const maxPlainBytes = 64 * 2 ** 30;
// Below this size a thread takes longer to start than it saves.
const threadFrom = 2 << 20;

/** Inputs that can be opened. */
export interface OpenInputs {
  snapshots: ReadonlyMap<string, SourceInput>;
  store: SnapshotStore;
}

/** Yields the wanted files of an input's tar, one at a time; nothing if there is no such input. */
export async function* archiveFiles(
  inputs: OpenInputs,
  id: InputId,
  wanted: (name: string) => boolean,
): AsyncGenerator<TarFile> {
  const snapshot = inputs.snapshots.get(id);
  if (!snapshot) return;
  for await (const { name, content } of tarFiles(plainBytes(inputs, snapshot), { wanted, where: id })) {
    yield { name: name.replace(/^(?:\.\/|(?:osv|vex)-all\/)/, ''), content };
  }
}

/** An input's decompressed content, in any compression. */
export function plainBytes(
  { store }: Pick<OpenInputs, 'store'>,
  snapshot: SourceInput,
): AsyncIterable<Uint8Array> {
  return decompress(store.open(snapshot), {
    maxBytes: maxPlainBytes,
    where: snapshot.id,
    ...(snapshot.size > threadFrom && { unxz: unxzInThread }),
  });
}

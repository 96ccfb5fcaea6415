import { decompress } from '../../io/decompress.ts';
import { type TarFile, tarFiles } from '../../io/tar/files.ts';
import { documentByteLimit } from '../csaf/document.ts';
import type { Snapshot, SnapshotStore } from '../snapshots.ts';

/** Size limit of a decompressed archive; a full one has 3 GB today and grows by a few hundred MB a year. */
const unpackedByteLimit = 32 * 2 ** 30;

/** Yields the documents of an archive (.tar.zst, .tar.bz2), one at a time. */
export function archiveEntries(
  archive: Pick<Snapshot, 'url' | 'sha256' | 'size'>,
  store: SnapshotStore,
  wanted: (name: string) => boolean = (name) => name.endsWith('.json'),
): AsyncGenerator<TarFile> {
  const where = archive.url;
  const plain = decompress(store.open(archive), { maxBytes: unpackedByteLimit, where });
  return tarFiles(plain, { where, wanted, maxFileBytes: documentByteLimit });
}

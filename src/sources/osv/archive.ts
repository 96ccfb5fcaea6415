import { decompress } from '../../io/decompress.ts';
import { tarFiles } from '../../io/tar/files.ts';
import { openZip } from '../../io/zip.ts';
import type { Blob, SnapshotStore } from '../snapshots.ts';

/** A file of an archive. */
export interface RecordFile {
  /** Its path, without the folder that an archive of a repository has around all. */
  name: string;
  /** @throws {ScapfeedError} SOURCE_MALFORMED: it is damaged */
  content(): Buffer;
}

/** Limits of an archive. The largest of 2026 has 837,000 records, of a few kilobytes each. */
const limits = { maxEntries: 2_000_000, maxEntryBytes: 2 ** 23, maxBytes: 2 ** 34 };

export const maxArchiveBytes = 2 ** 31;

/**
 * Calls back for each `.json` file of a zip or a tar, compressed or not, that is below a folder; nothing is unpacked to disk.
 * `where`: its address; the file extension selects the format. @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function eachRecordFile(
  blob: Blob,
  store: SnapshotStore,
  { where, folder = '' }: { where: string; folder?: string | undefined },
  read: (file: RecordFile) => void,
): Promise<void> {
  const wanted = (name: string) => name.endsWith('.json') && within(name).startsWith(folder);
  if (where.endsWith('.zip')) {
    const zip = await openZip(store.path(blob), limits, where);
    try {
      for (const entry of zip.entries())
        if (wanted(entry.name)) read({ name: within(entry.name), content: () => entry.content() });
    } finally {
      zip.close();
    }
    return;
  }
  const plain = decompress(store.open(blob), { maxBytes: limits.maxBytes, where });
  const { maxEntryBytes: maxFileBytes, maxEntries } = limits;
  for await (const { name, content } of tarFiles(plain, { where, wanted, maxFileBytes, maxEntries }))
    read({ name: within(name), content: () => content });
}

function within(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

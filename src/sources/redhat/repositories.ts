import type { SourceSink } from '../contract.ts';
import type { Snapshot, SnapshotStore } from '../snapshots.ts';
import { record } from './csaf.ts';

/** Table of the feed that tells which CPEs a repository (content set) stands for. */
export const repositoryTable = 'redhat-repositories';

const mapByteLimit = 64 * 2 ** 20;

/**
 * repository-to-cpe.json as a table that the runtime looks single repositories up in. Every CPE is kept as it is written
 * but for blanks at its ends; a repository without any is left out.
 */
export async function readRepositories(
  snapshots: readonly Snapshot[],
  store: SnapshotStore,
  out: SourceSink,
): Promise<void> {
  const snapshot = snapshots.find(({ id }) => id === 'redhat-repositories');
  if (!snapshot) return;
  const map = JSON.parse((await store.read(snapshot, mapByteLimit)).toString()) as { data?: unknown };
  const rows: { id: string; cpes: string[] }[] = [];
  for (const [id, entry] of Object.entries(record(map.data, '/data'))) {
    const { cpes } = entry as { cpes?: unknown };
    const texts = Array.isArray(cpes)
      ? cpes.filter((cpe): cpe is string => typeof cpe === 'string' && /^\s*cpe:\//.test(cpe))
      : [];
    if (texts.length > 0) rows.push({ id, cpes: [...new Set(texts.map((cpe) => cpe.trim()))].sort() });
  }
  out.table?.(repositoryTable, rows);
}

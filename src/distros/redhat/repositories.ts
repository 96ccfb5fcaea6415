import containers from '../../../schemas/redhat-containers.schema.json' with { type: 'json' };
import repositories from '../../../schemas/redhat-repositories.schema.json' with { type: 'json' };
import { ScapfeedError } from '../../model/error.ts';
import type { SourceSink, TableSchema } from '../../sources/contract.ts';
import { record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';

/** The CPEs of a repository (content set), and the repositories in which a container is published. */
export const redHatTables: readonly TableSchema[] = [
  { name: 'redhat-repositories', schema: repositories },
  { name: 'redhat-containers', schema: containers },
];

export const mapByteLimit = 64 * 2 ** 20;

/** Both maps as tables for look-ups of single names; names without entries are left out. */
export async function readRepositories(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
): Promise<void> {
  const cpes = await readMap('redhat-repositories', snapshots, store);
  if (cpes) {
    const cpesOf = (entry: unknown) => textsOf((entry as { cpes?: unknown } | null)?.cpes, /^\s*cpe:\//);
    out.table?.(
      'redhat-repositories',
      cpes.flatMap(([id, entry]) => (cpesOf(entry).length > 0 ? { id, cpes: cpesOf(entry) } : [])),
    );
  }
  const names = await readMap('redhat-containers', snapshots, store);
  if (names) {
    const repositoriesOf = (entry: unknown) => textsOf(entry, /^[\w./-]+$/);
    out.table?.(
      'redhat-containers',
      names.flatMap(([id, entry]) =>
        repositoriesOf(entry).length > 0 ? { id, repositories: repositoriesOf(entry) } : [],
      ),
    );
  }
}

/** The entries of one of the maps; undefined: it was not fetched. */
async function readMap(
  id: string,
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
): Promise<[string, unknown][] | undefined> {
  const snapshot = snapshots.find((each) => each.id === id);
  return snapshot && parseMap(await store.read(snapshot, mapByteLimit), snapshot.url);
}

/** The entries below `data` of one of Red Hat's maps; throws SOURCE_NOT_JSON or SOURCE_MALFORMED. */
export function parseMap(bytes: Buffer, where: string): [string, unknown][] {
  const entries = readRecord(`${where}#`, () => {
    const { data } = record(parseJsonText(bytes.toString()), '');
    return Object.entries(record(data, '/data'));
  });
  if (entries instanceof ScapfeedError) throw entries;
  return entries;
}

/** Texts of a list that have the given form, trimmed and sorted. */
function textsOf(list: unknown, form: RegExp): string[] {
  const texts = Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [];
  return [...new Set(texts.filter((text) => form.test(text)).map((text) => text.trim()))].sort();
}

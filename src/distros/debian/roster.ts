import { decompress } from '../../io/decompress.ts';
import { unxzInThread } from '../../io/xz-thread.ts';
import type { Ledger, Roster } from '../../model/feed/index.ts';
import { compareDpkg } from '../../packaging/index.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { indexInputs } from './definition.ts';
import { type BinaryPackage, parsePackagesIndex } from './packages-index.ts';
import type { Reading } from './reading.ts';

/** Size limit of an uncompressed index; that of Debian's main archive has about 60 MB. */
const maxIndexBytes = 2 ** 29;

/** Compressed size from which a thread saves more time than its start takes. */
const threadFrom = 2 ** 20;

/** Rosters by codename, for releases with all of their indexes. */
export async function readRosters({ definition, inputs, store, out }: Reading): Promise<Map<string, Roster>> {
  const rosters = new Map<string, Roster>();
  for (const release of definition.releases) {
    const wanted = indexInputs(release, definition);
    const indexes = wanted.flatMap(({ id }) => inputs.get(id) ?? []);
    if (indexes.length === 0 || indexes.length < wanted.length) continue;
    rosters.set(release.codename, await readRoster(indexes, store, out.ledger));
  }
  return rosters;
}

/** Joins all indexes of a release; a package in several pockets counts with its newest version. */
async function readRoster(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  ledger: Ledger,
): Promise<Roster> {
  const sources = new Map<string, { version: string; binaries: Map<string, string> }>();
  for (const snapshot of snapshots) {
    const where = store.path(snapshot);
    const plain = decompress(store.open(snapshot), {
      maxBytes: maxIndexBytes,
      where,
      ...(snapshot.size > threadFrom && { unxz: unxzInThread }),
    });
    const place = (stanza: number) => `${snapshot.id}#stanza:${stanza}`;
    const onMalformed = (stanza: number) => ledger.doubt('packages_stanza_malformed', place(stanza));
    for await (const packages of parsePackagesIndex(plain, where, onMalformed)) {
      for (const binary of packages) add(sources, binary);
    }
  }
  const sorted = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    sorted.map(([name, { version, binaries }]) => [name, { version, binaries: byName(binaries) }]),
  );
}

function add(
  sources: Map<string, { version: string; binaries: Map<string, string> }>,
  { name, version, source, sourceVersion }: BinaryPackage,
): void {
  const known = sources.get(source);
  if (!known) {
    sources.set(source, { version: sourceVersion, binaries: new Map([[name, version]]) });
    return;
  }
  known.version = newer(known.version, sourceVersion);
  known.binaries.set(name, newer(known.binaries.get(name), version));
}

/** A version that can be parsed is preferred to one that cannot. */
function newer(known: string | undefined, other: string): string {
  if (known === undefined || known === other) return other;
  const order = compareDpkg(known, other);
  if (order === undefined) return compareDpkg(known, known) === undefined ? other : known;
  return order < 0 ? other : known;
}

function byName(binaries: ReadonlyMap<string, string>): { name: string; version: string }[] {
  return [...binaries]
    .map(([name, version]) => ({ name, version }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

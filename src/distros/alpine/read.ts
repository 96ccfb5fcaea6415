import { fixesOnly, type Roster } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { compareApk } from '../../packaging/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import { parseSecdb } from '../../sources/secdb/document.ts';
import { fixesIn, noFixes, secdbStatements } from '../../sources/secdb/statements.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { requireOf } from './accept.ts';
import { type AlpineDefinition, type AlpineRelease, platformOf, repositoryInputs } from './definition.ts';
import { type IndexedPackage, readPackageIndex } from './package-index.ts';

interface Reading {
  inputs: ReadonlyMap<string, SourceInput>;
  store: SnapshotStore;
  out: SourceSink;
  definition: AlpineDefinition;
}

/** Reads the fixes and the roster of every release in the snapshots. */
export async function readAlpine(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: AlpineDefinition,
): Promise<void> {
  const inputs = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const reading: Reading = { inputs, store, out, definition };
  for (const release of definition.releases) await readRelease(release, reading);
}

async function readRelease(release: AlpineRelease, reading: Reading): Promise<void> {
  const { inputs, out, definition } = reading;
  const wanted = repositoryInputs(release, definition);
  const secdbs = wanted.flatMap(({ secdb }) => inputs.get(secdb.id) ?? []);
  if (secdbs.length === 0) return;
  const platform = platformOf(release);
  let fixes = 0;
  for (const secdb of secdbs) fixes += await readSecdb(secdb, release, platform.id, reading);
  if (fixes === 0) throw noFixes(secdbs.map(({ id }) => id).join(', '));
  const indexes = wanted.flatMap(({ index }) => inputs.get(index.id) ?? []);
  const roster = indexes.length < wanted.length ? undefined : await readRoster(indexes, reading);
  out.platform(platform, {
    inputs: [...secdbs, ...indexes].map(({ id }) => id),
    ...(roster ? { roster } : {}),
    marks: roster ? [fixesOnly] : [fixesOnly, 'no_package_list'],
  });
}

/** Returns how many entries it has. */
async function readSecdb(
  snapshot: SourceInput,
  release: AlpineRelease,
  platform: string,
  { store, out, definition }: Reading,
): Promise<number> {
  const where = store.path(snapshot);
  const document = parseSecdb((await store.read(snapshot)).toString('utf8'), where);
  requireOf(release, document, definition, where);
  secdbStatements(document, { input: snapshot.id, platform }, out);
  return fixesIn(document);
}

/** The sources that the repositories ship. The newest build dates the release: the security database has no date. */
async function readRoster(snapshots: readonly SourceInput[], { store, out }: Reading): Promise<Roster> {
  const sources = new Map<string, { version: string; binaries: Map<string, string> }>();
  for (const snapshot of snapshots) {
    const malformed = (record: number) =>
      out.ledger.doubt('index_record_malformed', `${snapshot.id}#record:${record}`);
    const packages = await readPackageIndex(store.open(snapshot), store.path(snapshot), malformed);
    let newest = 0;
    for (const item of packages) {
      newest = Math.max(newest, item.built ?? 0);
      addTo(sources, item);
    }
    if (newest > 0) out.dated(snapshot.id, new Date(newest * 1000).toISOString());
  }
  const sorted = [...sources].sort(([a], [b]) => compareCodeUnits(a, b));
  return new Map(
    sorted.map(([name, { version, binaries }]) => [
      name,
      {
        version,
        binaries: [...binaries]
          .sort(([a], [b]) => compareCodeUnits(a, b))
          .map(([binary, at]) => ({ name: binary, version: at })),
      },
    ]),
  );
}

function addTo(
  sources: Map<string, { version: string; binaries: Map<string, string> }>,
  { name, version, origin }: IndexedPackage,
): void {
  const known = sources.get(origin) ?? { version, binaries: new Map<string, string>() };
  if (compareApk(known.version, version) === -1) known.version = version;
  known.binaries.set(name, version);
  sources.set(origin, known);
}

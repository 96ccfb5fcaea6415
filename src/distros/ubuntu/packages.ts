import { decompress } from '../../io/decompress.ts';
import type { Ledger, Roster, RosterSource } from '../../model/feed/index.ts';
import { compareDpkg } from '../../packaging/index.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { type ArchiveDefinition, platformId, type UbuntuDefinition } from './definition.ts';

// Size limit of an uncompressed index; universe's of one release has some 80 MB.
const maxPlainBytes = 1 << 30;

/** SourceInput id of one index: `ubuntu-packages-jammy-updates-main`. */
export function packagesId(codename: string, pocket: string, component: string): string {
  return `ubuntu-packages-${codename}${pocket}-${component}`;
}

/** Ids of all indexes of a release: of every pocket and component. */
export function packagesIds(codename: string, { pockets, components }: ArchiveDefinition): string[] {
  return pockets.flatMap((pocket) => components.map((component) => packagesId(codename, pocket, component)));
}

/** The available indexes of a platform's release. */
export function indexesOf(
  platform: string,
  snapshots: readonly SourceInput[],
  { releases, archive }: UbuntuDefinition,
): SourceInput[] {
  const wanted = releases.filter((release) => platformId(release) === platform);
  const ids = new Set(wanted.flatMap(({ codename }) => packagesIds(codename, archive)));
  return snapshots.filter(({ id }) => ids.has(id));
}

/** Contents of each release's indexes, by platform: newest source versions over the pockets, and their binaries. */
export async function readRosters(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  ledger: Ledger,
  { releases, archive }: UbuntuDefinition,
): Promise<Map<string, Roster>> {
  const rosters = new Map<string, Roster>();
  for (const release of releases) {
    const wanted = new Set(packagesIds(release.codename, archive));
    const own = snapshots.filter(({ id }) => wanted.has(id));
    if (own.length === 0) continue;
    // An incomplete roster would make shipped packages count as not covered.
    if (own.length < wanted.size) {
      ledger.doubt('roster_incomplete', release.codename, `${own.length} of ${wanted.size} indexes`);
      continue;
    }
    const roster = new Map<string, RosterBuild>();
    for (const snapshot of own) {
      const bytes = decompress(store.open(snapshot), { maxBytes: maxPlainBytes, where: snapshot.id });
      await addIndex(roster, bytes, snapshot.id, ledger);
    }
    rosters.set(platformId(release), finishRoster(roster));
  }
  return rosters;
}

interface RosterBuild {
  version: string;
  binaries: Map<string, string>;
}

async function addIndex(
  roster: Map<string, RosterBuild>,
  bytes: AsyncIterable<Uint8Array>,
  where: string,
  ledger: Ledger,
): Promise<void> {
  for await (const stanza of stanzas(bytes)) {
    const name = stanza.get('Package');
    const version = stanza.get('Version');
    if (name === undefined || version === undefined) {
      ledger.drop('incomplete_stanza', where);
      continue;
    }
    ledger.use();
    const [, source = name, sourceVersion = version] =
      /^(\S+)(?: \((\S+)\))?$/.exec(stanza.get('Source') ?? name) ?? [];
    const known = roster.get(source) ?? { version: sourceVersion, binaries: new Map() };
    roster.set(source, known);
    known.version = newer(known.version, sourceVersion);
    known.binaries.set(name, newer(known.binaries.get(name) ?? version, version));
  }
}

const fieldsRead = new Set(['Package', 'Version', 'Source']);

/** Stanzas of an index (deb822), only the fields that are read. */
async function* stanzas(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Map<string, string>> {
  let fields = new Map<string, string>();
  for await (const line of lines(bytes)) {
    if (line === '') {
      if (fields.size > 0) yield fields;
      fields = new Map();
      continue;
    }
    const colon = line.indexOf(':');
    const key = line.slice(0, colon);
    if (fieldsRead.has(key)) fields.set(key, line.slice(colon + 1).trim());
  }
  if (fields.size > 0) yield fields;
}

async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of bytes) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function newer(a: string, b: string): string {
  return compareDpkg(a, b) === -1 ? b : a;
}

function finishRoster(roster: ReadonlyMap<string, RosterBuild>): Map<string, RosterSource> {
  const sources = [...roster].map(([source, { version, binaries }]): [string, RosterSource] => {
    const list = [...binaries].map(([name, binary]) => ({ name, version: binary }));
    return [source, { version, binaries: list.sort((a, b) => (a.name < b.name ? -1 : 1)) }];
  });
  return new Map(sources);
}

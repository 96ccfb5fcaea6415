import { type Ledger, type Roster, ScapfeedError } from '../../model/index.ts';
import type { SourceSink } from '../contract.ts';
import { type Snapshot, type SnapshotStore, snapshotDate } from '../snapshots.ts';
import { AdvisoryIndex } from './advisory-index.ts';
import { parseAdvisoryList } from './advisory-list.ts';
import { assertWithinBudget, malformedRecords } from './budget.ts';
import { type DebianDefinition, type DebianRelease, isEndOfLife, platformOf } from './definition.ts';
import { indexInputs } from './inputs.ts';
import { listOnlyStatement } from './list-only.ts';
import { normalizePair } from './normalize.ts';
import { readRoster } from './roster.ts';
import { parseTracker } from './tracker.ts';

/** Statements, rosters and advisories of all releases that the snapshots speak of. */
export async function readDebian(
  snapshots: readonly Snapshot[],
  store: SnapshotStore,
  out: SourceSink,
  definition: DebianDefinition,
): Promise<void> {
  const inputs = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const tracker = required(inputs, definition.tracker.id);
  const day = snapshotDate(tracker).slice(0, 10);
  const sink = watched(out);

  const advisories = await readAdvisories(inputs, store, out.ledger, definition);
  const inTracker = await readTracker(tracker, store, sink, advisories, definition);
  readRest(sink, advisories, inTracker, day, definition);
  for (const id of sink.advisories) {
    const details = advisories.details(id);
    if (details) out.advisory(details);
  }
  for (const release of definition.releases) {
    const place = `feeds/debian.json#${release.codename}`;
    if (!inTracker.has(release.codename)) out.ledger.doubt('release_absent', place);
    if (!sink.platforms.has(release.platform)) continue;
    await announce(release, inTracker.has(release.codename), inputs, store, out, day, definition);
  }
}

interface WatchedSink extends Pick<SourceSink, 'ledger' | 'statement' | 'vulnerability'> {
  /** Platforms and advisories that statements name. */
  platforms: Set<string>;
  advisories: Set<string>;
}

function watched(out: SourceSink): WatchedSink {
  const platforms = new Set<string>();
  const advisories = new Set<string>();
  return {
    ledger: out.ledger,
    platforms,
    advisories,
    vulnerability: (vulnerability) => out.vulnerability(vulnerability),
    statement(statement) {
      platforms.add(statement.platform);
      for (const id of statement.advisories ?? []) advisories.add(id);
      out.statement(statement);
    },
  };
}

async function readAdvisories(
  inputs: ReadonlyMap<string, Snapshot>,
  store: SnapshotStore,
  ledger: Ledger,
  definition: DebianDefinition,
): Promise<AdvisoryIndex> {
  const index = new AdvisoryIndex();
  for (const { id } of definition.advisoryLists) {
    const text = (await store.read(required(inputs, id))).toString('utf8');
    index.add(parseAdvisoryList(text, id, ledger), id, ledger);
  }
  return index;
}

/** Returns the codenames that the tracker has rows for. */
async function readTracker(
  snapshot: Snapshot,
  store: SnapshotStore,
  sink: WatchedSink,
  advisories: AdvisoryIndex,
  definition: DebianDefinition,
): Promise<Set<string>> {
  const { ledger } = sink;
  const input = snapshot.id;
  const where = store.path(snapshot);
  const releases = byCodename(definition);
  const inTracker = new Set<string>();
  const descriptions = new Map<string, string>();
  const before = { records: ledger.records, malformed: malformedRecords(ledger) };

  for await (const pair of parseTracker(store.open(snapshot), ledger, { input, where })) {
    for (const { release } of pair.rows) inTracker.add(release);
    // The same text stands in each of a CVE's packages; should they differ, the order must not decide.
    const known = descriptions.get(pair.vulnerability);
    if (pair.description !== undefined && (known === undefined || pair.description < known)) {
      descriptions.set(pair.vulnerability, pair.description);
    }
    for (const statement of normalizePair(pair, { input, releases, advisories, ledger }))
      sink.statement(statement);
  }
  const records = ledger.records - before.records;
  assertWithinBudget(malformedRecords(ledger) - before.malformed, records, definition.malformedShare, where);
  if (inTracker.size === 0) throw noRows(where);
  for (const [id, description] of descriptions) sink.vulnerability({ id, description });
  return inTracker;
}

function readRest(
  sink: WatchedSink,
  advisories: AdvisoryIndex,
  inTracker: ReadonlySet<string>,
  day: string,
  definition: DebianDefinition,
): void {
  const context = {
    ledger: sink.ledger,
    releases: byCodename(definition),
    inTracker,
    isEndOfLife: (release: DebianRelease) => isEndOfLife(release, day),
  };
  for (const fixes of advisories.rest()) {
    const statement = listOnlyStatement(fixes, context);
    if (statement) sink.statement(statement);
  }
}

async function announce(
  release: DebianRelease,
  inTracker: boolean,
  inputs: ReadonlyMap<string, Snapshot>,
  store: SnapshotStore,
  out: SourceSink,
  day: string,
  definition: DebianDefinition,
): Promise<void> {
  const wanted = indexInputs(release, definition);
  const indexes = wanted.flatMap(({ id }) => inputs.get(id) ?? []);
  const documents = [...(inTracker ? [definition.tracker] : []), ...definition.advisoryLists, ...indexes];
  const marks = [
    ...(inTracker ? [] : ['advisory_list_only']),
    ...(isEndOfLife(release, day) ? ['release_end_of_life'] : []),
  ];
  if (indexes.length < wanted.length) {
    out.ledger.doubt('package_indexes_missing', `feeds/debian.json#${release.codename}`);
  }
  let roster: Roster | undefined;
  if (indexes.length > 0 && indexes.length === wanted.length)
    roster = await readRoster(indexes, store, out.ledger);
  out.platform(platformOf(release), {
    inputs: documents.map(({ id }) => id),
    ...(roster && { roster }),
    ...(marks.length > 0 && { marks }),
  });
}

function byCodename(definition: DebianDefinition): Map<string, DebianRelease> {
  return new Map(definition.releases.map((release) => [release.codename, release]));
}

function required(inputs: ReadonlyMap<string, Snapshot>, id: string): Snapshot {
  const snapshot = inputs.get(id);
  if (snapshot) return snapshot;
  throw new ScapfeedError({
    code: 'SNAPSHOT_MISSING',
    message: `expected a snapshot of ${id}, found none`,
    where: id,
    remedy: 'run the build once without --offline',
  });
}

function noRows(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'expected rows of packages, vulnerabilities and releases, found none that can be used',
    where,
    remedy: 'compare the document with the format that the tracker documents',
  });
}

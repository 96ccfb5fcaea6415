import { settled } from '../../io/at-once.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type Ledger, type Roster, watchStatements } from '../../model/feed/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import { signedDate } from '../../sources/signed-release.ts';
import { inputOf, type SnapshotStore, type SourceInput } from '../../sources/snapshots.ts';
import { AdvisoryIndex } from './advisory-index.ts';
import { parseAdvisoryList } from './advisory-list.ts';
import {
  type DebianDefinition,
  type DebianRelease,
  indexInputs,
  isEndOfLife,
  platformOf,
  suiteInputs,
} from './definition.ts';
import { lastStateId } from './last-state.ts';
import { listOnlyStatement } from './list-only.ts';
import { normalizePair } from './normalize.ts';
import type { Reading } from './reading.ts';
import { readRosters } from './roster.ts';
import { debianOrigin } from './rule.ts';
import { lastStateOf, noRows, parseTracker } from './tracker.ts';

/** Reads statements, rosters and advisories of all releases in the snapshots. */
export async function readDebian(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: DebianDefinition,
): Promise<void> {
  const inputs = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const tracker = inputOf(snapshots, definition.tracker.id);
  const advisories = await readAdvisories(snapshots, store, out, definition);
  const platforms = new Set<string>();
  const announced = new Set<string>();
  const reading: Reading = {
    inputs,
    store,
    definition,
    releases: new Map(definition.releases.map((release) => [release.codename, release])),
    out: watchStatements(out, ({ platform, advisories = [] }) => {
      platforms.add(platform);
      for (const id of advisories) announced.add(id);
    }),
    day: advisories.newest(),
    advisories,
    inTracker: new Map(),
    platforms,
    announced,
  };
  // The indexes are decompressed in a thread while the tracker is parsed.
  const [rosters] = await settled([readRosters(reading), readStatements(tracker, reading)]);
  await dateSuites(reading);
  announcePlatforms(reading, rosters);
}

/**
 * The tracker's document has no date, and advisories may be weeks apart. The InRelease files that were fetched with it have
 * one: the archive signs its security suites several times a day.
 */
async function dateSuites({ inputs, store, out, definition }: Reading): Promise<void> {
  const suites = definition.releases.flatMap((release) => suiteInputs(release, definition));
  for (const id of new Set(suites.map(({ releaseId }) => releaseId))) {
    const snapshot = inputs.get(id);
    if (snapshot) out.dated(id, await signedDate(snapshot, store));
  }
}

async function readStatements(tracker: SourceInput, reading: Reading): Promise<void> {
  await readTracker(tracker, reading);
  await readLastStates(reading);
  readListsOnly(reading);
}

async function readAdvisories(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: DebianDefinition,
): Promise<AdvisoryIndex> {
  const index = new AdvisoryIndex();
  for (const { id } of definition.advisoryLists) {
    const text = (await store.read(inputOf(snapshots, id))).toString('utf8');
    const listed = parseAdvisoryList(text, id, out.ledger, (fix) => index.lose(fix));
    index.add(listed, id, out.ledger);
    for (const { date } of listed) out.dated(id, date);
  }
  return index;
}

async function readTracker(snapshot: SourceInput, reading: Reading): Promise<void> {
  const { store, releases, out, advisories, inTracker, definition } = reading;
  const { ledger } = out;
  const input = snapshot.id;
  const where = store.path(snapshot);
  const descriptions = new Map<string, string>();
  const before = { records: ledger.records, malformed: malformedRecords(ledger) };

  for await (const pair of parseTracker(store.open(snapshot), ledger, {
    input,
    where,
    platforms: platformsOf(releases),
  })) {
    for (const { release } of pair.rows) inTracker.set(release, input);
    // Every package of a CVE has the same text; if they differ, the order of the input must not decide.
    const known = descriptions.get(pair.vulnerability);
    if (pair.description !== undefined && (known === undefined || pair.description < known)) {
      descriptions.set(pair.vulnerability, pair.description);
    }
    for (const statement of normalizePair(pair, { input, releases, advisories, ledger }))
      out.statement(statement);
  }
  const records = ledger.records - before.records;
  assertWithinBudget(malformedRecords(ledger) - before.malformed, records, definition.malformedShare, where);
  if (inTracker.size === 0) throw noRows(where);
  for (const [id, description] of descriptions) out.vulnerability({ id, description });
}

/** By codename. */
function platformsOf(releases: Reading['releases']): ReadonlyMap<string, string> {
  return new Map([...releases].map(([codename, { platform }]) => [codename, platform]));
}

/** Rows of releases that the tracker has dropped, from the last document that had them. */
async function readLastStates({ inputs, store, definition, releases, out, advisories, inTracker }: Reading) {
  for (const { codename } of definition.releases) {
    const snapshot = inputs.get(lastStateId(definition, codename));
    if (!snapshot || inTracker.has(codename)) continue;
    const input = snapshot.id;
    const options = { input, where: store.path(snapshot) };
    for await (const pair of lastStateOf(codename, store.open(snapshot), options)) {
      for (const statement of normalizePair(pair, { input, releases, advisories, ledger: out.ledger })) {
        out.statement(statement);
      }
    }
    inTracker.set(codename, input);
  }
}

function readListsOnly({ releases, out, advisories, inTracker, day }: Reading): void {
  const isDead = (release: DebianRelease) => isEndOfLife(release, day);
  for (const { release: codename, count, record, ...about } of advisories.unread) {
    const release = releases.get(codename);
    if (release && isDead(release))
      out.ledger.unread({ platforms: [release.platform], ...about }, record, count);
  }
  const context = { ledger: out.ledger, releases, inTracker, isEndOfLife: isDead };
  for (const fixes of advisories.rest()) {
    const statement = listOnlyStatement(fixes, context);
    if (statement) out.statement(statement);
  }
}

/** Reasons that mean a broken or unknown record, apart from those that are known to occur in good documents. */
const malformedReasons: ReadonlySet<string> = new Set([
  'absurd_version',
  'bad_package_name',
  'fixed_version_missing',
  'status_missing',
  'unknown_status',
  'unknown_vulnerability_id',
  'wrong_type',
]);

/** Fewer malformed records are counted but do not stop a build, whatever their share. */
const tolerated = 25;

/** Records that the ledger dropped because they were malformed. */
function malformedRecords(ledger: Ledger): number {
  const malformed = ledger
    .findings()
    .filter(({ reason, dropped }) => dropped && malformedReasons.has(reason));
  return malformed.reduce((sum, { count }) => sum + count, 0);
}

/** Refuses a document with too many malformed records, as after a change of format. @throws SOURCE_OVER_BUDGET */
function assertWithinBudget(malformed: number, records: number, share: number, where: string): void {
  if (malformed <= tolerated || malformed <= records * share) return;
  throw new ScapfeedError({
    code: 'SOURCE_OVER_BUDGET',
    message: `expected at most ${share * 100} % malformed records, found ${malformed} of ${records}`,
    where,
    remedy: 'check the findings; raise malformedShare in feeds/debian.json only if the document is right',
  });
}

/** Passes every release with statements, and the advisories that they name, to the sink. */
function announcePlatforms(reading: Reading, rosters: ReadonlyMap<string, Roster>): void {
  const { definition, out, advisories, announced, platforms } = reading;
  for (const id of announced) {
    const details = advisories.details(id);
    if (details) out.advisory(details);
  }
  for (const release of definition.releases) {
    // A release of feeds/ that the tracker lacks is a finding: a platform without data would look clean.
    if (isLastState(release, reading)) {
      out.ledger.doubt('release_absent', placeOf(release));
    }
    if (platforms.has(release.platform)) announce(release, rosters.get(release.codename), reading);
  }
}

function announce(release: DebianRelease, roster: Roster | undefined, reading: Reading): void {
  const { definition, inputs, out, inTracker, advisories } = reading;
  const wanted = indexInputs(release, definition);
  const indexes = wanted.flatMap(({ id }) => inputs.get(id) ?? []);
  if (indexes.length < wanted.length) out.ledger.doubt('package_indexes_missing', placeOf(release));
  const documents = [
    inTracker.get(release.codename) ?? [],
    definition.advisoryLists.map(({ id }) => id),
    suiteInputs(release, definition).flatMap(({ releaseId }) => (inputs.has(releaseId) ? releaseId : [])),
  ].flat();
  const marks = [...marksOf(release, reading), ...(roster ? [] : ['no_package_list'])];
  out.platform(platformOf(release), {
    inputs: [...documents, ...indexes.map(({ id }) => id)],
    ...(roster && { roster, ownDespiteSuffix: ownDespiteSuffix(release, roster) }),
    ...(marks.length > 0 && { marks }),
    // The data of a release that the tracker has dropped does not become newer with advisories for other releases.
    ...(isLastState(release, reading) && { updated: `${advisories.newest(release.codename)}T00:00:00Z` }),
  });
}

function isLastState({ codename }: DebianRelease, { definition, inTracker }: Reading): boolean {
  return inTracker.get(codename) !== definition.tracker.id;
}

function marksOf(release: DebianRelease, { definition, inTracker, day }: Reading): string[] {
  const input = inTracker.get(release.codename);
  return [
    ...(input === undefined ? ['advisory_list_only'] : []),
    ...(input !== undefined && input !== definition.tracker.id ? ['last_state'] : []),
    ...(isEndOfLife(release, day) ? ['release_end_of_life'] : []),
  ];
}

function placeOf({ codename }: DebianRelease): string {
  return `feeds/debian.json#${codename}`;
}

/** Sources that the release ships in a version which was built for another one. */
function ownDespiteSuffix(release: DebianRelease, roster: Roster): string[] {
  if (release.version === undefined) return [];
  const own = Number(release.version);
  return [...roster].flatMap(([name, { version }]) => {
    const origin = debianOrigin(version);
    return origin !== undefined && origin.release !== own ? name : [];
  });
}

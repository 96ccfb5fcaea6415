import type { Feed } from '../feed/read/feed.ts';
import { releaseMemory } from '../io/memory.ts';
import { isTooOld, oldDataText, undated } from '../model/data-date.ts';
import { isScapfeedError, ScapfeedError } from '../model/error.ts';
import { unreadRecords } from '../model/feed/index.ts';
import type { FleetRunSummary, RunPull } from '../model/fleet/index.ts';
import { isOfEcosystem } from '../model/inventory/index.ts';
import type { SignedVerdict } from '../model/verdict/index.ts';
import { ageInDays, requireDistributions } from '../runtime/index.ts';
import { planBases } from './bases/base-jobs.ts';
import { compareBases } from './bases/compare-bases.ts';
import { planComplying } from './complying.ts';
import { planDeliveries } from './delivery/deliveries.ts';
import type { ReadJob } from './do-job.ts';
import type { FleetContext, FleetRunOptions, RegistryListing } from './fleet.ts';
import { fromRegistries } from './from-registries.ts';
import { refreshCoverage } from './judge/coverage.ts';
import { type ChangedLines, feedChanges, keepLines } from './judge/feed-lines.ts';
import { heldData } from './judge/held.ts';
import { type JudgingKeys, judgingKeys } from './judge/options.ts';
import { planJudging } from './judge/plan.ts';
import { coverageEvents } from './news/coverage-events.ts';
import type { FleetEvent } from './news/events.ts';
import { feedEvents } from './news/feed-events.ts';
import { heldEvents } from './news/held-events.ts';
import { imageEvents } from './news/image-events.ts';
import { keepEvents } from './news/keep-events.ts';
import { firstJudgedEvents, newImageEvents } from './news/new-images.ts';
import { overdueEvents } from './news/overdue-events.ts';
import { readNews } from './news/read-news.ts';
import { ruleEvents } from './news/rule-events.ts';
import { waiverEvents } from './news/waiver-events.ts';
import { watchedImages } from './news/watched.ts';
import { isOfDatabase, throughRestarts } from './outlasting.ts';
import { jobCounts } from './queue/job-counts.ts';
import type { JobKind } from './queue/queue.ts';
import { forgetBases, settleBases } from './store/bases.ts';
import { refreshCounts } from './store/counts.ts';
import type { Database, Queries } from './store/database.ts';
import { json } from './store/json.ts';
import { beginRun, keepFeed, lastRun, openRun } from './store/runs.ts';
import { refreshStatistics } from './store/statistics.ts';
import { fleetTotals } from './store/totals.ts';
import { lockCounts, refreshWaived } from './store/waived-counts.ts';
import { addNames, names, removeNames, watches } from './store/watches.ts';
import { actingWaivers, matchingWaivers } from './waivers/acting-waivers.ts';
import { drain, sendReady } from './work.ts';

/** The origin of a run's feed. */
export interface RunFeed {
  /** A pull checked its signatures. */
  signed: boolean;
  /** Absent: the run did not pull. */
  pull?: RunPull;
}

/** A run of this process: its number, and how many images there were before it. */
interface BegunRun {
  run: number;
  before: number;
}

/**
 * One night: looks up every name, reads what is new, judges what something changed for, and makes the news of it. If the database
 * is restarted meanwhile, the same run goes on: all its steps can be repeated. Undefined: another process does that now.
 */
export async function runFleet(
  fleet: FleetContext,
  options: FleetRunOptions,
  feed: RunFeed,
): Promise<FleetRunSummary | undefined> {
  const {
    database,
    queue,
    feed: { manifest },
    tools,
  } = fleet;
  requireDistributions(manifest.platforms, { map: new Map(options.judging.platformMap) });
  let begun: BegunRun | undefined;
  const once = async (): Promise<FleetRunSummary> => {
    // The answer to the last statement of a run can be lost too.
    const finished = begun && (await summaryOf(database, begun.run));
    if (finished) return finished;
    for (const kind of ['read', 'base', 'judge', 'comply'] as const) await queue.clear(kind);
    begun ??= await begin(fleet, options, feed.signed);
    return doRun(fleet, begun, options, feed.pull);
  };
  return throughRestarts(tools, async (isBack) => {
    const summary = await database.alone('run', async () => {
      isBack();
      const done = await once();
      await tidy(fleet);
      return done;
    });
    if (summary || !begun) return summary;
    const finished = await summaryOf(database, begun.run);
    if (finished) return finished;
    throw stillHeld(database.place);
  });
}

async function begin(
  { database, feed, tools }: FleetContext,
  options: FleetRunOptions,
  signed: boolean,
): Promise<BegunRun> {
  requirePlatforms(feed);
  const number = await keepFeed(database, feed, signed);
  const before = await countOf(database, 'images');
  const run = await beginRun(database, { feed: number, tool: tools.tool, options }, tools.now());
  tools.begun?.(run);
  return { run, before };
}

async function doRun(
  fleet: FleetContext,
  begun: BegunRun,
  options: FleetRunOptions,
  pull: RunPull | undefined,
): Promise<FleetRunSummary> {
  const { run } = begun;
  const listed = await refreshWatches(fleet);
  await readNames(fleet, run);
  if (options.bases) await judgeBases(fleet, run);
  const night = await judgeChanged(fleet, run, options);
  await complyNew(fleet, run, options);
  return fleet.database.transaction((queries) =>
    finish(queries, fleet, { ...night, ...begun, ...listed, options, ...(pull && { pull }) }),
  );
}

/** The run is over, and whole: what cannot be freed or sent now is left to others. */
async function tidy(fleet: FleetContext): Promise<void> {
  const { database, queue, tools } = fleet;
  await database.vacuum().catch((error: unknown) => {
    if (!isOfDatabase(error)) throw error;
    tools.warn(error.message);
  });
  // A process that died while it sent holds its message until a process looks for it: in some fleets, only runs do.
  await queue.supervise(['news']);
  // A message that a receiver does not take now is tried again by workers, servers and the next run.
  await sendReady(fleet);
}

/** The result of a run if it is finished; undefined: it is open. @throws FEED_LOCKED when another process has begun one */
async function summaryOf(database: Database, run: number): Promise<FleetRunSummary | undefined> {
  const [row] = await database.query<{ state: string; summary: FleetRunSummary }>(
    'SELECT state, summary FROM fleet.runs WHERE id = $1',
    [run],
  );
  if (row?.state === 'finished') return row.summary;
  if (row?.state !== 'open') throw brokenOff(database.place);
  return undefined;
}

/** A feed without platforms judges nothing, and what it judged before would look as if it were gone. */
function requirePlatforms(feed: Feed): void {
  if (feed.manifest.platforms.length > 0) return;
  throw new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'the feed has no platform: every image would be reported as not covered',
    where: feed.directory,
    remedy: 'build or pull a feed with the platforms of your images',
  });
}

type ListedWatches = Required<Pick<FleetRunSummary, 'unlisted' | 'attached'>>;

/** Lists the tags of registries again. A registry that cannot be listed keeps its names, and is reported. */
async function refreshWatches({ database, tools }: FleetContext): Promise<ListedWatches> {
  let attached = 0;
  const unlisted: FleetRunSummary['unlisted'] = [];
  for (const { id, kind, place, tags } of await watches(database)) {
    if (kind !== 'registry') continue;
    tools.progress(`listing ${place}`);
    try {
      const listed = await fromRegistries(tools, place, () => tools.list(place, tags));
      const { references, cut, refusals } = listed;
      attached += listed.attached;
      const known = references.length === 0 ? await namesBelow(database, id) : 0;
      // Registries show nothing to those whose login has lapsed: that must not end the watching of all images.
      const none = `it lists no image now and had ${known}, which are kept; if they are gone, remove it`;
      if (known === 0) await keepListed(database, id, listed, tools.now());
      for (const reason of [...cut, ...refusals, ...(known === 0 ? [] : [none])])
        unlisted.push({ place, reason });
    } catch (error) {
      if (!isScapfeedError(error)) throw error;
      unlisted.push({ place, reason: error.message });
    }
  }
  return { unlisted, attached };
}

/**
 * Adds new tags. Tags that are gone are not looked up any more; only a complete list shows which these are, and nothing below a
 * repository that could not be listed.
 */
async function keepListed(
  database: Database,
  watch: number,
  { references, cut, unlisted }: RegistryListing,
  now: Date,
): Promise<void> {
  await database.transaction(async (queries) => {
    await addNames(queries, watch, references, now);
    if (cut.length > 0) return;
    const gone = await queries.query<{ id: number }>(
      `SELECT id FROM fleet.names WHERE watch = $1 AND removed IS NULL AND NOT reference = ANY($2::text[])
         AND NOT regexp_replace(reference, ':[^:/]*$', '') = ANY($3::text[])`,
      [watch, references, unlisted],
    );
    await removeNames(
      queries,
      gone.map(({ id }) => id),
      now,
    );
  });
}

/** Number of names that are looked up for a watch. */
async function namesBelow(database: Database, watch: number): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM fleet.names WHERE watch = $1 AND removed IS NULL',
    [watch],
  );
  return row!.count;
}

async function readNames(fleet: FleetContext, run: number): Promise<void> {
  const { database, queue } = fleet;
  const jobs: ReadJob[] = (await names(database))
    .filter(({ kind }) => kind !== 'import')
    .map(({ id, reference }) => ({ run, name: id, reference }));
  await queue.add('read', jobs);
  await drainWhole(fleet, 'read');
}

/** Judges the bases that images state, each once, and compares the images with them. */
async function judgeBases(fleet: FleetContext, run: number): Promise<void> {
  const { database, queue } = fleet;
  await queue.add('base', await database.transaction((queries) => planBases(queries, run)));
  await drainWhole(fleet, 'base');
  await compareBases(fleet);
}

interface Night {
  changed: ChangedLines;
  keys: JudgingKeys;
  /** Verdicts are made otherwise than before, and not because of the feed. */
  isOwn: boolean;
}

async function judgeChanged(fleet: FleetContext, run: number, { judging }: FleetRunOptions): Promise<Night> {
  const { database, queue, feed, tools } = fleet;
  tools.progress('comparing the feed with the last one');
  const { changes, changed } = await feedChanges(database, feed);
  // Every line of the feed was read, and what is left of them is garbage.
  releaseMemory();
  const keys = judgingKeys(feed, tools.tool, judging);
  const before = await keptKeys(database);
  const isOwn = before !== undefined && before.own !== keys.own;
  const all = isOwn || (before !== undefined && before.feed !== keys.feed);
  const systems = await database.transaction((queries) =>
    refreshCoverage(queries, feed, judging, run, tools.now()),
  );
  const jobs = await planJudging(database, run, changes, systems, all);
  await queue.add('judge', jobs, { workOf: ({ packages }) => packages.length });
  await drainWhole(fleet, 'judge');
  return { changed, keys, isOwn };
}

/** Evaluates each image once by each profile: again when it is built again, or the content is another. */
async function complyNew(fleet: FleetContext, run: number, { profiles }: FleetRunOptions): Promise<void> {
  const { database, queue, feed, tools } = fleet;
  if (profiles.length === 0) return;
  const content = await tools.contentKey(feed);
  for (const profile of profiles)
    await queue.add('comply', await planComplying(database, run, profile, content));
  await drainWhole(fleet, 'comply');
}

async function keptKeys(queries: Queries): Promise<JudgingKeys | undefined> {
  const [kept] = await queries.query<{ value: JudgingKeys }>(
    `SELECT value FROM fleet.settings WHERE key = 'judging'`,
  );
  return kept?.value;
}

/** Jobs that were given up leave verdicts of another feed: such a run must not end as if it were whole. */
async function drainWhole(fleet: FleetContext, kind: JobKind): Promise<void> {
  await drain(fleet, kind);
  const { failed } = (await jobCounts(fleet.database))[kind];
  if (failed === 0) return;
  throw new ScapfeedError({
    code: 'INTERNAL',
    message: `${failed} jobs of the kind ${kind} failed after several attempts`,
    where: fleet.database.place,
    remedy: 'run again; if it happens again, report the message above',
  });
}

interface FinishedNight extends Night, BegunRun, ListedWatches {
  options: FleetRunOptions;
  pull?: RunPull;
}

/** The end of a run, in one transaction: its news are made once, and the next run compares with this feed. */
async function finish(queries: Queries, fleet: FleetContext, night: FinishedNight): Promise<FleetRunSummary> {
  const { feed, tools } = fleet;
  const { run, options } = night;
  const now = tools.now();
  // The right to run ends with the session that holds it, which the server can end.
  if (!(await openRun(queries, run))) throw brokenOff(fleet.database.place);
  await lockCounts(queries);
  await keepEcosystems(queries, feed);
  const judged = await countOf(queries, `packages WHERE judged_run = ${run}`);
  await refreshStatistics(queries, judged);
  const last = await lastRun(queries);
  const used = await judgingPlatforms(queries);
  const stale = stalePlatforms(fleet, options, used);
  const held = heldData(feed.manifest, used, night.pull);
  const offered = new Set(feed.manifest.platforms.map(({ id }) => id));
  const before = await lastSummary(queries, last);
  await refreshCounts(queries, run, last);
  await refreshWaived(queries, now);
  const bases = options.bases ? await settleBases(queries) : await forgetBases(queries);
  const events = [
    ...(await eventsOf(queries, feed, night, { last, now })),
    ...staleEvents(before?.stale ?? [], stale),
    ...heldEvents(before?.held ?? [], held, offered),
  ];
  await keepEvents(queries, run, events);
  await queries.query('UPDATE fleet.name_images SET to_run = $1 WHERE until IS NOT NULL AND to_run IS NULL', [
    run,
  ]);
  await queries.query('UPDATE fleet.name_images SET from_run = $1 WHERE from_run IS NULL', [run]);
  await keepLines(queries, night.changed);
  await queries.query(
    `INSERT INTO fleet.settings (key, value) VALUES ('judging', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    [json(night.keys)],
  );
  const totals = await fleetTotals(queries);
  const summary: FleetRunSummary = {
    run,
    feed: feed.digest(),
    ...(night.pull && { pull: night.pull }),
    names: await countOf(queries, 'names WHERE removed IS NULL'),
    unread: await countOf(
      queries,
      'unread JOIN fleet.names ON names.id = name WHERE to_run IS NULL AND removed IS NULL',
    ),
    unsigned: options.signed ? await signedAs(queries, ['unsigned']) : 0,
    refused: options.signed ? await signedAs(queries, ['refused', 'rejected']) : 0,
    unlisted: night.unlisted,
    attached: night.attached,
    read: (await countOf(queries, 'images')) - night.before,
    judged,
    packages: await countOf(queries, 'packages'),
    uncoveredSystems: await countOf(queries, 'coverage WHERE platform IS NULL AND to_run IS NULL'),
    partly: totals.names.partly,
    uncovered: totals.names.uncovered,
    open: totals.open,
    ...(bases && { bases }),
    stale,
    held,
    events: events.filter(({ waiver }) => waiver === undefined).length,
    waived: events.filter(({ waiver }) => waiver !== undefined).length,
  };
  await queries.query(
    `UPDATE fleet.runs SET state = 'finished', finished = $2, summary = $3, totals = $4 WHERE id = $1`,
    [run, now, json(summary), json(totals)],
  );
  if (options.receivers.length > 0) {
    const news = await readNews(queries, { run }, 'all');
    await planDeliveries(queries, fleet.queue, run, options.receivers, news, tools.message);
  }
  return summary;
}

async function eventsOf(
  queries: Queries,
  feed: Feed,
  { run, isOwn, options: { judging } }: FinishedNight,
  { last, now }: { last: number | undefined; now: Date },
): Promise<FleetEvent[]> {
  const cause = isOwn ? 'scapfeed' : 'feed';
  const since = last ?? 0;
  const waivers = await matchingWaivers(queries, await actingWaivers(queries, now));
  return [
    ...(await feedEvents(queries, since, cause, waivers, { feed, judging })),
    ...(await imageEvents(queries, waivers)),
    ...(await newImageEvents(queries, waivers)),
    ...(await firstJudgedEvents(queries, since, cause, waivers)),
    ...(await coverageEvents(queries, since, cause)),
    ...(await ruleEvents(queries, since, cause, waivers)),
    ...(await waiverEvents(queries, run, now)),
    ...(await overdueEvents(queries, { run, last, now }, waivers)),
  ];
}

function stalePlatforms(
  { feed, tools }: FleetContext,
  { maxAge }: FleetRunOptions,
  used: ReadonlySet<string>,
): FleetRunSummary['stale'] {
  if (maxAge === undefined) return [];
  const now = tools.now();
  return feed.manifest.platforms
    .filter(({ id, updated }) => used.has(id) && isTooOld(updated, now, maxAge))
    .map((platform) => ({
      platform: platform.id,
      ageDays: platform.updated === undated ? null : ageInDays(platform, now),
    }));
}

/** Platforms by which watched images are judged: the age of others does not matter. */
async function judgingPlatforms(queries: Queries): Promise<Set<string>> {
  const rows = await queries.query<{ platform: string }>(
    `SELECT DISTINCT platform FROM fleet.coverage JOIN fleet.images ON images.system = coverage.system
     WHERE to_run IS NULL AND platform IS NOT NULL AND images.id IN (${watchedImages})
     UNION SELECT each->>'ecosystem' FROM fleet.images, jsonb_array_elements(images.unjudged) AS each
     WHERE (each->>'listed')::integer > 0 AND images.id IN (${watchedImages})`,
  );
  return new Set(rows.map(({ platform }) => platform));
}

/** The languages that the feed has data about decide which counted packages are judged. */
async function keepEcosystems(queries: Queries, { manifest }: Feed): Promise<void> {
  const ecosystems = manifest.platforms.filter(({ os }) => isOfEcosystem({ type: os.id }));
  const unread = ecosystems.filter(({ marks }) => marks?.includes(unreadRecords));
  for (const [key, value] of Object.entries({ ecosystems, 'unread-ecosystems': unread }))
    await queries.query(
      'INSERT INTO fleet.settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      [key, json(value.map(({ id }) => id))],
    );
}

async function lastSummary(queries: Queries, last: number | undefined): Promise<FleetRunSummary | undefined> {
  const [row] = await queries.query<{ summary: FleetRunSummary }>(
    'SELECT summary FROM fleet.runs WHERE id = $1',
    [last ?? 0],
  );
  return row?.summary;
}

/** Reported once: when a platform's data becomes too old. */
function staleEvents(before: FleetRunSummary['stale'], stale: FleetRunSummary['stale']): FleetEvent[] {
  const known = new Set(before.map(({ platform }) => platform));
  return stale
    .filter(({ platform }) => !known.has(platform))
    .map(({ platform, ageDays }) => ({
      kind: 'feed_stale',
      cause: 'feed',
      platform,
      detail: oldDataText(ageDays),
      images: [],
    }));
}

/** Watched images whose signatures were found to be so. */
function signedAs(queries: Queries, verdicts: readonly SignedVerdict[]): Promise<number> {
  const quoted = verdicts.map((verdict) => `'${verdict}'`).join(', ');
  return countOf(queries, `images WHERE signed->>'verdict' IN (${quoted}) AND id IN (${watchedImages})`);
}

async function countOf(queries: Queries, what: string): Promise<number> {
  const [row] = await queries.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM fleet.${what}`,
  );
  return row!.count;
}

/** The server has not noticed yet that the connection is gone, and keeps its session: that can take hours. */
function stillHeld(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'DATABASE_UNUSABLE',
    message: 'the connection to the database was lost, and its session still holds the run',
    where,
    remedy: 'end that session on the server (pg_terminate_backend), and run again: nothing is lost',
  });
}

function brokenOff(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_LOCKED',
    message: 'another process has begun a run, because this one lost its connection to the database',
    where,
    remedy: 'nothing is lost: the other run does the same work',
  });
}

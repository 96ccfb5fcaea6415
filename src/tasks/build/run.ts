import { contentSource, parseContentList } from '../../content/index.ts';
import { sources } from '../../distros/builds.ts';
import { judges } from '../../distros/judges.ts';
import { assessmentSources, usualAssessmentSources } from '../../enrichment/index.ts';
import { type BuildOutcome, buildFeed, type FeedBuildOptions } from '../../feed/build-feed.ts';
import { newestDate } from '../../feed/compile/index.ts';
import { floorOf } from '../../feed/floor.ts';
import {
  type BuildInput,
  type FallBack,
  type FetchOptions,
  fetchedInputs,
  type InputOptions,
  storedInputs,
} from '../../feed/inputs.ts';
import { lastGoodInput, type SourceFailure } from '../../feed/last-good.ts';
import { requirePossible } from '../../feed/no-platform.ts';
import { currentTime } from '../../io/clock.ts';
import { createHttp } from '../../io/http/create-http.ts';
import { sampleMirror } from '../../io/http/mirror.ts';
import { requireReplaceable } from '../../io/staging.ts';
import { writing } from '../../io/system-reason.ts';
import { isoSeconds } from '../../model/data-date.ts';
import type { Environment } from '../../model/environment.ts';
import { type ErrorCode, ScapfeedError } from '../../model/error.ts';
import type { Progress } from '../../model/progress.ts';
import type { AssessmentSource, FetchedSource, Source } from '../../sources/contract.ts';
import { defaultKeep } from '../../sources/kept-feeds.ts';
import type { SnapshotStore } from '../../sources/snapshots.ts';
import { parseVexList, vexSource } from '../../vex/repositories/index.ts';
import { usage } from '../given-words.ts';
import { requireMirror } from '../require-folder.ts';
import { toolVersion } from '../tool-version.ts';
import { allSources, type BuildSettings, everySource, sourceIds, usualSourceIds } from './options.ts';

/** The sources of ratings that a build reads. */
interface ChosenRatings {
  assessing: readonly AssessmentSource[];
  /** They were not named: a mirror need not have them. */
  areImplied: boolean;
}

/**
 * The sources of ratings among those that are asked for. Where only distributions are named, and one of them rates few flaws or none,
 * all are read: without them no flaw of it has a severity. `asked`: undefined for all sources.
 */
function chosenRatings(asked: readonly string[] | undefined, wantsRatings = true): ChosenRatings {
  if (!wantsRatings) return { assessing: [], areImplied: false };
  if (asked === undefined) return { assessing: usualAssessmentSources, areImplied: false };
  const named = assessmentSources.filter(({ id }) => asked.includes(id));
  const areImplied = named.length === 0 && judges.some(({ id, rates }) => asked.includes(id) && !rates);
  return { assessing: areImplied ? usualAssessmentSources : named, areImplied };
}

/**
 * Refuses sources of ratings that are named and left out at once. `asked`: the sources as they were given; `option`: what leaves
 * ratings out, in the caller's words.
 * @throws {ScapfeedError} USAGE
 */
function requireNoneNamed(asked: readonly string[] | undefined, option: string): void {
  const named = assessmentSources.filter(({ id }) => asked?.includes(id)).map(({ id }) => id);
  if (asked === undefined || named.length === 0) return;
  const others = asked.filter((id) => !named.includes(id));
  throw new ScapfeedError({
    code: 'USAGE',
    message: `${option}, and --source ${named.join(',')}`,
    remedy: `use --source ${asked.join(',')} without ${option}, which reads no other ratings; or ${option} with --source ${others.join(',')}`,
  });
}

const nothingThere: ReadonlySet<string> = new Set([
  'FETCH_NOT_FOUND',
  'SNAPSHOT_MISSING',
] satisfies ErrorCode[]);

/** Whether neither the source's documents nor those of an earlier feed are there. */
function isNotThere({ failed, snapshots }: BuildInput<AssessmentSource>): boolean {
  return failed !== undefined && snapshots.length === 0 && nothingThere.has(failed.code);
}

/** Adds to an error about ratings that were not named the option that leaves them out. `option`: in the caller's words. */
function withWayOut(error: ScapfeedError, option: string): ScapfeedError {
  const { code, message, where, remedy } = error;
  return new ScapfeedError({
    code,
    message,
    ...(where === undefined ? {} : { where }),
    remedy: `${remedy}; or build without ratings: ${option}`,
    cause: error,
  });
}

/** Where documents are kept and how servers are reached. */
export interface BuildMeans {
  store: SnapshotStore;
  http: { env: Environment; ca?: string };
  /** Place of the list of content, for messages. */
  contentPlace: string;
  /** Digest of the program, which makes a feed that would come out the same stay as it is. */
  program?: FeedBuildOptions['program'];
  progress: Progress;
}

/** A feed, and the sources that could not be brought up to date. */
export interface BuiltFeed {
  outcome: BuildOutcome;
  failures: readonly SourceFailure[];
  /** Sources of ratings that were neither named nor there: the feed is without them. */
  leftOut: readonly string[];
  /** Ids of the sources that were asked for. */
  asked: readonly string[];
}

/**
 * Brings the snapshots up to date, builds a feed from them, and removes snapshots that no kept feed names.
 * @throws {ScapfeedError} FEED_LOCKED: another build works in this folder of snapshots
 */
export async function buildFromSources(settings: BuildSettings, means: BuildMeans): Promise<BuiltFeed> {
  requireReplaceable(settings.out);
  const asked = namedSources(settings.sources) ?? usualSources(settings.mirror);
  const chosen = [
    ...distributions(asked),
    ...chosenContent(settings.content, means.contentPlace),
    ...chosenVex(settings.vexRepositories),
  ];
  requirePossible(chosen, settings.platforms);
  if (settings.ratings === false) requireNoneNamed(settings.sources, noRatings);
  const ratings = chosenRatings(asked, settings.ratings);
  const release = means.store.lock();
  try {
    return { ...(await buildLocked(settings, means, chosen, ratings)), asked };
  } finally {
    release();
  }
}

/** With `all` as what it stands for. */
function namedSources(names: readonly string[] | undefined): string[] | undefined {
  return names && [...new Set(names.flatMap((name) => (name === everySource ? usualSourceIds() : [name])))];
}

/** Ids of the sources that the mirror, or the vendors, have, but for those that are built by name only. */
function usualSources(mirror: string | undefined): string[] {
  if (mirror !== sampleMirror) return usualSourceIds();
  return allSources().flatMap(({ id, isSampled }) => (isSampled ? [id] : []));
}

/** The distributions among the sources. @throws {ScapfeedError} USAGE for an unknown id, or if there are none */
function distributions(ids: readonly string[]): readonly Source[] {
  const known = sourceIds();
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw usage('build', `no source ${unknown}`, `use one or more of ${known.join(', ')}`);
  const chosen = sources().filter(({ id }) => ids.includes(id));
  if (chosen.length > 0) return chosen;
  const all = sources().map(({ id }) => id);
  throw usage(
    'build',
    `no distribution among ${ids.join(', ')}: there would be nothing to rate`,
    `add one of ${all.join(', ')}`,
  );
}

function chosenContent(list: string | undefined, place: string): Source[] {
  if (list === undefined) return [];
  return [
    list === 'ssg' ? contentSource(toolVersion) : contentSource(toolVersion, parseContentList(list, place)),
  ];
}

function chosenVex(list: string | undefined): Source[] {
  return list === undefined ? [] : [vexSource(parseVexList(list, '--vex-repositories'))];
}

/** @returns the way to the vendors or the mirror; undefined if nothing is fetched */
function fetching(settings: BuildSettings, { http, progress }: BuildMeans): FetchOptions | undefined {
  const { mirror, offline = false } = settings;
  if (offline) return undefined;
  if (mirror !== undefined) requireMirror('build', mirror);
  const unsignedMirror = settings.unsignedMirror || mirror === sampleMirror;
  if (unsignedMirror && mirror === undefined)
    throw usage(
      'build',
      '--unsigned-mirror without a mirror',
      "specify one with --mirror DIR|URL; documents from the vendors' own servers are signed",
    );
  return {
    http: createHttp({
      userAgent: `scapfeed/${toolVersion}`,
      ...http,
      ...(mirror === undefined ? {} : { mirror }),
    }),
    unsignedMirror,
    now: currentTime(),
    progress,
  };
}

const noRatings = '--no-ratings';

async function buildLocked(
  settings: BuildSettings,
  means: BuildMeans,
  chosen: readonly Source[],
  { assessing, areImplied }: ChosenRatings,
): Promise<Omit<BuiltFeed, 'asked'>> {
  const { out, platforms, severityFrom, created, strict = false } = settings;
  const { store, program, progress } = means;
  const failures: SourceFailure[] = [];
  const isImplied = ({ id }: FetchedSource) => areImplied && assessing.some((each) => each.id === id);
  const fallBack: FallBack = async (source, error) => {
    const shown = isImplied(source) ? withWayOut(error, noRatings) : error;
    if (strict) throw shown;
    const { input, failure } = await lastGoodInput(source, shown, store);
    failures.push(failure);
    return input;
  };
  const current = currentInputs(chosen, assessing, { store, fallBack }, () => fetching(settings, means));
  const { inputs, assessments: found } = await writing(current, 'snapshots', roomForSnapshots);
  const leftOut = areImplied ? found.filter(isNotThere).map(({ source }) => source.id) : [];
  const assessments = found.filter(({ source }) => !leftOut.includes(source.id));
  const building = buildFeed({
    store,
    out,
    toolVersion,
    inputs,
    assessments,
    oval: settings.oval ?? true,
    dataStreams: settings.scap ?? false,
    copies: settings.copies ?? [],
    progress,
    ...(program && { program }),
    ...(severityFrom && { severityFrom }),
    ...(created && { created: isoSeconds(created) }),
    ...(platforms && { platforms }),
    floor: floorOf(await store.feeds(), toolVersion, currentTime()),
    ...(strict ? {} : { fallBack }),
  });
  const outcome = await writing(building, out, 'make room, and build again; the last feed is unchanged');
  await writing(tidy(store, outcome, settings.keep ?? defaultKeep.feeds), 'snapshots', roomForSnapshots);
  return {
    outcome,
    failures: failures.filter(({ source }) => !leftOut.includes(source)),
    leftOut,
  };
}

interface CurrentInputs {
  inputs: BuildInput[];
  assessments: BuildInput<AssessmentSource>[];
}

/** The snapshots at hand without a client, otherwise the current ones of each source. */
async function currentInputs(
  chosen: readonly Source[],
  assessing: readonly AssessmentSource[],
  reading: Omit<InputOptions, 'chosen'>,
  client: () => FetchOptions | undefined,
): Promise<CurrentInputs> {
  const fetch = client();
  const inputsOf = <S extends FetchedSource>(of: readonly S[]) =>
    fetch ? fetchedInputs({ ...reading, chosen: of }, fetch) : storedInputs({ ...reading, chosen: of });
  try {
    return { inputs: await inputsOf(chosen), assessments: await inputsOf(assessing) };
  } finally {
    await fetch?.http.close();
  }
}

/** Keeps the snapshots of this feed, and of the number of earlier feeds in --keep. */
async function tidy(
  store: SnapshotStore,
  { snapshots: inputs, standings }: BuildOutcome,
  feeds: number,
): Promise<void> {
  await store.keepFeed({ inputs, ...(standings && { standings }) });
  await store.forgetFeeds({ ...defaultKeep, feeds });
  await store.prune();
}

/** A source that failed, for reports. */
export type SourceFailureReport = ReturnType<typeof failedSource>;

export function failedSource({ source, instead, error }: SourceFailure, { manifest }: BuildOutcome) {
  const { code, message, where, remedy } = error;
  const own = manifest.inputs.filter((input) => input.source === source);
  return {
    source,
    code,
    message,
    where,
    remedy,
    instead,
    ...(own.length > 0 && { dataOf: newestDate(own) }),
  };
}

const roomForSnapshots =
  'free space where snapshots are kept, or specify another folder with --snapshots DIR; the last feed is unchanged';

import { type BuildOutcome, buildFeed, type FeedBuildOptions } from '../../feed/build-feed.ts';
import { newestDate } from '../../feed/compile/index.ts';
import {
  type BuildInput,
  type FallBack,
  type FetchOptions,
  fetchedInputs,
  type InputOptions,
  storedInputs,
} from '../../feed/inputs.ts';
import { lastGoodInput, type SourceFailure } from '../../feed/last-good.ts';
import { writing } from '../../io/disk-refusal.ts';
import type { AssessmentSource, FetchedSource, Source } from '../../sources/contract.ts';
import { defaultKeep } from '../../sources/kept-feeds.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { toolVersion } from '../tool-version.ts';
import { isNotThere, withWayOut } from './ratings.ts';

export interface SourcesBuild
  extends Omit<FeedBuildOptions, 'inputs' | 'assessments' | 'fallBack' | 'toolVersion'> {
  sources: readonly Source[];
  assessing: readonly AssessmentSource[];
  /** The caller's way to leave out ratings that were not named: missing ones are then no failure. Absent: they were named. */
  impliedRatings?: string;
  /** Fail when any source cannot be brought up to date. */
  strict: boolean;
  /** Feeds whose snapshots are kept. */
  keep: number;
  /** Undefined: the snapshots at hand are read, nothing is fetched. */
  client(): FetchOptions | undefined;
}

/** A feed, and the sources that could not be brought up to date. */
export interface BuiltFeed {
  outcome: BuildOutcome;
  failures: readonly SourceFailure[];
  /** Sources of ratings that were neither named nor there: the feed is without them. */
  leftOut: readonly string[];
}

/**
 * Brings the snapshots up to date, builds a feed from them, and removes snapshots that no kept feed names.
 * @throws {ScapfeedError} FEED_LOCKED: another build works in this folder of snapshots
 */
export async function buildFromSources(build: SourcesBuild): Promise<BuiltFeed> {
  const release = build.store.lock();
  try {
    return await buildLocked(build);
  } finally {
    release();
  }
}

async function buildLocked({
  sources,
  assessing,
  impliedRatings,
  strict,
  keep,
  client,
  ...options
}: SourcesBuild): Promise<BuiltFeed> {
  const { store, out } = options;
  const failures: SourceFailure[] = [];
  const isImplied = ({ id }: FetchedSource) =>
    impliedRatings !== undefined && assessing.some((each) => each.id === id);
  const fallBack: FallBack = async (source, error) => {
    const told = isImplied(source) ? withWayOut(error, impliedRatings!) : error;
    if (strict) throw told;
    const { input, failure } = await lastGoodInput(source, told, store);
    failures.push(failure);
    return input;
  };
  const current = currentInputs(sources, assessing, { store, fallBack }, client);
  const { inputs, assessments: found } = await writing(current, 'snapshots', roomForSnapshots);
  const leftOut = impliedRatings === undefined ? [] : found.filter(isNotThere).map(({ source }) => source.id);
  const assessments = found.filter(({ source }) => !leftOut.includes(source.id));
  const building = buildFeed({
    ...options,
    toolVersion,
    inputs,
    assessments,
    ...(strict ? {} : { fallBack }),
  });
  const outcome = await writing(building, out, 'make room, and build again; the last feed is unchanged');
  await writing(tidy(store, outcome.snapshots, keep), 'snapshots', roomForSnapshots);
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
async function tidy(store: SnapshotStore, snapshots: readonly SourceInput[], feeds: number): Promise<void> {
  await store.keepFeed(snapshots);
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

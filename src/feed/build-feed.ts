import { join } from 'node:path';
import { parseForeignJson } from '../io/foreign-json.ts';
import { releaseMemory, whileHeapGrowsSlowly } from '../io/memory.ts';
import { readWhole } from '../io/read-whole.ts';
import { stageDirectory } from '../io/staging.ts';
import { dataDay, isFrozen } from '../model/data-date.ts';
import { ScapfeedError } from '../model/error.ts';
import {
  type FeedInput,
  type FeedOutput,
  type FeedPlatform,
  type FeedSource,
  frozenMark,
  isPastEndOfLife,
  type Manifest,
  manifestFault,
} from '../model/feed/index.ts';
import { type BoundContent, bindContent } from './bind-content.ts';
import type { BuildOutcome, FeedBuildOptions } from './build-options.ts';
import {
  type Compiled,
  compile,
  joinAssessments,
  joinDetails,
  newestDate,
  withTexts,
} from './compile/index.ts';
import { meantPlatform, noPlatform } from './no-platform.ts';
import type { OvalReport } from './oval/index.ts';
import { type AssessmentReading, readAssessments } from './read-assessments.ts';
import { readSources, type SourceReading } from './read-sources.ts';
import { lostPlatforms, shrinkages } from './shrinkage.ts';
import { rememberFeed, unchangedFeed } from './unchanged.ts';
import {
  ovalOutputs,
  startOval,
  writeContent,
  writeDataStreams,
  writeIndex,
  writeManifest,
} from './write-files.ts';

export type { BuildOutcome, FeedBuildOptions } from './build-options.ts';

/**
 * Builds a feed: snapshots -> statements -> index, OVAL and SCAP -> one directory that replaces the old one at the end.
 * A feed that would come out the same is left as it is. If anything fails, the last good feed is kept as it was. inputs.ts fetches the snapshots before.
 */
export async function buildFeed(options: FeedBuildOptions): Promise<BuildOutcome> {
  const unchanged = unchangedFeed(options);
  if (unchanged) return unchanged;
  const outcome = await buildAnew(options);
  await rememberFeed(options, outcome);
  return outcome;
}

async function buildAnew(options: FeedBuildOptions): Promise<BuildOutcome> {
  const { compiled, created, content, inputs, sources, snapshots, standings } = await compileSources(options);
  releaseMemory();
  const staging = stageDirectory(options.out);
  try {
    const { platforms, outputs, oval } = await whileHeapGrowsSlowly(40, () =>
      writeFiles(staging.path, compiled, content, options),
    );
    const { toolVersion, severityFrom } = options;
    const entries = content.map(({ entry }) => entry);
    const manifest = writeManifest(staging.path, {
      ...{ toolVersion, created, inputs, sources, platforms, outputs, content: entries },
      ...(severityFrom && { severityFrom }),
    });
    const last = lastManifest(options.out);
    staging.commit();
    const read = options.inputs.map(({ source }) => source);
    // Those that were not requested are not lost.
    const lost = last && !options.platforms ? lostPlatforms(last, manifest, read) : [];
    return {
      ...{ manifest, oval, snapshots, standings },
      shrunk: last ? [...lost, ...shrinkages(last, manifest)] : [],
    };
  } catch (error) {
    staging.discard();
    throw error;
  }
}

/** A function of its own, so that the collectors, which hold all that was read, are garbage when it returns. */
async function compileSources(options: FeedBuildOptions) {
  const readings = await readSources(options);
  if (readings.every(({ input }) => input.snapshots.length === 0)) throw readings[0]?.input.failed;
  requirePlatforms(readings, options.platforms);
  const collectors = readings.map(({ collector }) => collector);
  const details = joinDetails(collectors);
  const assessed = await readAssessments(options.assessments ?? [], details, options);
  options.progress('compiling the index');
  const others = assessed.map(({ collector }) => collector);
  const all = [...readings, ...assessed];
  const inputs = all.flatMap(inputAccount);
  const created = options.created ?? newestDate(all.filter(datesFeed).flatMap(inputAccount));
  for (const reading of readings) markFrozen(reading, created);
  return {
    compiled: compile(
      collectors,
      inputs,
      joinAssessments(others),
      withTexts(details, others),
      options.severityFrom,
      created,
    ),
    created,
    content: bindContent(collectors),
    inputs,
    sources: all.map(sourceAccount),
    snapshots: all.flatMap(({ input }) => [...input.snapshots]),
    standings:
      options.floor &&
      Object.fromEntries(
        all.flatMap(({ input, standing }) => (standing ? [[input.source.id, standing]] : [])),
      ),
  };
}

/** Vulnerability data dates a feed. What others publish beside it, such as benchmarks and VEX, says nothing about its age. */
function datesFeed({ input: { source } }: Reading): boolean {
  return !('contentOnly' in source);
}

interface WrittenFiles {
  platforms: readonly FeedPlatform[];
  outputs: readonly FeedOutput[];
  oval: readonly OvalReport[];
}

/** Writes all files but the manifest. A second thread begins the OVAL while this one writes and checks the index. */
async function writeFiles(
  root: string,
  compiled: Compiled,
  content: readonly BoundContent[],
  options: FeedBuildOptions,
): Promise<WrittenFiles> {
  const tables = options.inputs.flatMap(({ source }) => source.tables ?? []);
  const oval = options.oval ? startOval(root, compiled, options) : undefined;
  try {
    options.progress('writing the index');
    const index = await writeIndex(root, compiled, tables);
    if (oval) releaseMemory();
    const written = (await oval?.finish()) ?? [];
    const streams = options.dataStreams ? await writeDataStreams(root, compiled, written, options) : [];
    return {
      platforms: index.platforms,
      outputs: [
        ...index.outputs,
        ...ovalOutputs(written),
        ...streams,
        ...(await writeContent(root, content)),
      ],
      oval: written.map(({ report }) => report),
    };
  } finally {
    await oval?.stop();
  }
}

/** The manifest of the feed that is replaced, if it can be read. */
function lastManifest(out: string): Manifest | undefined {
  try {
    const manifest = parseForeignJson(readWhole(join(out, 'manifest.json')));
    return manifestFault(manifest) === undefined ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Marks platforms whose source was readable but has had no update for longer than its usual interval, measured to the newest data of the
 * feed (`created`), not to the clock. A source that was not read is marked by its last good data.
 */
function markFrozen({ input: { source, failed }, collector }: SourceReading, created: string): void {
  const { usualDays } = source;
  if (usualDays === undefined || failed !== undefined) return;
  for (const { platform, data } of collector.platforms) {
    const dates = data.inputs.map((id) => ({ date: collector.notes.dateOf(id) }));
    const updated = data.updated ?? newestDate(dates.filter(isDated));
    const at = new Date(created);
    if (isPastEndOfLife(platform, at) || !isFrozen(updated, at, usualDays)) continue;
    const detail = `its newest data is of ${dataDay(updated)}; usually there is newer within ${usualDays} days`;
    collector.ledger.doubt('source_frozen', platform.id, detail);
    collector.platform(platform, { ...data, marks: [...(data.marks ?? []), frozenMark(usualDays)] });
  }
}

function isDated(input: { date: string | undefined }): input is { date: string } {
  return input.date !== undefined;
}

type Reading = SourceReading | AssessmentReading;

/** The manifest's entries of the inputs that a source was read from. */
function inputAccount({ input, collector: { notes } }: Reading): FeedInput[] {
  return input.snapshots.map(({ id, source, url, sha256, size, unsigned, refused }) => {
    const date = notes.dateOf(id);
    const version = notes.versionOf(id);
    return {
      id,
      source,
      url,
      sha256,
      size,
      ...(date === undefined ? {} : { date }),
      ...(version === undefined ? {} : { version }),
      ...(unsigned ? { unsigned } : {}),
      ...(refused ? { refused } : {}),
    };
  });
}

/** The manifest's entry of a source, with an account of all its records. */
function sourceAccount({ input: { source, failed }, collector: { ledger } }: Reading): FeedSource {
  const { id, name, licence, attribution, terms, usualDays } = source;
  return {
    id,
    name,
    licence,
    attribution,
    ...(terms === undefined ? {} : { terms }),
    ...(usualDays === undefined ? {} : { usualDays }),
    records: ledger.records,
    used: ledger.used,
    dropped: ledger.dropped,
    ...(failed === undefined ? {} : { failed: failed.code }),
    findings: ledger.findings(),
  };
}

/**
 * Ends a build that would make no platform, or lack a requested one: such a feed must not replace one that has the platform.
 * The platforms of a source that could not be read are unknown, so an id that is like none of the others may be one of its.
 */
function requirePlatforms(all: readonly SourceReading[], wanted: readonly string[] = []): void {
  const readings = all.filter(({ input }) => !input.source.contentOnly);
  const offered = readings.flatMap((reading) => reading.offered);
  const empty = readings.find((reading) => reading.offered.length === 0);
  const unknown = wanted.find((id) => !offered.some((platform) => platform.id === id));
  if (unknown !== undefined && (!empty || meantPlatform(unknown, offered))) {
    const read = readings.map(({ input }) => input.source.id).join(', ');
    throw noPlatform(unknown, offered, `in what was read of ${read}`);
  }
  if (offered.some(({ id }) => wanted.length === 0 || wanted.includes(id))) return;
  const failed = empty?.input.failed;
  if (failed instanceof ScapfeedError) throw failed;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'the sources have none of the requested platforms',
    where: readings.map(({ input }) => input.source.id).join(', '),
    remedy: 'read other sources, or fetch these again; the last feed is unchanged',
  });
}

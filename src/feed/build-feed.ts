import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseForeignJson } from '../io/foreign-json.ts';
import { releaseMemory } from '../io/memory.ts';
import { stageDirectory } from '../io/staging.ts';
import { type FeedOutput, type FeedPlatform, type Manifest, manifestFault } from '../model/index.ts';
import { inputAccount, sourceAccount } from './account.ts';
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
import { markFrozen } from './frozen.ts';
import type { OvalReport } from './oval/index.ts';
import { readAssessments } from './read-assessments.ts';
import { readSources } from './read-sources.ts';
import { requirePlatforms } from './require-platforms.ts';
import { shrinkages } from './shrinkage.ts';
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
  const { compiled, content, inputs, sources, snapshots, standings } = await compileSources(options);
  releaseMemory();
  const staging = stageDirectory(options.out);
  try {
    const { platforms, outputs, oval } = await writeFiles(staging.path, compiled, content, options);
    const { toolVersion, created = newestDate(inputs) } = options;
    const entries = content.map(({ entry }) => entry);
    const { severityFrom } = options;
    const manifest = writeManifest(staging.path, {
      ...{ toolVersion, created, inputs, sources, platforms, outputs, content: entries },
      ...(severityFrom && { severityFrom }),
    });
    const last = lastManifest(options.out);
    staging.commit();
    return { manifest, oval, snapshots, standings, shrunk: last ? shrinkages(last, manifest) : [] };
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
  for (const reading of readings) markFrozen(reading, options.created ?? newestDate(inputs));
  return {
    compiled: compile(
      collectors,
      inputs,
      joinAssessments(others),
      withTexts(details, others),
      options.severityFrom,
      options.created,
    ),
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
    const manifest = parseForeignJson(readFileSync(join(out, 'manifest.json')));
    return manifestFault(manifest) === undefined ? (manifest as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { contentSource } from '../../content/index.ts';
import { sourceOf } from '../../distros/builds.ts';
import { assessmentSourceOf } from '../../enrichment/index.ts';
import { buildFeed, type FeedBuildOptions } from '../../feed/build-feed.ts';
import type { BuildInput } from '../../feed/inputs.ts';
import { fileDigest } from '../../io/digest.ts';
import { readWhole } from '../../io/read-whole.ts';
import { temporaryFolder } from '../../io/temporary.ts';
import { discardUnfinished } from '../../io/unfinished.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FeedInput, FeedOutput, Manifest } from '../../model/feed/index.ts';
import type { Progress } from '../../model/progress.ts';
import { copyFormats } from '../../oval/document/copies.ts';
import { readFeedManifest } from '../../publish/feed/part.ts';
import { plural } from '../../report/text-table.ts';
import type { AssessmentSource } from '../../sources/contract.ts';
import type { SnapshotStore } from '../../sources/snapshots.ts';
import { vexSource } from '../../vex/repositories/index.ts';
import { toolVersion } from '../tool-version.ts';

/** A feed that was rebuilt with the same bytes. */
export interface RebuiltFeed {
  /** Number of identical files, including the manifest. */
  files: number;
  snapshots: number;
}

/**
 * Proves that a feed is what this program makes of its snapshots. `storeOf` chooses the store that has them.
 * @throws {ScapfeedError} SNAPSHOT_MISSING, REBUILD_DIFFERS
 */
export async function rebuildFeed(
  feed: string,
  storeOf: (inputs: readonly FeedInput[]) => SnapshotStore,
  progress: Progress,
): Promise<RebuiltFeed> {
  const manifest = readFeedManifest(feed);
  const changed = await changedFiles(feed, manifest);
  if (changed.length > 0) throw notAsBuilt(feed, changed);
  const store = storeOf(manifest.inputs);
  const folder = temporaryFolder('rebuild');
  try {
    await buildFeed({
      toolVersion,
      ...namedInputs(manifest, store),
      ...(manifest.severityFrom && { severityFrom: manifest.severityFrom }),
      store,
      out: join(folder, 'feed'),
      platforms: manifest.platforms.map(({ id }) => id),
      ...madeForms(manifest),
      created: manifest.created,
      progress,
    });
    const differing = differences(manifest, readFeedManifest(join(folder, 'feed')));
    if (differing.length > 0) throw differs(feed, manifest, differing);
    const same = readWhole(join(feed, 'manifest.json')).equals(
      readWhole(join(folder, 'feed', 'manifest.json')),
    );
    if (!same) throw differs(feed, manifest, ['manifest.json']);
  } finally {
    discardUnfinished(folder);
  }
  return { files: manifest.outputs.length + 1, snapshots: manifest.inputs.length };
}

/** The forms that the feed was built in, judged by its files. */
function madeForms({ outputs }: Manifest): Pick<FeedBuildOptions, 'oval' | 'dataStreams' | 'copies'> {
  const has = (form: RegExp) => outputs.some(({ path }) => form.test(path));
  return {
    oval: has(/^oval\//),
    dataStreams: has(/^scap\//),
    copies: copyFormats.filter((format) => has(new RegExp(`^oval/.*\\.xml\\.${format}$`))),
  };
}

/** Sources that read the list of what they have from their inputs. */
const listed = [contentSource(toolVersion), vexSource()];

interface NamedInputs {
  inputs: BuildInput[];
  assessments: BuildInput<AssessmentSource>[];
}

/** Each source with the inputs that the manifest names; the store has their bytes under their digests. */
function namedInputs(manifest: Manifest, store: SnapshotStore): NamedInputs {
  const named: NamedInputs = { inputs: [], assessments: [] };
  for (const { id, failed: code } of manifest.sources) {
    const snapshots = manifest.inputs.filter((input) => input.source === id);
    for (const input of snapshots) requireStored(input, store);
    const failed = code === undefined ? {} : { failed: { code } };
    const source = listed.find((each) => each.id === id) ?? sourceOf(id);
    const assessing = assessmentSourceOf(id);
    if (source) named.inputs.push({ source, snapshots, ...failed });
    else if (assessing) named.assessments.push({ source: assessing, snapshots, ...failed });
    else throw new ScapfeedError({ code: 'SNAPSHOT_MISSING', message: `this scapfeed has no source ${id}` });
  }
  return named;
}

function requireStored(input: FeedInput, store: SnapshotStore): void {
  const where = store.path(input);
  if (existsSync(where)) return;
  throw new ScapfeedError({
    code: 'SNAPSHOT_MISSING',
    message: `the input ${input.id} with sha256 ${input.sha256} is not in the store`,
    where,
    remedy:
      'specify the store that the feed was built from with --snapshots or --mirror; `scapfeed snapshots` lists what is kept',
  });
}

function differences(expected: Manifest, found: Manifest): string[] {
  const made = new Map(found.outputs.map(({ path, sha256 }) => [path, sha256]));
  const wanted = new Set(expected.outputs.map(({ path }) => path));
  return [
    ...expected.outputs.filter(({ path, sha256 }) => made.get(path) !== sha256).map(({ path }) => path),
    ...[...made.keys()].filter((path) => !wanted.has(path)),
  ].sort();
}

/** The files are checked first: a manifest that can be rebuilt proves nothing about the files beside it. */
function notAsBuilt(feed: string, changed: readonly string[]): ScapfeedError {
  return new ScapfeedError({
    code: 'REBUILD_DIFFERS',
    message: `${plural(changed.length, 'file')} of the feed changed after it was built: ${firstOf(changed)}`,
    where: feed,
    remedy: 'build or pull the feed again; this copy must not be used',
  });
}

function firstOf(paths: readonly string[]): string {
  const [shown, more] = [paths.slice(0, 5).join(', '), paths.length - 5];
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function differs(feed: string, { tool }: Manifest, paths: readonly string[]): ScapfeedError {
  return new ScapfeedError({
    code: 'REBUILD_DIFFERS',
    message: `${plural(paths.length, 'rebuilt file')} ${paths.length === 1 ? 'differs' : 'differ'}: ${firstOf(paths)}`,
    where: feed,
    remedy:
      tool.version === toolVersion
        ? 'the feed was not made from these snapshots by this tool; do not trust it'
        : `the feed was made by scapfeed ${tool.version}, this is ${toolVersion}: verify it with that version`,
  });
}

/**
 * Lists how a feed's folder differs from its manifest, by path: files that are missing, changed or not named. The manifest
 * itself is not checked.
 */
async function changedFiles(directory: string, { outputs }: Manifest): Promise<string[]> {
  const named = new Set(['manifest.json', ...outputs.map(({ path }) => path)]);
  const changed = filesBelow(directory).flatMap((path) =>
    named.has(path) ? [] : `${path} (not of this feed)`,
  );
  for (const output of outputs) {
    const fault = await faultOf(join(directory, output.path), output);
    if (fault !== undefined) changed.push(`${output.path} (${fault})`);
  }
  return changed.sort();
}

async function faultOf(file: string, { sha256, size }: FeedOutput): Promise<string | undefined> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return 'gone';
  if (!stat.isFile()) return 'no file';
  if (stat.size !== size) return `${stat.size} bytes for ${size}`;
  return (await fileDigest(file)).sha256 === sha256 ? undefined : 'other bytes';
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

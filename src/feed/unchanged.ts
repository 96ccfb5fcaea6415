import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeAtomically } from '../io/files.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import { readWhole } from '../io/read-whole.ts';
import { type Manifest, manifestFault } from '../model/feed/index.ts';
import type { SourceInput } from '../sources/snapshots.ts';
import type { BuildOutcome, FeedBuildOptions } from './build-options.ts';

/** Inputs and files of a feed, kept beside the snapshots: a build from the same inputs leaves the feed as it is. */
interface BuiltRecord {
  key: string;
  /** sha256 of the manifest. */
  manifest: string;
  /** Size, time and inode of each file, in the order of the manifest: a file that was touched is made again. */
  files: string[];
  oval: BuildOutcome['oval'];
}

/** The feed in place, if it was made by this program from these inputs with these options and nothing touched it since. */
export function unchangedFeed(options: FeedBuildOptions): BuildOutcome | undefined {
  const key = buildKey(options);
  const record = key === undefined ? undefined : readRecord(recordPath(options));
  if (record?.key !== key || !record) return undefined;
  const text = readOptional(join(options.out, 'manifest.json'));
  if (text === undefined || sha256(text) !== record.manifest) return undefined;
  const manifest = parseForeignJson(text);
  if (manifestFault(manifest) !== undefined) return undefined;
  const files = fileStates(options.out, manifest as Manifest);
  if (!files || files.join() !== record.files.join()) return undefined;
  const snapshots = snapshotsOf(options);
  return { manifest: manifest as Manifest, oval: record.oval, snapshots, shrunk: [] };
}

/** Records a feed that was built, unless what was read is not what the options name. */
export async function rememberFeed(options: FeedBuildOptions, outcome: BuildOutcome): Promise<void> {
  const key = buildKey(options);
  if (key === undefined || listed(outcome.snapshots) !== listed(snapshotsOf(options))) return;
  const files = fileStates(options.out, outcome.manifest);
  if (!files) return;
  const manifest = sha256(readWhole(join(options.out, 'manifest.json')).toString('utf8'));
  const record: BuiltRecord = { key, manifest, files, oval: outcome.oval };
  await writeAtomically(recordPath(options), JSON.stringify(record));
}

/** Undefined: the feed depends on more than its inputs and these options, and is made each time. */
function buildKey(options: FeedBuildOptions): string | undefined {
  const {
    program,
    inputs,
    assessments = [],
    store: _,
    out: __,
    progress: ___,
    fallBack: ____,
    floor: _____,
    ...rest
  } = options;
  // A list of benchmarks is no input, and decides which platforms they are for.
  if (program === undefined || inputs.some(({ source }) => source.contentOnly)) return undefined;
  const read = [...inputs, ...assessments].map(({ source, snapshots, failed }) => ({
    id: source.id,
    snapshots: listed(snapshots),
    failed: failed?.code,
  }));
  return sha256(JSON.stringify({ program, rest, read }));
}

function snapshotsOf({ inputs, assessments = [] }: FeedBuildOptions): SourceInput[] {
  return [...inputs, ...assessments].flatMap(({ snapshots }) => [...snapshots]);
}

/** In one order: a build that fetched lists them otherwise than one from what is at hand, and makes the same feed. */
function listed(snapshots: readonly SourceInput[]): string {
  const rows = snapshots.map(({ id, source, url, sha256: digest, unsigned, refused }) =>
    JSON.stringify([id, source, url, digest, unsigned ?? false, refused ?? '']),
  );
  return rows.sort().join();
}

function recordPath({ store, out }: FeedBuildOptions): string {
  return store.cache(`built-${sha256(resolve(out)).slice(0, 16)}.json`);
}

function readRecord(path: string): BuiltRecord | undefined {
  const text = readOptional(path);
  try {
    const record = text === undefined ? undefined : (JSON.parse(text) as Partial<BuiltRecord> | null);
    const whole = Array.isArray(record?.files) && Array.isArray(record.oval);
    return whole ? (record as BuiltRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: a file is missing. */
function fileStates(out: string, { outputs }: Manifest): string[] | undefined {
  const states: string[] = [];
  for (const { path, size } of outputs) {
    const stat = lstatSync(join(out, path), { bigint: true, throwIfNoEntry: false });
    if (!stat?.isFile() || Number(stat.size) !== size) return undefined;
    states.push(`${stat.size}-${stat.mtimeNs}-${stat.ctimeNs}-${stat.ino}`);
  }
  return states;
}

function readOptional(path: string): string | undefined {
  try {
    return readWhole(path).toString('utf8');
  } catch {
    return undefined;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

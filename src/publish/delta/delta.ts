import { scoresText } from '../../feed/compile/assessment-lines.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';
import {
  assessmentOf,
  type Manifest,
  type RatingsRecord,
  type ShardClaim,
  type ShardLine,
} from '../../model/feed/index.ts';
import { isShard } from '../../published/names.ts';
import { isOffsets, offsetsOf, offsetsPath, sha256 } from '../feed/lines.ts';
import type { FeedPart } from '../feed/part.ts';
import { packagesOf, readShard } from '../feed/shard.ts';
import { applyLineEdits, type LineEdit, lineEdits } from './line-edits.ts';
import { applyShardEdits, hasNewBuilds, type PackageEdit, shardContent, shardEdits } from './shard-edits.ts';
import { spliceShard } from './shard-splice.ts';
import { applyTextEdits, type TextEdit, textEdits } from './text-edits.ts';

/** The difference between two published states of a platform; states are named by their manifests' sha256. */
export interface Delta {
  /** 3 if an edit identifies a claim by its new build, which an earlier client cannot read; 2 otherwise. */
  format: 2 | 3;
  platform: string;
  from: string;
  to: string;
  manifest: TextEdit[];
  /** The shard and other line files by path. Offset indexes and scores are computed from them; other files are fetched whole. */
  files: Record<string, PackageEdit[]>;
}

/** The state that a delta starts from, with access to its files. */
export type OldPart = Pick<FeedPart, 'manifestText' | 'file'>;

/** Makes the delta between two states of a platform. */
export function makeDelta(before: OldPart, after: FeedPart): Delta {
  const oldManifest = JSON.parse(before.manifestText) as Manifest;
  const old = outputsOf(oldManifest);
  const files: Delta['files'] = {};
  for (const { path, sha256: digest } of after.manifest.outputs) {
    const known = old.get(path);
    if (!isLineFile(path) || path === scoresPath || known === undefined || known === digest) continue;
    files[path] = isShard(path, after.platform)
      ? shardEdits(
          withPlaces(
            packagesOf({ ...after, file: before.file }),
            evidencePlaces(oldManifest, after.manifest, after.platform),
          ),
          packagesOf(after),
        )
      : lineEdits(before.file(path), after.file(path), path);
  }
  return {
    format: Object.values(files).some((edits) => edits.some(hasNewBuilds)) ? 3 : 2,
    platform: after.platform,
    from: sha256(before.manifestText),
    to: sha256(after.manifestText),
    manifest: textEdits(before.manifestText, after.manifestText),
    files,
  };
}

/** The new manifest and the changed line files with their offset indexes, all checked by digest. */
export interface Applied {
  manifestText: string;
  manifest: Manifest;
  files: Map<string, Buffer>;
}

/** Levels of arrays and objects in a delta: `files` > edits > claims > a claim with its module. */
const maxDepth = 16;

/** Reads a delta. @throws FEED_CORRUPT if it is not one, before much more memory is used than its text needs */
export function parseDelta(text: Buffer, where: string): Delta {
  try {
    const delta = parseForeignJson(text, { maxDepth }) as Partial<Delta> | null;
    const whole =
      typeof delta?.from === 'string' &&
      typeof delta.to === 'string' &&
      Array.isArray(delta.manifest) &&
      typeof delta.files === 'object' &&
      delta.files !== null &&
      Object.values(delta.files).every((edits) => Array.isArray(edits));
    if (whole) return delta as Delta;
  } catch (cause) {
    throw notDelta(where, cause);
  }
  throw notDelta(where);
}

function notDelta(where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'expected a delta, found something else',
    where,
    remedy: 'pull again; the whole files are fetched instead',
    cause,
  });
}

/**
 * Applies a delta. `check` checks the new manifest before any file that it names is used.
 * @throws FEED_CORRUPT if the result is not the one that the delta describes; the caller then fetches the whole files
 */
export function applyDelta(
  before: OldPart,
  delta: Delta,
  check: (manifestText: string) => Manifest = (text) => parseForeignJson(text) as Manifest,
): Applied {
  requireForm(delta);
  if (sha256(before.manifestText) !== delta.from) throw broken(delta, 'it starts from another state');
  try {
    const manifestText = applyTextEdits(before.manifestText, delta.manifest);
    withDigest(delta, 'manifest.json', Buffer.from(manifestText), delta.to);
    const manifest = check(manifestText);
    const wanted = outputsOf(manifest);
    const places = evidencePlaces(JSON.parse(before.manifestText) as Manifest, manifest, delta.platform);
    const files = new Map<string, Buffer>();
    const put = (path: string, content: Buffer) => {
      files.set(path, content);
      const offsets = offsetsPath(path);
      files.set(offsets, withDigest(delta, offsets, offsetsOf(content, path), wanted.get(offsets)));
    };
    for (const [path, edits] of Object.entries(delta.files)) {
      const digest = wanted.get(path);
      if (digest === undefined || !isLineFile(path)) throw broken(delta, `${path} is no file of the index`);
      requireAscending(edits);
      const old = before.file(path);
      const spliced = !places && isShard(path, delta.platform) ? spliceShard(old, path, edits) : undefined;
      const content =
        spliced && sha256(spliced) === digest
          ? spliced
          : withDigest(delta, path, editedWhole(old, path, edits, delta, places), digest);
      put(path, content);
      if (path === ratingsPath && wanted.has(scoresPath))
        put(scoresPath, withDigest(delta, scoresPath, scoresOf(content), wanted.get(scoresPath)));
    }
    return { manifestText, manifest, files };
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw broken(delta, 'its edits do not fit', cause);
  }
}

/** True for a delta that only a newer scapfeed reads. */
export function isOfNewerForm({ format }: { format: unknown }): boolean {
  return typeof format === 'number' && format > 3;
}

/** Signed bytes may still not be a delta: checked here for a clear error. */
function requireForm(delta: Delta): void {
  const names = [delta.platform, delta.from, delta.to];
  if (isOfNewerForm(delta))
    throw broken({ platform: '', from: '' }, `it has format ${delta.format}, this scapfeed reads 2 and 3`);
  if ((delta.format === 2 || delta.format === 3) && names.every((name) => typeof name === 'string')) return;
  throw broken({ platform: '', from: '' }, 'it is not of the form of a delta');
}

/** Each line may be edited once, in order: a thousand edits of one line would cost a thousand times as much. */
function requireAscending(edits: readonly PackageEdit[]): void {
  for (let at = 1; at < edits.length; at++)
    if (!(edits[at - 1]![0] < edits[at]![0])) throw new RangeError('edits out of order');
}

/** Applies edits line by line; a shard for which that is not enough is written again from the old one's claims. */
function editedWhole(
  old: Buffer,
  path: string,
  edits: PackageEdit[],
  { platform }: Delta,
  places: EvidencePlaces | undefined,
): Buffer {
  if (!isShard(path, platform)) return applyLineEdits(old, path, edits as LineEdit[]);
  return shardContent(applyShardEdits(withPlaces(readShard(old), places), edits));
}

function isLineFile(path: string): boolean {
  return path.startsWith('index/') && !isOffsets(path);
}

function outputsOf({ outputs }: Manifest): ReadonlyMap<string, string> {
  return new Map(outputs.map(({ path, sha256: digest }) => [path, digest]));
}

function withDigest(delta: Delta, path: string, content: Buffer, expected: string | undefined): Buffer {
  if (sha256(content) === expected) return content;
  throw broken(delta, `${path} does not come out with its sha256`);
}

function broken(
  { platform, from }: Pick<Delta, 'platform' | 'from'>,
  message: string,
  cause?: unknown,
): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `the delta cannot be applied: ${message}`,
    where: `${platform} from ${from.slice(0, 16)}`,
    remedy: 'pull again; the whole files are fetched instead',
    cause,
  });
}

const ratingsPath = 'index/ratings.jsonl';

/** Computed from the ratings, as offset indexes are: a changed score changes a line of a thousand ids. */
const scoresPath = 'index/ratings.scores.jsonl';

/** The file of scores that the compiler writes beside these ratings. */
function scoresOf(ratings: Buffer): Buffer {
  const lines = ratings.toString('utf8').split('\n').filter(Boolean);
  return Buffer.from(scoresText(lines.map((line) => assessmentOf(JSON.parse(line) as RatingsRecord))));
}

/** Number of a text in the old manifest's table of evidence -> its number in the new one. */
type EvidencePlaces = readonly number[];

/**
 * Where the old evidence of a platform is in the new table. The most used text is the first, so that one erratum more may move
 * all others: edits are made of, and applied to, claims with the new numbers. Undefined: none has moved. A text that the new
 * table lacks has a number that no new claim has.
 */
function evidencePlaces(before: Manifest, after: Manifest, platform: string): EvidencePlaces | undefined {
  const [old, now] = [tableOf(before, platform), tableOf(after, platform)];
  if (old.every((text, at) => now[at] === text)) return undefined;
  const places = new Map(now.map((text, at) => [text, at]));
  return old.map((text, at) => places.get(text) ?? now.length + at);
}

function tableOf({ platforms }: Manifest, platform: string): readonly string[] {
  return platforms.find(({ id }) => id === platform)?.evidence ?? [];
}

/** The packages with new numbers. @throws RangeError for evidence that is not in the table */
function withPlaces(lines: readonly ShardLine[], places: EvidencePlaces | undefined): readonly ShardLine[] {
  if (!places) return lines;
  return lines.map((line) => ({ ...line, claims: line.claims.map((claim) => withPlace(claim, places)) }));
}

function withPlace(claim: ShardClaim, places: EvidencePlaces): ShardClaim {
  const { evidence = 0, ids, ...rest } = claim;
  const place = places[evidence];
  if (place === undefined) throw new RangeError(`no evidence ${evidence}`);
  // In the order of a shard's fields, since texts of claims are compared.
  return place === 0 ? { ...rest, ids } : { ...rest, evidence: place, ids };
}

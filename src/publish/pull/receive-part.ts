import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readWhole } from '../../io/read-whole.ts';
import { makeFolders } from '../../io/staging.ts';
import { writeError } from '../../io/system-reason.ts';
import { mostUnfolded } from '../../io/unfolding.ts';
import { ScapfeedError } from '../../model/error.ts';
import {
  contentFault,
  feedFormat,
  formatName,
  isContentPath,
  type Manifest,
} from '../../model/feed/index.ts';
import { isAssessmentPart } from '../../published/assessment-parts.ts';
import { belongsTo, type Encoding, smallestForm, targetPath } from '../../published/names.ts';
import { clockTolerance } from '../../published/own-parts.ts';
import { patchContent, patchName } from '../delta/content-patch.ts';
import { type Applied, applyDelta, isOfNewerForm, type OldPart, parseDelta } from '../delta/delta.ts';
import { decompress } from '../feed/encoding.ts';
import type { ReceivedPart } from '../feed/join.ts';
import { isOffsets, offsetsOf, sha256 } from '../feed/lines.ts';
import { isDetail, isOwn, isTable, isWanted, type WantedParts } from '../feed/part.ts';
import { feedStays, roomForPull } from '../feed-stays.ts';
import { deltaName } from '../site/write-part.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import type { Origin } from './origin.ts';
import { looksLikeHtml, missingAsSwapped, webPage } from './trust-error.ts';

/** Limits on the decompressed size of a manifest, a delta and a file. */
const maxManifestBytes = 64 * 2 ** 20;
const maxDeltaBytes = 32 * 2 ** 20;
const maxFileBytes = 2 ** 30;

export interface ReceiveOptions extends WantedParts {
  origin: Origin;
  platform: string;
  /** All published platforms, whose files this one must not name. */
  platforms: readonly string[];
  targets: Readonly<Record<string, TargetInfo>>;
  /** The state in use, if there is one; its files are checked by digest before use. */
  installed: InstalledPart | undefined;
  /** Folder of downloads, complete or not, named by their digests. */
  partial: string;
  now: Date;
}

export interface InstalledPart extends OldPart {
  /** Returns a file of the feed in use if it has this digest. */
  intact(path: string, sha256: string): Buffer | undefined;
  /** Returns a file of the feed in use, whatever its digest. */
  present(path: string): Buffer | undefined;
}

export interface Received {
  part: ReceivedPart;
  manifestText: string;
  how: 'unchanged' | 'delta' | 'whole';
  /** Its delta is of a form that only a newer scapfeed reads; so it came whole. */
  newerDelta: boolean;
}

/** Receives one platform: unchanged, by delta if that is smaller, or whole. Every file is checked before use. */
export async function receivePart(options: ReceiveOptions): Promise<Received> {
  const { targets, platform, installed } = options;
  const manifestTarget = smallestForm(targets, `${platform}/manifest.json`);
  if (!manifestTarget) throw foreign(options, 'the role lists no manifest');
  const signed: unknown = manifestTarget.info.custom?.['sha256'];
  const wanted = typeof signed === 'string' ? signed : '';
  if (installed && sha256(installed.manifestText) === wanted) {
    return complete(options, installed.manifestText, new Map(), 'unchanged');
  }
  const byDelta = await tryDelta(options, wanted);
  if (byDelta && byDelta !== 'newer') return complete(options, byDelta.manifestText, byDelta.files, 'delta');
  const text = await readNamed(options, manifestTarget, maxManifestBytes);
  if (sha256(text) !== wanted)
    throw foreign(options, 'the manifest does not have the sha256 that was signed');
  const whole = await complete(options, text.toString('utf8'), new Map(), 'whole');
  return { ...whole, newerDelta: byDelta === 'newer' };
}

/** Undefined if there is no delta from the state in use to the new one; `newer` if its form is one of later versions. */
async function tryDelta(options: ReceiveOptions, wanted: string): Promise<Applied | 'newer' | undefined> {
  const { installed, targets, platform, origin } = options;
  if (!installed) return undefined;
  const name = deltaName(platform, sha256(installed.manifestText));
  const info = targets[name];
  if (!info) return undefined;
  try {
    const text = await readTarget(options, { name, info, encoding: 'br' }, maxDeltaBytes);
    const delta = parseDelta(text, `${origin.name}: ${name}`);
    if (delta.to !== wanted || delta.platform !== platform) return undefined;
    if (isOfNewerForm(delta)) return 'newer';
    return applyDelta(installed, delta, (manifest) => checkedManifest(options, manifest));
  } catch (error) {
    if (error instanceof ScapfeedError && passedOver.includes(error.code)) return undefined;
    throw error;
  }
}

/** Looks for a file among those that a delta made, then those in use, then at the origin. */
async function complete(
  options: ReceiveOptions,
  manifestText: string,
  made: ReadonlyMap<string, Buffer>,
  how: Received['how'],
): Promise<Received> {
  const published = checkedManifest(options, manifestText);
  const outputs = published.outputs.filter(({ path }) => isWanted(path, options));
  const files = new Map<string, Buffer>();
  for (const { path, sha256: digest, size } of outputs) {
    if (isOffsets(path)) continue;
    const content =
      made.get(path) ??
      options.installed?.intact(path, digest) ??
      (await patchedOutput(options, path, size, digest)) ??
      (await fetchOutput(options, path, size));
    if (sha256(content) !== digest)
      throw foreign(options, `${path} does not have the sha256 that the manifest gives`);
    files.set(path, content);
  }
  for (const { path, sha256: digest } of outputs) {
    if (!isOffsets(path)) continue;
    const lines = [...files.keys()].find((file) => path === file.replace(/\.[a-z]+$/, '.offsets.json'));
    const offsets = made.get(path) ?? (lines ? offsetsOf(files.get(lines)!, lines) : undefined);
    if (!offsets || sha256(offsets) !== digest)
      throw foreign(options, `${path} does not follow from its lines`);
    files.set(path, offsets);
  }
  const manifest = withoutAbsent({ ...published, outputs });
  return { part: { platform: options.platform, manifest, files }, manifestText, how, newerDelta: false };
}

/** The manifest without entries of benchmarks that were not pulled. */
function withoutAbsent({ content = [], ...manifest }: Manifest): Manifest {
  const paths = new Set(manifest.outputs.map(({ path }) => path));
  const present = content.filter(({ path }) => paths.has(path));
  return present.length > 0 ? { ...manifest, content: present } : manifest;
}

/** A benchmark made from the one in use; undefined: none is in use, or no patch leads from it, or the patch is broken. */
async function patchedOutput(
  options: ReceiveOptions,
  path: string,
  size: number,
  digest: string,
): Promise<Buffer | undefined> {
  const { installed, targets, platform, origin } = options;
  const before = isContentPath(path) ? installed?.present(path) : undefined;
  if (!before) return undefined;
  const name = patchName(platform, path, sha256(before));
  const info = targets[name];
  if (!info) return undefined;
  try {
    const patch = await downloadTarget(options, { name, info, encoding: 'zst' });
    const content = patchContent(before, patch, Math.min(size, maxFileBytes), `${origin.name}: ${name}`);
    return sha256(content) === digest ? content : undefined;
  } catch (error) {
    if (error instanceof ScapfeedError && passedOver.includes(error.code)) return undefined;
    throw error;
  }
}

/** If a delta is broken or not there, the whole files are fetched; network errors are thrown. Bundles have no deltas. */
const passedOver: readonly string[] = ['FEED_CORRUPT', 'FETCH_NOT_FOUND'];

function checkedManifest(options: ReceiveOptions, text: string): Manifest {
  const manifest = parseManifest(options, text);
  checkManifest(options, manifest);
  return manifest;
}

function parseManifest({ origin, platform }: ReceiveOptions, text: string): Manifest {
  try {
    const manifest = parseForeignJson(text) as Partial<Manifest> | null;
    const lists = [manifest?.platforms, manifest?.outputs, manifest?.inputs, manifest?.sources];
    if (lists.every((list) => Array.isArray(list)) && contentFault(manifest?.content) < 0)
      return manifest as Manifest;
  } catch {
    // Reported below like any other file that is not a manifest.
  }
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'the signed manifest is not a manifest',
    where: `${origin.name}: ${platform}`,
    remedy: `report it to the publisher${feedStays}`,
  });
}

/** A signed manifest may still be of another platform, from the future or in an unsupported format. */
function checkManifest(options: ReceiveOptions, manifest: Manifest): void {
  const { platform, origin, now } = options;
  if (manifest.format !== feedFormat) {
    throw new ScapfeedError({
      code: 'FEED_FORMAT_UNSUPPORTED',
      message: `feed format ${formatName(manifest.format)} found, this scapfeed reads format ${feedFormat}`,
      where: `${origin.name}: ${platform}`,
      remedy: `use a newer version of scapfeed${feedStays}`,
    });
  }
  const own = isAssessmentPart(platform)
    ? ownOfShared(options, manifest, platform)
    : ownOfPlatform(options, manifest);
  const strange = manifest.outputs.find(({ path }) => !safePath.test(path) || !own(path));
  if (strange)
    throw foreign(options, `the manifest names ${strange.path}, which is no file of this platform`);
  if (Date.parse(manifest.created) > now.getTime() + clockTolerance) {
    throw new ScapfeedError({
      code: 'TRUST_FROM_FUTURE',
      message: `the feed's data is of ${manifest.created}, which is in the future`,
      where: `${origin.name}: ${platform}`,
      remedy: "set this machine's clock; if it is right, report it to the publisher",
    });
  }
}

/** Returns a predicate for the files that a platform's manifest may name. */
function ownOfPlatform(options: ReceiveOptions, manifest: Manifest): (path: string) => boolean {
  const { platform, platforms } = options;
  const [only, another] = manifest.platforms;
  if (only?.id !== platform || another) {
    const found = manifest.platforms.map(({ id }) => id).join(', ');
    throw foreign(options, `expected the platform ${platform}, the manifest is of ${found || 'none'}`);
  }
  return (path) => isOwn(path, platform, manifest) || isDetail(path) || isTable(path, only.source, platforms);
}

/** The same for a part that all platforms share. */
function ownOfShared(
  options: ReceiveOptions,
  { platforms }: Manifest,
  part: string,
): (path: string) => boolean {
  if (platforms.length > 0)
    throw foreign(options, `expected no platform in ${part}, found ${platforms.length}`);
  return (path) => path.startsWith('index/') && belongsTo(path, part);
}

/** Two names, neither hidden, none of what a pull itself keeps. */
const safePath = /^(?!pulled\/)[a-z]+\/[A-Za-z0-9][A-Za-z0-9._+-]*$/;

interface Target {
  name: string;
  info: TargetInfo;
  encoding: Encoding;
}

async function fetchOutput(options: ReceiveOptions, path: string, size: number): Promise<Buffer> {
  const target = smallestForm(options.targets, `${options.platform}/${path}`);
  if (!target) throw foreign(options, `the manifest names ${path}, the role does not`);
  return readNamed(options, target, size);
}

/** The same of a file that has no other way. */
async function readNamed(options: ReceiveOptions, target: Target, maxBytes: number): Promise<Buffer> {
  try {
    return await readTarget(options, target, maxBytes);
  } catch (error) {
    throw missingAsSwapped(error, target.name);
  }
}

/** A target's decompressed content, with a limit that depends on its signed length. */
async function readTarget(options: ReceiveOptions, target: Target, maxBytes: number): Promise<Buffer> {
  const where = `${options.origin.name}: ${target.name}`;
  const { length } = target.info;
  if (length > maxFileBytes) throw foreign(options, `${target.name} would be of ${length} bytes`);
  const bytes = await downloadTarget(options, target);
  return decompress(bytes, target.encoding, Math.min(maxBytes, mostUnfolded(length), maxFileBytes), where);
}

/** The bytes of a target, from an earlier attempt or the origin, with the signed length and digest. */
async function downloadTarget({ origin, partial }: ReceiveOptions, { name, info }: Target): Promise<Buffer> {
  const digest = info.hashes.sha256;
  const file = join(partial, digest);
  if (existsSync(file)) {
    const bytes = readWhole(file);
    if (bytes.length === info.length && sha256(bytes) === digest) return bytes;
  }
  const path = targetPath(name, digest);
  await download(origin, { path, length: info.length }, partial, file);
  const bytes = readWhole(file);
  if (bytes.length === info.length && sha256(bytes) === digest) return bytes;
  rmSync(file, { force: true });
  throw otherBytes(bytes, info, `${origin.name}/${path}`);
}

/** Bytes of a failed download stay, for the next pull. */
async function download(
  origin: Origin,
  { path, length }: { path: string; length: number },
  partial: string,
  file: string,
): Promise<void> {
  let leave = () => {};
  try {
    leave = makeFolders(partial);
    await origin.download(path, length, file);
  } catch (error) {
    throw notWritable(error, file);
  } finally {
    leave();
  }
}

/** Reports write errors as such; errors of the origin are passed on. */
function notWritable(error: unknown, where: string): unknown {
  if (error instanceof ScapfeedError || !(error instanceof Error) || !('errno' in error)) return error;
  return writeError({
    message: `a download cannot be stored: ${error.message}`,
    where,
    remedy: roomForPull,
    cause: error,
  });
}

function otherBytes(bytes: Buffer, { length, hashes }: TargetInfo, where: string): ScapfeedError {
  if (looksLikeHtml(bytes)) return webPage(where);
  if (bytes.length < length) {
    return new ScapfeedError({
      code: 'TRUST_TRUNCATED',
      message: `expected ${length} bytes as signed, found ${bytes.length}`,
      where,
      remedy: 'pull again; if it repeats, use another mirror',
    });
  }
  return new ScapfeedError({
    code: 'TRUST_SWAPPED',
    message: `expected sha256 ${hashes.sha256} as signed, found ${sha256(bytes)}`,
    where,
    remedy: `use another mirror, and report it to the publisher${feedStays}`,
  });
}

function foreign({ origin, platform }: ReceiveOptions, message: string): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_FOREIGN_CONTENT',
    message,
    where: `${origin.name}: ${platform}`,
    remedy: `report it to the publisher${feedStays}`,
  });
}

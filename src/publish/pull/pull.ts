import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { judges } from '../../distros/judges.ts';
import { newestDate } from '../../feed/compile/index.ts';
import { removeTemporary } from '../../io/files.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import type { HttpOptions } from '../../io/http/http.ts';
import { takeLock } from '../../io/lock.ts';
import { readWhole } from '../../io/read-whole.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type FeedPlatform, feedFormat, type Manifest } from '../../model/feed/index.ts';
import type { Progress } from '../../model/progress.ts';
import { type AssessmentPartName, isAssessmentPart } from '../../published/assessment-parts.ts';
import { feedRole } from '../../published/names.ts';
import { joinParts, keptManifestPath, ownDetails, ownDetailsPath, publishedDetails } from '../feed/join.ts';
import { sha256 } from '../feed/lines.ts';
import { isDetail, namedDetails, subsetOf } from '../feed/part.ts';
import { roomForPull, withoutFeed } from '../feed-stays.ts';
import { isTrustFileName, trustFilesFolder } from '../site/trust-file-name.ts';
import { fetchTrustFiles, hasFeedRole } from '../site/trust-files.ts';
import { choosePlatforms, publishedAssessments, publishedPlatforms } from './choose-platforms.ts';
import { claimPlace, type FeedPlace, openPlace, trustFolder } from './feed-switch.ts';
import { type FirstTrust, firstTrust } from './first-trust.ts';
import { keepPlaces } from './kept-places.ts';
import { absolutePlace, openOrigin } from './open-origin.ts';
import type { Origin } from './origin.ts';
import { type InstalledPart, type Received, receivePart } from './receive-part.ts';
import { type Trusted, trustAsAsked } from './trust.ts';
import { versionName } from './version-name.ts';

export interface FeedPullOptions {
  /** Mirrors, tried in turn: URL, oci://HOST/NAME, DIR or BUNDLE. */
  from: readonly string[];
  out: string;
  /** Platform ids, or prefixes with a `*`. Default: those of the feed in use, otherwise all published. */
  platforms?: readonly string[];
  /** Parts that all platforms share and that are left out. */
  without?: readonly AssessmentPartName[];
  /** A root that the user trusts; needed once. */
  pinned?: Buffer;
  now: Date;
  /** Milliseconds; for folders and bundles only. */
  maxAge?: number;
  oval: boolean;
  /** With the benchmarks that the feed carries. */
  content: boolean;
  /** With the keys and roots that the feed carries; once pulled, they are kept up to date. */
  trust?: boolean;
  http?: HttpOptions;
  /** Registries for which plain http is used. */
  insecure?: readonly string[];
  progress: Progress;
}

/** The result of a pull. */
export interface PullOutcome {
  directory: string;
  from: string;
  /** When the publisher signed it, ISO 8601. */
  signed: string;
  platforms: { id: string; how: Received['how']; updated: string }[];
  /** Data shared by all platforms: ratings, known exploitation, EPSS. */
  assessments: { id: string; how: Received['how']; updated: string }[];
  /** Names of the keys and roots that were pulled with the feed. */
  trust: string[];
  /** Platforms of the previous feed that this one lacks: others were requested, or the bundle has fewer. */
  removed: string[];
  /** Platforms and parts that came whole because their deltas are of a form that only a newer scapfeed reads. */
  newerDeltas: string[];
  requests: number;
  bytes: number;
  /** Errors of the mirrors that were tried before. */
  passed: string[];
}

/** Pulls a published feed and notes where it came from. On any failure the feed in use is kept, and the next pull resumes. */
export async function pull(options: FeedPullOptions): Promise<PullOutcome> {
  const place = openPlace(options.out);
  try {
    const leave = claimPlace(place);
    try {
      return await pullAlone(options, place);
    } finally {
      leave();
    }
  } catch (error) {
    throw place.current() === undefined ? withoutFeed(error) : error;
  }
}

async function pullAlone(options: FeedPullOptions, place: FeedPlace): Promise<PullOutcome> {
  const folder = trustFolder(options.out);
  const release = takeLock(join(folder, 'lock'), { remedy: roomForPull });
  const first = firstTrust(folder);
  try {
    removeTemporary(folder);
    const outcome = await pullFromFirst(options, place, first);
    await keepPlaces(options.out, options.from.map(absolutePlace));
    return outcome;
  } catch (error) {
    first.undo(error);
    throw error;
  } finally {
    release();
  }
}

async function pullFromFirst(
  options: FeedPullOptions,
  place: FeedPlace,
  first: FirstTrust,
): Promise<PullOutcome> {
  const failures: ScapfeedError[] = [];
  for (const from of options.from) {
    try {
      const outcome = await pullFrom(options, place, from, first);
      return { ...outcome, passed: failures.map(oneLine) };
    } catch (error) {
      if (!(error instanceof ScapfeedError) || fatal.has(error.code)) throw error;
      failures.push(error);
    }
  }
  throw summary(failures);
}

/** Errors for which no other mirror is tried. */
const fatal: ReadonlySet<string> = new Set([
  'DISK_FULL',
  'OUTPUT_NOT_WRITABLE',
  'TRUST_NOT_PRIVATE',
  'TRUST_ROOT_MISSING',
  'USAGE',
]);

/** Of several failures the first one about trust is reported, otherwise the first. */
function summary(failures: readonly ScapfeedError[]): ScapfeedError {
  const worst = failures.find(({ code }) => code.startsWith('TRUST_')) ?? failures[0]!;
  if (failures.length === 1) return worst;
  const others = failures.filter((failure) => failure !== worst).map(oneLine);
  return new ScapfeedError({
    code: worst.code,
    message: `no mirror has a usable feed: ${worst.message}`,
    where: [worst.where, ...others].join('; '),
    ...(worst.remedy === undefined ? {} : { remedy: worst.remedy }),
    cause: worst,
  });
}

function oneLine({ message, code, where }: ScapfeedError): string {
  return `${message} [${code}]${where === undefined ? '' : ` at ${where}`}`;
}

async function pullFrom(
  options: FeedPullOptions,
  place: FeedPlace,
  from: string,
  first: FirstTrust,
): Promise<Omit<PullOutcome, 'passed'>> {
  const origin = await openOrigin(from, options, trustFolder(options.out));
  try {
    options.progress(`checking ${from}`);
    const trusted = await trustAsAsked(options, origin, trustFolder(options.out));
    const installed = readInstalled(place);
    const received = await receiveAll(options, installed, origin, trusted);
    const trust = await receiveTrust(options, installed, origin, trusted);
    install(options, place, withMarks(received, trusted.roles), trust);
    first.keep();
    return {
      directory: place.directory,
      from,
      signed: trusted.signed.toISOString(),
      platforms: received.flatMap(({ part, how }) => {
        const [platform] = part.manifest.platforms;
        return platform ? { id: part.platform, how, updated: platform.updated } : [];
      }),
      assessments: received
        .filter(({ part }) => isAssessmentPart(part.platform))
        .map(({ part, how }) => ({ id: part.platform, how, updated: newestDate(part.manifest.inputs) })),
      trust: [...trust.keys()],
      removed: lostPlatforms(installed, received),
      newerDeltas: received.flatMap(({ part, newerDelta }) => (newerDelta ? part.platform : [])),
      ...origin.traffic,
    };
  } finally {
    await origin.close();
  }
}

function lostPlatforms(installed: InstalledFeed | undefined, received: readonly Received[]): string[] {
  const at = new Set(received.map(({ part }) => part.platform));
  return (installed?.platforms ?? []).filter((id) => !at.has(id)).sort();
}

async function receiveAll(
  options: FeedPullOptions,
  installed: InstalledFeed | undefined,
  origin: Origin,
  trusted: Trusted,
): Promise<Received[]> {
  const received: Received[] = [];
  const shared = publishedAssessments(trusted.roles, origin.roles, options.without);
  const wanted = [...wantedPlatforms(options, installed, trusted, origin), ...shared];
  for (const [done, platform] of wanted.entries()) {
    options.progress('fetching', { done, total: wanted.length, unit: 'parts' });
    const targets = await trusted.targets(platform);
    if (Object.keys(targets).length === 0) {
      if (isAssessmentPart(platform)) continue;
      throw withdrawn(platform, origin);
    }
    received.push(
      await receivePart({
        origin,
        platform,
        platforms: trusted.roles,
        targets,
        installed: installed?.part(platform),
        partial: partialFolder(options),
        oval: options.oval,
        content: options.content,
        now: options.now,
      }),
    );
  }
  return received;
}

/** Keys and roots, where they are asked for or were pulled before; a bundle without any leaves those at hand. */
async function receiveTrust(
  options: FeedPullOptions,
  installed: InstalledFeed | undefined,
  origin: Origin,
  trusted: Trusted,
): Promise<ReadonlyMap<string, Buffer>> {
  const before = installed?.trust() ?? new Map<string, Buffer>();
  if (options.trust !== true && before.size === 0) return before;
  const files = hasFeedRole(trusted.roles, origin)
    ? await fetchTrustFiles(origin, await trusted.targets(feedRole))
    : before;
  if (options.trust !== true || files.size > 0) return files;
  throw new ScapfeedError({
    code: 'TRUST_ROOT_MISSING',
    message: 'the feed brings no keys and roots for signatures of images',
    where: origin.name,
    remedy: 'omit --trust, or ask the publisher for `scapfeed publish --trust FILE`',
  });
}

const notPulled = 'layered_products_not_pulled';

/** Marks a release without its layered products: otherwise a scan would take their absence for no known flaws. */
function withMarks(received: readonly Received[], published: readonly string[]): Received[] {
  const at = new Set(received.map(({ part }) => part.platform));
  const lacksLayers = ({ os }: FeedPlatform) => {
    const layers = judges.find(({ id }) => id === os.id)?.layers;
    return layers !== undefined && published.some((id) => id.startsWith(layers) && !at.has(id));
  };
  return received.map((one) => {
    const { part } = one;
    const platforms = part.manifest.platforms.map((platform) =>
      lacksLayers(platform)
        ? { ...platform, marks: [...(platform.marks ?? []), notPulled].sort() }
        : platform,
    );
    return { ...one, part: { ...part, manifest: { ...part.manifest, platforms } } };
  });
}

/** Nothing is written when all is as it was, intact included. */
function install(
  options: FeedPullOptions,
  place: FeedPlace,
  received: readonly Received[],
  trust: ReadonlyMap<string, Buffer>,
): void {
  const files = joinParts(received.map(({ part }) => part));
  for (const { part, manifestText } of received) {
    files.set(keptManifestPath(part.platform), manifestText);
    for (const [path, lines] of ownDetails(part, files)) files.set(path, lines);
  }
  for (const [name, content] of trust) files.set(`${trustFilesFolder}/${name}`, content);
  const unchanged = received.every(({ how }) => how === 'unchanged');
  const list = [...files].map(([path, content]) => `${path} ${sha256(content)}`).join('\n');
  const name = versionName(files.get('manifest.json')!, list);
  const current = place.current();
  if (!(unchanged && current && basename(current) === name && isInstalled(current, files))) {
    options.progress('putting the feed in place');
    place.install(name, files);
  }
  rmSync(partialFolder(options), { recursive: true, force: true });
}

function isInstalled(current: string, files: ReadonlyMap<string, Buffer | string>): boolean {
  return [...files].every(([path, content]) => {
    const file = join(current, path);
    return existsSync(file) && readWhole(file).equals(Buffer.from(content));
  });
}

function partialFolder({ out }: FeedPullOptions): string {
  return join(trustFolder(out), 'partial');
}

function wantedPlatforms(
  { platforms, from }: FeedPullOptions,
  installed: InstalledFeed | undefined,
  trusted: Trusted,
  origin: Origin,
): string[] {
  const published = publishedPlatforms(trusted.roles, origin.roles);
  if (platforms !== undefined) return choosePlatforms(platforms, published, from.join(', '));
  return origin.roles ? published : (installed?.platforms ?? published).toSorted();
}

interface InstalledFeed {
  platforms: string[];
  trust(): Map<string, Buffer>;
  part(platform: string): InstalledPart | undefined;
}

/** The feed in use, as far as it can be read; damaged files are fetched again. */
function readInstalled(place: FeedPlace): InstalledFeed | undefined {
  const current = place.current();
  const manifest = current === undefined ? undefined : readManifest(current);
  if (current === undefined || !manifest) return undefined;
  return {
    platforms: manifest.platforms.map(({ id }) => id),
    trust() {
      const folder = join(current, trustFilesFolder);
      const names = existsSync(folder) ? readdirSync(folder).filter(isTrustFileName).sort() : [];
      return new Map(names.map((name) => [name, readWhole(join(folder, name))]));
    },
    part(platform) {
      const text = readOptional(join(current, keptManifestPath(platform)))?.toString('utf8');
      // Nothing of a feed of an older format can be used.
      return text === undefined || manifest.format !== feedFormat
        ? undefined
        : installedPart(current, platform, text, manifest.platforms.length > 1);
    },
  };
}

/** A feed of several platforms has joined details; those of a platform are the ones that its shard names, as they were published. */
function installedPart(
  current: string,
  platform: string,
  manifestText: string,
  joined: boolean,
): InstalledPart {
  let named: ReadonlySet<string> | undefined;
  const shard = `index/${platform}.jsonl`;
  const read = (path: string): Buffer | undefined => {
    const content = readOptional(join(current, path));
    if (!content || !joined || !isDetail(path)) return content;
    const own = readOptional(join(current, ownDetailsPath(platform, path)));
    try {
      named ??= namedIn(readOptional(join(current, shard)));
      const subset = subsetOf(content, path, named);
      return own ? publishedDetails(subset, own, path) : subset;
    } catch (error) {
      // Lines that are damaged have no keys.
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
  return {
    manifestText,
    file(path) {
      const content = read(path);
      if (content) return content;
      throw new ScapfeedError({
        code: 'FEED_CORRUPT',
        message: 'a file of the feed in use is gone',
        where: path,
      });
    },
    present: read,
    intact(path, digest) {
      const content = read(path);
      return content && sha256(content) === digest ? content : undefined;
    },
  };
}

/** Empty for a shard that cannot be read: its details then have another digest and are fetched again. */
function namedIn(shard: Buffer | undefined): ReadonlySet<string> {
  try {
    return shard ? namedDetails(shard) : new Set();
  } catch {
    return new Set();
  }
}

function readManifest(directory: string): Manifest | undefined {
  try {
    return parseForeignJson(readWhole(join(directory, 'manifest.json')).toString('utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

function readOptional(path: string): Buffer | undefined {
  return existsSync(path) ? readWhole(path) : undefined;
}

function withdrawn(platform: string, origin: Origin): ScapfeedError {
  return new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the publisher no longer publishes ${platform}`,
    where: origin.name,
    remedy: 'specify the platforms that you want with --platform',
  });
}

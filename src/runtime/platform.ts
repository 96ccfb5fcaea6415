import type { Judge } from '../distros/contract.ts';
import { databasesOf, keepersOf } from '../distros/databases.ts';
import { judges } from '../distros/judges.ts';
import { releaseOf } from '../distros/purl.ts';
import { ScapfeedError } from '../model/error.ts';
import type { FeedPlatform } from '../model/feed/index.ts';
import {
  type InstalledPackage,
  type Inventory,
  isOfEcosystem,
  lostDistribution,
  type OsRelease,
} from '../model/inventory/index.ts';
import { feedPlatformList } from '../model/nearest.ts';

/** The platform that an image is judged by, and how it was chosen. */
export interface PlatformChoice {
  platform: FeedPlatform;
  /**
   * `assumed_testing`: files do not distinguish Debian testing from sid; `given`: by --platform; `mapped`: a derivative;
   * `runs_ahead`: its parent is made from it, see Judge.follows;
   * `mapped_beside`: see `beside`.
   */
  marks: string[];
  /** A platform given by `--platform-map` whose statements are used where the image's own platform has none. */
  beside?: FeedPlatform;
  /** Why the feed does not judge the image's distribution: only its packages of languages are judged. */
  uncovered?: ScapfeedError;
}

/** The mark of a platform that judges packages of languages of an image whose distribution the feed does not cover. */
export const languagesOnly = 'languages_only';

export interface PlatformOptions {
  /** `--platform`: id or alias. Overrides the image's own release. */
  platform?: string;
  /** `--platform-map rocky-9=rhel-9`: judges one system by another platform, and marks the verdicts. */
  map?: ReadonlyMap<string, string>;
}

/** Packages of languages, of which the ecosystem decides. */
interface NamedEcosystems {
  languages?: readonly Pick<InstalledPackage, 'type'>[];
}

/** The facts of an image by which its platform is chosen. */
type PlatformFacts = Pick<Inventory, 'os' | 'aptSuites'> &
  Partial<Pick<Inventory, 'databases' | 'packages' | 'notes'>> &
  NamedEcosystems;

/**
 * Chooses the feed's platform for an image.
 * @throws {ScapfeedError} PLATFORM_UNKNOWN, PLATFORM_NOT_COVERED, USAGE
 */
export function choosePlatform(
  platforms: readonly FeedPlatform[],
  inventory: PlatformFacts,
  options: PlatformOptions = {},
): PlatformChoice {
  const choice = choiceOf(platforms, inventory, options);
  if (choice instanceof ScapfeedError) throw choice;
  return choice;
}

/**
 * The same for judging: where the feed does not cover the distribution, an ecosystem of the image's packages of languages.
 * @throws {ScapfeedError} PLATFORM_UNKNOWN, PLATFORM_NOT_COVERED, USAGE
 */
export function chooseJudging(
  platforms: readonly FeedPlatform[],
  inventory: PlatformFacts,
  options: PlatformOptions = {},
): PlatformChoice {
  const choice = choiceOf(platforms, inventory, options);
  if (!(choice instanceof ScapfeedError)) return choice;
  const platform = ecosystemAmong(platforms, inventory.languages ?? []);
  if (!platform) throw choice;
  return { platform, marks: [languagesOnly], uncovered: choice };
}

/** Returns why the feed does not cover the image, and throws for a platform of the options that it does not have. */
function choiceOf(
  platforms: readonly FeedPlatform[],
  inventory: PlatformFacts,
  options: PlatformOptions,
): PlatformChoice | ScapfeedError {
  requireDistributions(platforms, options);
  if (options.platform !== undefined)
    return { platform: named(platforms, options.platform), marks: ['given'] };
  const { os } = inventory;
  if (isOfLanguagesOnly(inventory))
    return { platform: ofLanguages(platforms, inventory.languages!), marks: [] };
  if (!os) {
    return new ScapfeedError({
      code: 'PLATFORM_UNKNOWN',
      message: inventory.databases?.some(({ kind }) => kind === 'sbom')
        ? 'the SBOM does not say which distribution its packages are of'
        : 'the image does not say which distribution it is: no os-release or equivalent file',
      remedy: `specify it with --platform; the feed has ${ids(platforms)}`,
    });
  }
  const mapped = options.map && mappedName(options.map, os);
  if (mapped !== undefined) {
    const platform = named(platforms, mapped);
    const own = ofVersion(platforms, os);
    if (own && own.id !== platform.id) return { platform: own, beside: platform, marks: ['mapped_beside'] };
    return { platform, marks: followerOf(os)?.id === platform.os.id ? ['mapped', 'runs_ahead'] : ['mapped'] };
  }
  return byOsRelease(platforms, os, inventory.aptSuites ?? []);
}

/**
 * Refuses an ecosystem as the platform of a system: it has no statements about packages of a distribution. A map may not lead to
 * packages of another manager either: their versions have another order.
 * @throws {ScapfeedError} USAGE
 */
export function requireDistributions(
  platforms: readonly FeedPlatform[],
  { platform, map = new Map() }: PlatformOptions,
): void {
  const given = [...(platform === undefined ? [] : [platform]), ...map.values()];
  const ecosystem = given.find((type) => isOfEcosystem({ type }));
  if (ecosystem !== undefined) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `${ecosystem} is an ecosystem of packages of languages: it judges no packages of a distribution`,
      remedy:
        'name the platform of a distribution; packages of languages are judged beside it without an option',
    });
  }
  for (const [from, to] of map) requireSameManager(platforms, from, to);
}

function requireSameManager(platforms: readonly FeedPlatform[], from: string, to: string): void {
  const own = judges.find(({ id }) => from === id || from.startsWith(`${id}-`));
  const other = find(platforms, to);
  if (!own || !other || own.databases.some((each) => databasesOf(other.os.id).includes(each))) return;
  throw new ScapfeedError({
    code: 'USAGE',
    message: `${from} has packages of ${keepersOf(own.id)}, and statements about ${other.id} are about packages of ${keepersOf(other.os.id)}`,
    where: `--platform-map ${from}=${to}`,
    remedy: 'map it to the platform that it is made from',
  });
}

/** An image or document of programs alone: it names no system, and only packages of languages. */
export function isOfLanguagesOnly({
  os,
  databases = [],
  packages = [],
  languages = [],
  notes = [],
}: Pick<Inventory, 'os'> &
  Partial<Pick<Inventory, 'databases' | 'packages' | 'notes'>> &
  NamedEcosystems): boolean {
  const hasDatabase = databases.some(({ kind }) => kind !== 'sbom');
  const hadDistribution = notes.some(({ code }) => code === lostDistribution);
  return os === null && !hasDatabase && !hadDistribution && packages.length === 0 && languages.length > 0;
}

/** A system that no vendor's data is about, with packages of languages: its own package manager is not read (Gentoo). */
export function isOfUnknownSystem({
  os,
  databases,
  packages,
  languages = [],
}: Pick<Inventory, 'os' | 'databases' | 'packages'> & NamedEcosystems): boolean {
  if (os === null || packages.length > 0 || languages.length === 0) return false;
  const isKnown = judges.some(({ id }) => id === os.id) || followerOf(os) !== undefined;
  return !isKnown && databases.every(({ kind }) => kind === 'sbom');
}

/** The first ecosystem of the packages that the feed has: a result is about one platform, and the others are judged too. */
function ofLanguages(
  platforms: readonly FeedPlatform[],
  languages: readonly Pick<InstalledPackage, 'type'>[],
): FeedPlatform {
  const found = ecosystemAmong(platforms, languages);
  if (found) return found;
  const wanted = [...new Set(languages.map(({ type }) => type as string))].sort();
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the feed has no data about packages of ${wanted.join(', ')}`,
    remedy: 'pull or build it with the source osv',
  });
}

/** The first ecosystem of packages of languages that the feed has: it judges them where nothing judges their system. */
export function ecosystemAmong(
  platforms: readonly FeedPlatform[],
  languages: readonly Pick<InstalledPackage, 'type'>[],
): FeedPlatform | undefined {
  const types = new Set<string>(languages.map(({ type }) => type));
  return platforms.find(({ id }) => types.has(id));
}

/** `debian-12`, `rocky-9.3`, `kali`: the name in messages of a system that the feed may not know. */
function osName(os: OsRelease): string {
  const version = os.versionId ?? os.codename;
  return version === undefined ? os.id : `${os.id}-${version}`;
}

/** Returns the platform of an image, whether or not a feed has it: `rhel-9`, `ubuntu-22.04`. */
export function platformName(os: OsRelease): string {
  return osName(os.versionId === undefined ? os : { ...os, versionId: releaseOf(os.id, os.versionId) });
}

/** The judge of the system that is made from this one. */
function followerOf(os: OsRelease): Judge | undefined {
  return judges.find(({ follows }) => follows?.(os));
}

/** The most specific entry for the system: `rocky-9.3`, then `rocky-9`, then `rocky`. */
function mappedName(map: ReadonlyMap<string, string>, os: OsRelease): string | undefined {
  const major = `${os.id}-${os.versionId?.split('.')[0]}`;
  return map.get(osName(os)) ?? map.get(major) ?? map.get(os.id);
}

function byOsRelease(
  platforms: readonly FeedPlatform[],
  os: OsRelease,
  aptSuites: readonly string[],
): PlatformChoice | ScapfeedError {
  const same = platforms.filter((platform) => platform.os.id === os.id);
  const byVersion = ofVersion(platforms, os);
  if (byVersion) return { platform: byVersion, marks: [] };
  if (os.versionId === undefined) {
    const stated = judges.find(({ id }) => id === os.id)?.unversioned?.(same, os, { aptSuites });
    if (stated) return stated;
  }
  const follower = followerOf(os);
  const name = os.prettyName === undefined ? osName(os) : `${os.prettyName} (${osName(os)})`;
  // A system that a feed can have needs no rows of another one.
  const isJudged = judges.some(({ id }) => id === os.id);
  const mapping = `; a derivative can be judged by its parent's rows with --platform-map ${osName(os)}=PLATFORM`;
  return new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: follower
      ? `${name} has no security data of its own, and its builds run ahead of those of ${follower.id}`
      : `the feed has no data for ${name}`,
    where: os.found,
    remedy:
      same.length > 0
        ? `the feed has ${ids(same)}; pull or build it with this release, or judge by another one with --platform`
        : `the feed has ${ids(platforms)}; pull or build it with this system${isJudged ? '' : mapping}`,
  });
}

/** The platform of a system with a version. */
function ofVersion(
  platforms: readonly FeedPlatform[],
  { id, versionId }: OsRelease,
): FeedPlatform | undefined {
  if (versionId === undefined) return undefined;
  const release = releaseOf(id, versionId);
  return platforms.find(({ os }) => os.id === id && os.version !== undefined && os.version === release);
}

function find(platforms: readonly FeedPlatform[], name: string): FeedPlatform | undefined {
  return platforms.find(({ id, aliases }) => id === name || aliases.includes(name));
}

function named(platforms: readonly FeedPlatform[], name: string): FeedPlatform {
  const found = find(platforms, name);
  if (found) return found;
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the feed has no platform ${name}`,
    remedy: `use one of ${ids(platforms)}`,
  });
}

/** The distributions: an ecosystem is the platform of no system. */
function ids(platforms: readonly FeedPlatform[]): string {
  const distributions = platforms.flatMap(({ id, os }) => (isOfEcosystem({ type: os.id }) ? [] : [id]));
  return distributions.length === 0 ? 'no distribution at all' : feedPlatformList(distributions);
}

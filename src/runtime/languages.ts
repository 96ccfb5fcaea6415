import type { JudgedInventory, Matcher } from '../distros/contract.ts';
import { type Ecosystem, ecosystemOf, ecosystems } from '../ecosystems/ecosystems.ts';
import { ecosystemJudge } from '../ecosystems/judge.ts';
import type { Feed } from '../feed/read/feed.ts';
import type { FeedPlatform } from '../model/feed/index.ts';
import {
  type EcosystemId,
  hasUnsearched,
  type InstalledPackage,
  type Inventory,
  type InventoryNote,
  isOfComponents,
  isOfEcosystem,
  type PackageOwner,
  type UnjudgedPackages,
  unjudgedBeside,
} from '../model/inventory/index.ts';
import { grouped } from '../model/order.ts';
import {
  absentComponentsGap,
  absentGap,
  type Gap,
  type MatchResult,
  unreadFilesGap,
  unsearchedGap,
} from '../model/verdict/index.ts';
import { type JudgeStep, matchPackages } from './match-packages.ts';

/**
 * Adds what the ecosystems of the feed say about packages of languages; those that it has no data about stay counted. A package that
 * one of the distribution owns is judged with its owner, unless nobody judges that.
 */
export function* withLanguages(
  own: MatchResult,
  feed: Feed,
  { packages: installed, languages = [], unjudged = [] }: JudgedInventory,
  all: boolean,
): Generator<JudgeStep, MatchResult> {
  const results = [own];
  const judged: InstalledPackage[] = [];
  const uncovered = new Set(own.uncovered.map(({ package: pkg }) => pkg));
  const owners = new Set(installed.filter((pkg) => !uncovered.has(pkg)).map(packageKey));
  for (const ecosystem of ecosystems) {
    const packages = languages.filter(
      ({ type, owner }) => type === ecosystem.id && !(owner && owners.has(packageKey(owner))),
    );
    const matcher = packages.length > 0 ? languageMatcher(ecosystem, feed, all) : undefined;
    if (!matcher) continue;
    const { platform } = feed.shard(ecosystem.id)!;
    const result = yield* matchPackages(matcher, platform, distinctPackages(packages));
    results.push({ ...result, notes: noticesOf(ecosystem, result.notes) });
    judged.push(...packages);
  }
  return {
    verdicts: results.flatMap(({ verdicts }) => verdicts),
    judged: results.reduce((sum, each) => sum + each.judged, 0),
    uncovered: results.flatMap(({ uncovered }) => uncovered),
    unread: results.reduce((sum, { unread }) => sum + unread, 0),
    unjudged: unjudgedBeside(unjudged, judged),
    notes: results.flatMap(({ notes }) => notes),
  };
}

/** Packages that a note of notices names. */
const mostNoticed = 10;

/** A note for each kind of notices of an ecosystem: `unmaintained packages at cargo: old 1.0.0 (RUSTSEC-2026-0001)`. */
function noticesOf({ id }: Ecosystem, notices: readonly InventoryNote[]): InventoryNote[] {
  return [...grouped(notices, ({ code }) => code)].sort().map(([code, own]) => {
    const named = [...new Set(own.map(({ where, detail }) => (detail ? `${where} (${detail})` : where)))];
    const more = named.length - mostNoticed;
    const shown = more > 0 ? [...named.slice(0, mostNoticed), `${more} more`] : named;
    const kind = code === 'notice' ? 'packages_with_notices' : `${code}_packages`;
    return { code: kind, where: id, detail: shown.join(', ') };
  });
}

/** Whether the feed judges packages of languages. */
function hasEcosystems(feed: Feed): boolean {
  return feed.manifest.platforms.some(({ os }) => isOfEcosystem({ type: os.id }));
}

/**
 * Why packages of languages are not all judged. A feed without any ecosystem judges no
 * languages, and leaves nothing open that it was asked for; `chosen`: ecosystems that the user asked for by name. Components are what
 * an image is made for, and always asked for.
 */
export function languageGaps(
  feed: Feed,
  inventory: Pick<Inventory, 'notes' | 'unjudged'>,
  chosen: readonly EcosystemId[] | undefined,
): Gap[] {
  const { unjudged = [] } = inventory;
  const isInFeed = ({ ecosystem }: UnjudgedPackages) =>
    feed.manifest.platforms.some(({ id }) => id === ecosystem);
  const isComponent = ({ ecosystem }: UnjudgedPackages) => isOfComponents(ecosystem);
  const asked = !(chosen?.length === 0 || (chosen === undefined && !hasEcosystems(feed)));
  const known = unjudged.filter(
    (each) => ecosystemOf(each.ecosystem) !== undefined && (asked || isComponent(each)),
  );
  const absent = known.filter((each) => !isInFeed(each));
  const components = absent.filter(isComponent);
  const languages = absent.filter((each) => !isComponent(each));
  return [
    ...(asked && hasUnsearched(inventory) ? [unsearchedGap] : []),
    ...known.filter((each) => isInFeed(each) && each.damaged !== undefined).map(unreadFilesGap),
    ...(components.length > 0 ? [absentComponentsGap(components)] : []),
    ...(languages.length > 0 ? [absentGap(languages)] : []),
  ];
}

/** Equal for a package of a distribution and what names it as an owner. */
export function packageKey({
  type,
  name,
  version,
  arch,
}: Pick<InstalledPackage, 'type' | keyof PackageOwner>): string {
  return [type, name, version, arch].join('\0');
}

/** The inventory without packages of other languages than the chosen ones, and a note of how many these are. */
export function chosenLanguages(
  inventory: Inventory,
  chosen: readonly EcosystemId[] | undefined,
): { inventory: Inventory; left: InventoryNote[] } {
  if (chosen === undefined) return { inventory, left: [] };
  const { languages = [], unjudged = [], ...others } = inventory;
  const isChosen = (type: string) => isOfComponents(type) || (chosen as readonly string[]).includes(type);
  const leftOut = unjudged.filter(({ ecosystem }) => !isChosen(ecosystem));
  const count = leftOut.reduce((sum, { packages }) => sum + packages, 0);
  const where = leftOut.map(({ ecosystem }) => ecosystem).join(', ');
  const detail = `${count} packages of languages that were not asked for`;
  return {
    inventory: {
      ...others,
      languages: languages.filter(({ type }) => isChosen(type)),
      unjudged: unjudged.filter(({ ecosystem }) => isChosen(ecosystem)),
    },
    left: count > 0 ? [{ code: 'languages_left_out', where, detail }] : [],
  };
}

/** The ecosystems of the feed that have packages in the inventory. `owned`: packages count that one of the distribution owns. */
export function languagePlatforms(
  feed: Feed,
  { languages = [] }: JudgedInventory,
  owned = false,
): FeedPlatform[] {
  const types = new Set<string>(languages.filter(({ owner }) => owned || !owner).map(({ type }) => type));
  return feed.manifest.platforms.filter(({ id }) => types.has(id));
}

/** The result of packages of a distribution that the feed does not cover. `detail`: why. */
export function withoutDistribution(packages: readonly InstalledPackage[], detail: string): MatchResult {
  const uncovered = packages.map((pkg) => ({ package: pkg, reason: 'undecidable' as const, detail }));
  return { verdicts: [], judged: 0, uncovered, unread: 0, unjudged: [], notes: [] };
}

/** A note of packages of languages that are judged by themselves, because the feed does not cover the distribution that owns them. */
export function ownerNotes({ languages = [] }: JudgedInventory): InventoryNote[] {
  const owned = languages.filter(({ owner }) => owner).length;
  if (owned === 0) return [];
  const detail = `${owned} packages of languages are judged by their versions alone, without what the distribution changed`;
  return [{ code: 'owners_uncovered', where: 'packages of the distribution', detail }];
}

/** Undefined: the feed has nothing of the ecosystem. */
export function languageMatcher(ecosystem: Ecosystem, feed: Feed, all: boolean): Matcher | undefined {
  const shard = feed.shard(ecosystem.id);
  const context = { feed, inventory: { packages: [] }, all, mapped: false, stream: undefined };
  return shard && ecosystemJudge(ecosystem).matcher({ ...context, shard });
}

/** A document may list a package for each of its places, which it does not state. */
export function distinctPackages(packages: readonly InstalledPackage[]): InstalledPackage[] {
  const keyed = packages.map(
    (pkg) => [`${pkg.type}\0${pkg.name}\0${pkg.version}\0${pkg.database}`, pkg] as const,
  );
  return [...new Map(keyed).values()];
}

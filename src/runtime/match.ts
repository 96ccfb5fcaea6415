import { type ContainerMatch, matchContainer } from '../distros/redhat/rule/container.ts';
import { rpmContext } from '../distros/redhat/rule/context.ts';
import { rpmMatcher } from '../distros/redhat/rule/match.ts';
import { proServices } from '../distros/ubuntu/rule/channels.ts';
import { compareCodeUnits, type InstalledPackage, type Inventory, type MatchResult } from '../model/index.ts';
import type { Feed, Shard } from './feed.ts';
import { dpkgMatcher } from './match-dpkg.ts';
import type { PackageMatch } from './said.ts';

export interface MatchOptions {
  /** Also make verdicts `fixed` and `not_affected`. */
  all?: boolean;
  /** `--pro` or `--no-pro`: whether fixes of Ubuntu Pro can be installed; default what the image says. */
  pro?: boolean;
  /** `--stream eus`: the RHEL channel that the image installs from; default what its content sets say. */
  stream?: string;
  /** The user judges a rebuild of RHEL by RHEL's rows. */
  mapped?: boolean;
}

/** What of an inventory decides verdicts. */
type Judged = Pick<Inventory, 'packages'> &
  Partial<
    Pick<Inventory, 'os' | 'pro' | 'aptSuites' | 'contentSets' | 'cpes' | 'enabledModules' | 'products'>
  >;

/**
 * Judges every installed package of an inventory by a platform's rows; each is judged or listed as uncovered. Red Hat's
 * containers are judged as a whole besides.
 */
export function matchInventory(
  feed: Feed,
  shard: Shard,
  inventory: Judged,
  options: MatchOptions = {},
): MatchResult {
  const { match, containers } = matcherFor(feed, shard, inventory, options);
  const result: MatchResult = { verdicts: [], judged: 0, uncovered: [], notes: [] };
  // In the shard's order, so that each block of it is read once.
  const packages = [...inventory.packages].sort(bySource);
  for (const pkg of packages) {
    const matched = match(pkg);
    if ('uncovered' in matched) result.uncovered.push(matched.uncovered);
    else {
      result.judged += 1;
      for (const verdict of matched.verdicts) result.verdicts.push(verdict);
    }
  }
  for (const { verdicts, uncovered, notes } of containers()) {
    result.verdicts.push(...verdicts);
    result.uncovered.push(...uncovered);
    result.notes.push(...notes);
  }
  return result;
}

interface Matcher {
  match(pkg: InstalledPackage): PackageMatch;
  containers(): ContainerMatch[];
}

function matcherFor(feed: Feed, shard: Shard, inventory: Judged, options: MatchOptions): Matcher {
  const all = options.all ?? false;
  if (shard.platform.packaging === 'rpm') {
    const context = rpmContext(shard, inventory, {
      ...options,
      repositoryCpes: (id) => feed.row<{ id: string; cpes: string[] }>('redhat-repositories', id)?.cpes,
      layered: (platform) => feed.shard(platform),
    });
    const repositories = (name: string) =>
      feed.row<{ id: string; repositories: string[] }>('redhat-containers', name)?.repositories ?? [];
    return {
      match: rpmMatcher(context),
      containers: () =>
        (inventory.products ?? []).map((product) => matchContainer(product, { ...context, repositories })),
    };
  }
  const release = (number: number) => feed.shard(`debian-${number}`);
  const pro = proServices(inventory, options.pro);
  return { match: dpkgMatcher({ shard, release, all, pro }), containers: () => [] };
}

function bySource(a: InstalledPackage, b: InstalledPackage): number {
  return (
    compareCodeUnits(a.source.name, b.source.name) ||
    compareCodeUnits(a.name, b.name) ||
    compareCodeUnits(a.arch, b.arch)
  );
}

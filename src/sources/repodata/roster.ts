import type { Ledger, Roster, RosterSource } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { compareRpmEvr } from '../../packaging/rpm/version.ts';
import type { SnapshotStore, SourceInput } from '../snapshots.ts';
import { isListed } from './fetch.ts';
import { readPrimary } from './primary.ts';
import { parseRepomd } from './repomd.ts';
import { maxRepomdBytes, primaryId, type Repository, repomdOf } from './repository.ts';

/** Facts of repositories about a release, in the form in which a platform is declared. */
export interface RosterData {
  /** Ids of the snapshots that it is made from. */
  inputs: string[];
  roster?: Roster;
  /** Source -> its binaries in one of its own versions; only if asked for. */
  binaries?: ReadonlyMap<string, readonly string[]>;
  /** `no_package_list`, without a roster. */
  marks: string[];
}

/** The mark of a platform of which no roster is known. */
const noPackageList = 'no_package_list';

/**
 * The sources that a release's repositories ship, with every build of each. A roster is made of all of them or not at all:
 * with one missing, its packages would count as never shipped. `place`: the release in `feeds`.
 */
export async function readRepositories(
  repositories: readonly Repository[],
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  ledger: Ledger,
  place: string,
  { withBinaries = false } = {},
): Promise<RosterData> {
  const found = repositories.flatMap((repository) => pairOf(repository, snapshots) ?? []);
  const whole: Pair[] = [];
  for (const pair of found) {
    if (await belongTogether(pair, store)) whole.push(pair);
    else ledger.doubt('package_list_not_listed', pair.primary.id, pair.repomd.id);
  }
  if (whole.length < repositories.length || repositories.length === 0) {
    if (found.length > 0)
      ledger.doubt('roster_incomplete', place, `${whole.length} of ${repositories.length} repositories`);
    return { inputs: [], marks: [noPackageList] };
  }
  const sources: Sources = new Map();
  for (const { primary } of whole) await addSources(sources, primary, store, ledger);
  return {
    inputs: whole.flatMap(({ repomd, primary }) => [repomd.id, primary.id]),
    roster: rosterOf(sources),
    ...(withBinaries ? { binaries: binariesOf(sources) } : {}),
    marks: [],
  };
}

type Sources = Map<string, { builds: Set<string>; binaries: Set<string> }>;

interface Pair {
  repomd: SourceInput;
  primary: SourceInput;
}

function pairOf(repository: Repository, snapshots: readonly SourceInput[]): Pair | undefined {
  const [repomd, primary] = [repomdOf(repository).id, primaryId(repository)].map((id) =>
    snapshots.find((snapshot) => snapshot.id === id),
  );
  return repomd && primary && { repomd, primary };
}

/** A fetch that was ended between the two may have left a newer list of packages than repomd.xml knows. */
async function belongTogether({ repomd, primary }: Pair, store: SnapshotStore): Promise<boolean> {
  const listed = await parseRepomd(await store.read(repomd, maxRepomdBytes), store.path(repomd));
  return isListed(primary, listed, store);
}

async function addSources(
  sources: Sources,
  primary: SourceInput,
  store: SnapshotStore,
  ledger: Ledger,
): Promise<void> {
  const place = (at: number) => `${primary.id}#package:${at}`;
  const { packages, declared } = await readPrimary(store.open(primary), store.path(primary), {
    source({ name, version, binary }) {
      const known = sources.get(name) ?? { builds: new Set(), binaries: new Set() };
      sources.set(name, known);
      known.builds.add(version);
      if (binary !== undefined) known.binaries.add(binary);
    },
    malformed: (at, detail) => ledger.doubt('index_record_malformed', place(at), detail),
    repeated: (at, detail) => ledger.doubt('index_record_repeated', place(at), detail),
  });
  if (declared !== undefined && declared !== packages)
    ledger.doubt('package_count_differs', primary.id, `tells ${declared}, has ${packages}`);
}

function binariesOf(sources: Sources): ReadonlyMap<string, readonly string[]> {
  return new Map([...sources].map(([name, { binaries }]) => [name, [...binaries].sort(compareCodeUnits)]));
}

function rosterOf(sources: Sources): Roster {
  const sorted = [...sources].sort(([a], [b]) => compareCodeUnits(a, b));
  return new Map(
    sorted.map(([name, own]): [string, RosterSource] => {
      const builds = [...own.builds].sort(compareCodeUnits);
      const version = builds.reduce((newest, each) => (compareRpmEvr(newest, each) === -1 ? each : newest));
      return [name, { version, binaries: [], builds }];
    }),
  );
}

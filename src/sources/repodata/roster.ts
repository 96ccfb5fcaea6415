import { compareCodeUnits, type Ledger, type Roster, type RosterSource } from '../../model/index.ts';
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
  const sources = new Map<string, Set<string>>();
  for (const { primary } of whole) await addSources(sources, primary, store, ledger);
  return {
    inputs: whole.flatMap(({ repomd, primary }) => [repomd.id, primary.id]),
    roster: rosterOf(sources),
    marks: [],
  };
}

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
  sources: Map<string, Set<string>>,
  primary: SourceInput,
  store: SnapshotStore,
  ledger: Ledger,
): Promise<void> {
  const place = (at: number) => `${primary.id}#package:${at}`;
  const { packages, told } = await readPrimary(store.open(primary), store.path(primary), {
    source({ name, version }) {
      const builds = sources.get(name);
      if (builds) builds.add(version);
      else sources.set(name, new Set([version]));
    },
    malformed: (at, detail) => ledger.doubt('index_record_malformed', place(at), detail),
    repeated: (at, detail) => ledger.doubt('index_record_repeated', place(at), detail),
  });
  if (told !== undefined && told !== packages)
    ledger.doubt('package_count_differs', primary.id, `tells ${told}, has ${packages}`);
}

function rosterOf(sources: ReadonlyMap<string, ReadonlySet<string>>): Roster {
  const sorted = [...sources].sort(([a], [b]) => compareCodeUnits(a, b));
  return new Map(
    sorted.map(([name, versions]): [string, RosterSource] => {
      const builds = [...versions].sort(compareCodeUnits);
      const version = builds.reduce((newest, each) => (compareRpmEvr(newest, each) === -1 ? each : newest));
      return [name, { version, binaries: [], builds }];
    }),
  );
}

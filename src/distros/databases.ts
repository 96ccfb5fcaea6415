import type { Judge } from './contract.ts';
import { judges } from './judges.ts';

type DatabaseType = Judge['databases'][number];

/** A package, as far as it says which database lists it. `oci`: none, it is the container; others are of languages. */
interface Listed {
  type: string;
  database: string;
}

/** The programs that keep the databases. */
const keepers: Readonly<Record<DatabaseType, string>> = {
  alpm: 'pacman',
  apk: 'apk',
  deb: 'dpkg',
  ebuild: 'portage',
  rpm: 'rpm',
};

/**
 * Why the vendor's statements say nothing of a package: another package manager installed it, and versions are in the order of their
 * own manager only. Undefined: they may be about it, or no distribution here has the ID (of os-release).
 */
export function foreignTo(osId: string, { type }: Pick<Listed, 'type'>): string | undefined {
  const databases = judges.find(({ id }) => id === osId)?.databases;
  if (databases === undefined || !isKept(type) || databases.includes(type)) return undefined;
  return `in the database of ${keepers[type]}; statements about ${osId} are about packages of ${keepersOf(osId)}`;
}

/** Whether the statements about a system name packages themselves, not their sources. */
export function judgesOwnNames(osId: string): boolean {
  return judges.find(({ id }) => id === osId)?.byOwnNames === true;
}

function isKept(type: string): type is DatabaseType {
  return type in keepers;
}

/** The types of packages that the statements about a system are about. Empty for an ID of no distribution here. */
export function databasesOf(osId: string): readonly DatabaseType[] {
  return judges.find(({ id }) => id === osId)?.databases ?? [];
}

/** The package managers whose packages the statements about a system are about: `dpkg`. Empty for an ID of no distribution here. */
export function keepersOf(osId: string): string {
  return databasesOf(osId)
    .map((each) => keepers[each])
    .join(' or ');
}

/** A note for each database with packages of another package manager than the system's. */
export function foreignNotes({
  os,
  packages,
}: {
  os: { id: string } | null;
  packages: readonly Listed[];
}): { code: string; where: string; detail: string }[] {
  const counts = new Map<string, number>();
  for (const pkg of os ? packages : []) {
    const why = foreignTo(os!.id, pkg);
    if (why === undefined) continue;
    const key = `${pkg.database}\0${why}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort().map(([key, count]) => {
    const [where, why] = key.split('\0') as [string, string];
    return { code: 'foreign_packages', where, detail: `${count} package${count === 1 ? '' : 's'} ${why}` };
  });
}

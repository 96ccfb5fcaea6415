import data from '../../../feeds/suse.json' with { type: 'json' };
import type { LifePhase, Platform } from '../../model/feed/index.ts';
import type { FetchLimits } from '../../sources/csaf-tree/tree.ts';
import { type Repository, repositoriesOf } from '../../sources/repodata/repository.ts';
import { isRolling, type SuseSystem, systemFacts } from './rule-systems.ts';

/** `feeds/suse.json`: where SUSE's documents are, limits on fetching, and which releases are compiled. */
export interface SuseDefinition {
  /** Address of the documents, with a slash at its end. */
  tree: string;
  /** All of them in one file. */
  archive: string;
  /** Base address of the packages, whose repositories say what a release ships. */
  packages: string;
  limits: FetchLimits;
  /** Share of the documents that may be unreadable before a build is refused; a few may in any case. */
  malformedShare: number;
  malformedFew: number;
  releases: readonly SuseRelease[];
}

export interface SuseRelease {
  system: SuseSystem;
  /** VERSION_ID: `15.5`, `16.0`; `rolling` for Tumbleweed. */
  version: string;
  life: readonly LifePhase[];
  /** Below `packages`; absent: they are for subscribers. */
  repositories?: readonly string[];
}

/** A test checks it by schemas/suse-definition.schema.json. */
export const suseDefinition: SuseDefinition = data as SuseDefinition;

export function repositoryInputs(
  { repositories }: Pick<SuseRelease, 'repositories'>,
  { packages }: Pick<SuseDefinition, 'packages'>,
): Repository[] {
  return repositoriesOf('suse', { packages, repositories });
}

export function platformId(system: SuseSystem, version: string): string {
  return isRolling(system) ? system : `${system}-${version}`;
}

export function platformOf({ system, version, life }: SuseRelease): Platform {
  const { name } = systemFacts[system];
  return {
    id: platformId(system, version),
    name: isRolling(system) ? name : `${name} ${spoken(system, version)}`,
    aliases: [],
    os: { id: system, version },
    packaging: 'rpm',
    life,
  };
}

/** `15 SP5` is VERSION_ID 15.5; from 16 on they are the same. */
function spoken(system: SuseSystem, version: string): string {
  const [major = '', minor] = version.split('.');
  return system === 'sles' && Number(major) < 16 && minor !== undefined ? `${major} SP${minor}` : version;
}

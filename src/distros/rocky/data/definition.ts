import data from '../../../../feeds/rocky.json' with { type: 'json' };
import type { LifePhase, Platform } from '../../../model/index.ts';

/** `feeds/rocky.json`: where Rocky Linux's data is, and what its releases are. */
export interface RockyDefinition {
  /** The API's list of advisories, without a query. */
  advisories: string;
  /** The same advisories as OSV records, for comparison. */
  osv: string;
  /** Base address of the packages, whose repositories say what a release ships. */
  packages: string;
  /** How many advisories a page is asked for. */
  pageSize: number;
  /** Share of the advisories that may be malformed before all are refused. */
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
  releases: readonly RockyRelease[];
}

export interface RockyRelease {
  /** `9`: the major; Rocky Linux updates the last minor only. */
  major: string;
  life: readonly LifePhase[];
  /** Below `packages`. */
  repositories: readonly string[];
}

/** A test checks it by schemas/rocky-definition.schema.json. */
export const rockyDefinition: RockyDefinition = data;

export function platformOf({ major, life }: RockyRelease): Platform {
  return {
    id: `rocky-${major}`,
    name: `Rocky Linux ${major}`,
    aliases: [`rockylinux-${major}`, `rocky${major}`, `rockylinux${major}`],
    os: { id: 'rocky', version: major },
    packaging: 'rpm',
    life,
  };
}

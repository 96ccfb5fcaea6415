import data from '../../../../feeds/almalinux.json' with { type: 'json' };
import type { LifePhase, Platform } from '../../../model/index.ts';

/** `feeds/almalinux.json`: where AlmaLinux's data is, and what its releases are. */
export interface AlmaLinuxDefinition {
  /** Base address of the errata. */
  errata: string;
  /** The same errata as OSV records, for comparison. */
  osv: string;
  /** Base address of the vendor's own OVAL, which has advisories of which the errata hold remnants. */
  oval: string;
  /** Base address of the packages, whose repositories say what a release ships. */
  packages: string;
  /** Share of a release's errata that may be malformed before the release is refused. */
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
  releases: readonly AlmaLinuxRelease[];
}

export interface AlmaLinuxRelease {
  /** `9`: the major; AlmaLinux updates the last minor only. */
  major: string;
  life: readonly LifePhase[];
  /** Below `packages`. */
  repositories: readonly string[];
}

/** A test checks it by schemas/almalinux-definition.schema.json. */
export const almaLinuxDefinition: AlmaLinuxDefinition = data;

export function platformOf({ major, life }: AlmaLinuxRelease): Platform {
  return {
    id: `almalinux-${major}`,
    name: `AlmaLinux ${major}`,
    aliases: [`alma-${major}`, `alma${major}`, `almalinux${major}`],
    os: { id: 'almalinux', version: major },
    packaging: 'rpm',
    life,
  };
}

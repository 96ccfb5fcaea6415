import type { DatabaseType, EcosystemId } from '../inventory/inventory.ts';

/** A phase of a release's life cycle. `until` is its last day (YYYY-MM-DD). */
export interface LifePhase {
  phase: string;
  until: string;
  /** Support by a party other than the vendor. Its fixes are published elsewhere and are not in the feed. */
  elsewhere?: true;
}

/** A release of a distribution that feeds are compiled for. */
export interface Platform {
  /** `debian-12`, `ubuntu-22.04`, `rhel-9`; also the base name of the platform's files. */
  id: string;
  /** `Debian GNU/Linux 12 (bookworm)` */
  name: string;
  /** Other names a user may give: `bookworm`. */
  aliases: readonly string[];
  /** The release's own names in os-release: ID, VERSION_ID (`22.04`; RHEL: the major) and VERSION_CODENAME. */
  os: { id: string; version?: string; codename?: string };
  packaging: DatabaseType | EcosystemId;
  /** Vendor support phases in the order they end. None: it is rolling or not released yet. */
  life: readonly LifePhase[];
}

/** Mark of a platform whose vendor publishes what was fixed and nothing about flaws without a fix. */
export const fixesOnly = 'fixes_only';

/** Mark of a platform of which the vendor's data has records that could not be read, not even about which packages they are. */
export const unreadRecords = 'unread_records';

/**
 * The phase in force on a day (YYYY-MM-DD), or `end_of_life` after the last that the vendor's own data covers.
 * A platform without dates is `current`: only rolling and unreleased ones have none.
 */
export function lifePhaseOn(platform: Pick<Platform, 'life'>, day: string): string {
  if (platform.life.length === 0) return 'current';
  const covered = platform.life.filter(({ elsewhere }) => elsewhere !== true);
  return covered.find(({ until }) => day <= until)?.phase ?? 'end_of_life';
}

/** True if the release is past its end of life at that time, by its day in UTC. */
export function isPastEndOfLife(platform: Pick<Platform, 'life'>, now: Date): boolean {
  return lifePhaseOn(platform, now.toISOString().slice(0, 10)) === 'end_of_life';
}

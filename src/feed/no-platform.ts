import { ScapfeedError } from '../model/error.ts';
import type { Platform } from '../model/feed/index.ts';
import { nearest, platformList } from '../model/nearest.ts';
import type { Source } from '../sources/contract.ts';

/**
 * Refuses a platform that none of the sources can have, before anything is fetched. Does nothing if a source reads its platforms
 * from its data.
 * @throws {ScapfeedError} USAGE
 */
export function requirePossible(all: readonly Source[], wanted: readonly string[] = []): void {
  const sources = all.filter(({ contentOnly }) => !contentOnly);
  const possible: Platform[] = [];
  for (const { platforms } of sources) {
    if (!platforms) return;
    possible.push(...platforms);
  }
  const unknown = wanted.find((id) => !possible.some((platform) => platform.id === id));
  const ids = sources.map(({ id }) => id).join(', ');
  if (unknown !== undefined) throw noPlatform(unknown, possible, `in ${ids}`);
}

/** The error for a platform that is not among the `offered`. `place`: where it is not, in words. */
export function noPlatform(id: string, offered: readonly Platform[], place: string): ScapfeedError {
  const near = meantPlatform(id, offered);
  const known = platformList(offered.map((platform) => platform.id));
  return new ScapfeedError({
    code: 'USAGE',
    message: `no platform ${id} ${place}`,
    remedy: near ? `did you mean ${near}?` : `use one of ${known}, or read another --source`,
  });
}

/** The platform for an alias or a mistyped id. */
export function meantPlatform(id: string, offered: readonly Platform[]): string | undefined {
  const ids = offered.map((platform) => platform.id);
  return offered.find(({ aliases }) => aliases.includes(id))?.id ?? nearest(id, ids);
}

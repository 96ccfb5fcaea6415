import { nearest, type Platform, platformList, ScapfeedError } from '../model/index.ts';
import type { SourceReading } from './read-sources.ts';

/**
 * Ends a build that would make no platform, or lack a requested one: such a feed must not replace one that has the platform.
 * The platforms of a source that could not be read are unknown, so an id that is like none of the others may be one of its.
 */
export function requirePlatforms(all: readonly SourceReading[], wanted: readonly string[] = []): void {
  const readings = all.filter(({ input }) => !input.source.contentOnly);
  const offered = readings.flatMap((reading) => reading.offered);
  const empty = readings.find((reading) => reading.offered.length === 0);
  const unknown = wanted.find((id) => !offered.some((platform) => platform.id === id));
  if (unknown !== undefined && (!empty || meant(unknown, offered))) throw noPlatform(unknown, readings);
  if (offered.some(({ id }) => wanted.length === 0 || wanted.includes(id))) return;
  const failed = empty?.input.failed;
  if (failed instanceof ScapfeedError) throw failed;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'the sources have none of the requested platforms',
    where: readings.map(({ input }) => input.source.id).join(', '),
    remedy: 'read other sources, or fetch these again; the last feed is unchanged',
  });
}

function noPlatform(id: string, readings: readonly SourceReading[]): ScapfeedError {
  const offered = readings.flatMap((reading) => reading.offered);
  const near = meant(id, offered);
  const known = platformList(offered.map(({ id }) => id));
  const read = readings.map(({ input }) => input.source.id).join(', ');
  return new ScapfeedError({
    code: 'USAGE',
    message: `no platform ${id} in what was read of ${read}`,
    remedy: near ? `did you mean ${near}?` : `use one of ${known}, or read another --source`,
  });
}

/** The platform for an alias or a mistyped id. */
function meant(id: string, offered: readonly Platform[]): string | undefined {
  const ids = offered.map((platform) => platform.id);
  return offered.find(({ aliases }) => aliases.includes(id))?.id ?? nearest(id, ids);
}

import { ScapfeedError } from '../model/index.ts';
import { nearest, usage } from './command.ts';
import type { SourceReading } from './read-sources.ts';

/**
 * Ends a build that would make no platform, or not one that it was asked for: a feed that lacks a platform clears nothing, and
 * must not take the place of one that has it. Of a source that gave nothing, nobody knows what it has.
 */
export function requirePlatforms(readings: readonly SourceReading[], wanted: readonly string[] = []): void {
  const offered = readings.flatMap((reading) => reading.offered);
  const empty = readings.find((reading) => reading.offered.length === 0);
  const unknown = wanted.find((id) => !offered.some((platform) => platform.id === id));
  if (unknown !== undefined && !empty) throw noPlatform(unknown, readings);
  if (offered.some(({ id }) => wanted.length === 0 || wanted.includes(id))) return;
  const failed = empty?.input.failed;
  if (failed instanceof ScapfeedError) throw failed;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: 'the sources have none of the platforms that were asked for',
    where: readings.map(({ input }) => input.source.id).join(', '),
    remedy: 'read other sources, or fetch these again; the last feed is as it was',
  });
}

function noPlatform(id: string, readings: readonly SourceReading[]): ScapfeedError {
  const offered = readings.flatMap((reading) => reading.offered);
  const known = offered.map((platform) => platform.id);
  const near = offered.find(({ aliases }) => aliases.includes(id))?.id ?? nearest(id, known);
  const read = readings.map(({ input }) => input.source.id).join(', ');
  return usage(
    { name: 'build' },
    `no platform ${id} in what was read of ${read}`,
    near ? `did you mean ${near}?` : `use one of ${known.join(', ')}, or read another --source`,
  );
}

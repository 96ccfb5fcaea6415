import { dataDay, frozenMark, isFrozen, isPastEndOfLife } from '../model/index.ts';
import { newestDate } from './compile/index.ts';
import type { SourceReading } from './read-sources.ts';

/**
 * Marks the platforms of which a source has said nothing new for longer than usual, though it could be read: by the newest data of the
 * feed (`created`), not by a clock. A source that was not read has its last good data, which says so itself.
 */
export function markFrozen({ input: { source, failed }, collector }: SourceReading, created: string): void {
  const { usualDays } = source;
  if (usualDays === undefined || failed !== undefined) return;
  for (const { platform, data } of collector.platforms) {
    const dates = data.inputs.map((id) => ({ date: collector.notes.dateOf(id) }));
    const updated = data.updated ?? newestDate(dates.filter(isDated));
    const at = new Date(created);
    if (isPastEndOfLife(platform, at) || !isFrozen(updated, at, usualDays)) continue;
    const detail = `its newest data is of ${dataDay(updated)}; usually there is newer within ${usualDays} days`;
    collector.ledger.doubt('source_frozen', platform.id, detail);
    collector.platform(platform, { ...data, marks: [...(data.marks ?? []), frozenMark(usualDays)] });
  }
}

function isDated(input: { date: string | undefined }): input is { date: string } {
  return input.date !== undefined;
}

import type { VersionOrder } from '../../packaging/order.ts';
import type { AffectedRange, Interval } from '../../packaging/range.ts';
import { intervalFinder, readLast } from '../../packaging/range.ts';
import type { AffectedEntry, RecordEvent } from './record.ts';

/** The affected versions that an entry states, or why they cannot be read. */
export type ReadRange = AffectedRange | { fault: string; detail: string };

/**
 * A version is affected if it is enumerated or in a range. Ranges are read in the order of versions: `introduced` opens an interval,
 * `fixed` and `last_affected` close it. Of the enumerated versions only those outside of all intervals are kept.
 */
export function affectedRange<Version>(
  { ranges, versions }: Pick<AffectedEntry, 'ranges' | 'versions'>,
  order: VersionOrder<Version>,
): ReadRange {
  const intervals: Interval[] = [];
  for (const { type, events } of ranges) {
    if (type === 'GIT') continue;
    if (type !== 'SEMVER' && type !== 'ECOSYSTEM') return { fault: 'unknown_range_type', detail: type };
    const read = intervalsOf(events, order);
    if (!Array.isArray(read)) return read as Exclude<ReadRange, AffectedRange>;
    intervals.push(...read);
  }
  const interval = intervalFinder(intervals, order);
  const single = versions.filter((text) => {
    const version = order.read(text);
    return version === undefined || interval(version) === undefined;
  });
  if (intervals.length + single.length > 0) return { intervals, versions: single };
  return ranges.some(({ type }) => type === 'GIT')
    ? { fault: 'commits_only', detail: 'ranges of commits, and no version' }
    : { fault: 'no_version', detail: 'neither a range nor a version' };
}

interface PlacedEvent<Version> extends RecordEvent {
  /** Undefined: below all versions. */
  at: Version | undefined;
}

function intervalsOf<Version>(
  events: readonly RecordEvent[],
  order: VersionOrder<Version>,
): Interval[] | { fault: string; detail: string } {
  const placed: PlacedEvent<Version>[] = [];
  for (const event of events) {
    const isFirst = event.kind === 'introduced' && event.version === '0';
    const read = event.kind === 'last_affected' ? readLast(order, event.version) : order.read(event.version);
    const at = isFirst ? undefined : read;
    if (!isFirst && at === undefined) return { fault: 'absurd_version', detail: event.version };
    placed.push({ ...event, at });
  }
  placed.sort((a, b) => compareEvents(a, b, order));
  const intervals: Interval[] = [];
  let open: Interval | undefined;
  for (const { kind, version, at } of placed) {
    if (kind === 'introduced') open ??= at === undefined ? {} : { from: version };
    else if (!open && kind === 'last_affected' && intervals.at(-1)?.fixed !== undefined)
      return {
        fault: 'contradicting',
        detail: `fixed in ${intervals.at(-1)!.fixed}, affected in ${version}`,
      };
    else if (open) {
      intervals.push({ ...open, ...(kind === 'last_affected' ? { last: version } : { fixed: version }) });
      open = undefined;
    }
  }
  return open ? [...intervals, open] : intervals;
}

/** At one version, what ends an interval that was open goes before what begins one, but a last affected one after it. */
const ranks: Readonly<Record<RecordEvent['kind'], number>> = {
  fixed: 0,
  limit: 0,
  introduced: 1,
  last_affected: 2,
};

function compareEvents<Version>(
  a: PlacedEvent<Version>,
  b: PlacedEvent<Version>,
  order: VersionOrder<Version>,
): number {
  if (a.at === undefined || b.at === undefined)
    return Number(a.at !== undefined) - Number(b.at !== undefined);
  return order.compare(a.at, b.at) || ranks[a.kind] - ranks[b.kind];
}

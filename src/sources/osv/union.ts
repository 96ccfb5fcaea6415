import type { VersionOrder } from '../../packaging/order.ts';
import { type AffectedRange, type Interval, intervalFinder } from '../../packaging/range.ts';

/** Returns the union of ranges: adjacent intervals are merged, and single versions inside an interval are dropped. */
export function unionOf<Version>(
  ranges: readonly AffectedRange[],
  order: VersionOrder<Version>,
): AffectedRange {
  const read = (bound: string | undefined) => (bound === undefined ? undefined : order.read(bound));
  const compare = (one: string, other: string) => order.compare(read(one)!, read(other)!);
  const begun = ranges.flatMap((range) =>
    range.intervals.map((interval) => ({ interval, from: read(interval.from) })),
  );
  const sorted = begun.sort((one, other) => {
    if (one.from === undefined || other.from === undefined)
      return Number(one.from !== undefined) - Number(other.from !== undefined);
    return order.compare(one.from, other.from);
  });
  const intervals: Interval[] = [];
  const froms: (Version | undefined)[] = [];
  for (const { interval: next, from } of sorted) {
    const last = intervals.at(-1);
    if (last && meets(last, next, compare)) intervals[intervals.length - 1] = joined(last, next, compare);
    else {
      intervals.push(next);
      froms.push(from);
    }
  }
  // They are apart and in order: only the last one that begins at a version or below it may have it.
  const isInside = (version: Version) => {
    let [low, high] = [0, froms.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const from = froms[middle];
      if (from === undefined || order.compare(from, version) <= 0) low = middle + 1;
      else high = middle;
    }
    const last = intervals[low - 1];
    return last !== undefined && intervalFinder([last], order)(version) !== undefined;
  };
  const versions = [...new Set(ranges.flatMap((range) => range.versions))].filter((text) => {
    const version = order.read(text);
    return version === undefined || !isInside(version);
  });
  return { intervals, versions: versions.toSorted() };
}

type Compare = (a: string, b: string) => number;

/** Whether the second, which begins at the first's beginning or above it, begins within the first or where it ends. */
function meets(first: Interval, { from }: Interval, compare: Compare): boolean {
  const end = endOf(first);
  return end === undefined || from === undefined || compare(from, end) <= 0;
}

/** The first one up to the higher end of both. A version that one of them has as the last affected one is affected. */
function joined(first: Interval, next: Interval, compare: Compare): Interval {
  const [end, other] = [endOf(first), endOf(next)];
  if (end === undefined) return first;
  const { from } = first;
  const start = from === undefined ? {} : { from };
  if (other === undefined) return start;
  const order = compare(end, other);
  const { fixed, last } = order < 0 || (order === 0 && next.last !== undefined) ? next : first;
  return { ...start, ...(fixed !== undefined ? { fixed } : { last: last! }) };
}

/** Undefined: it has none. */
function endOf({ fixed, last }: Interval): string | undefined {
  return fixed ?? last;
}

import type { VersionOrder } from '../../packaging/order.ts';
import { type AffectedRange, type Interval, intervalFinder } from '../../packaging/range.ts';

/** Returns the union of two ranges: adjacent intervals are merged, and single versions inside an interval are dropped. */
export function unionOf<Version>(
  a: AffectedRange,
  b: AffectedRange,
  order: VersionOrder<Version>,
): AffectedRange {
  const read = (bound: string | undefined) => (bound === undefined ? undefined : order.read(bound));
  const compare = (one: string, other: string) => order.compare(read(one)!, read(other)!);
  const sorted = [...a.intervals, ...b.intervals].toSorted((one, other) => {
    if (one.from === undefined || other.from === undefined)
      return Number(one.from !== undefined) - Number(other.from !== undefined);
    return compare(one.from, other.from);
  });
  const intervals: Interval[] = [];
  for (const next of sorted) {
    const last = intervals.at(-1);
    if (last && meets(last, next, compare)) intervals[intervals.length - 1] = joined(last, next, compare);
    else intervals.push(next);
  }
  const isInside = intervalFinder(intervals, order);
  const versions = [...new Set([...a.versions, ...b.versions])].filter((text) => {
    const version = order.read(text);
    return version === undefined || isInside(version) === undefined;
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

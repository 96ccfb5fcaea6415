import type { VersionOrder } from './order.ts';

/** Versions from a lower to an upper bound; without one it is open. */
export interface Interval {
  /** Included. */
  from?: string;
  /** Not included: the first version that is not affected any more. */
  fixed?: string;
  /** Included: the last version that is known to be affected. */
  last?: string;
}

/** Affected versions. `versions` are single ones outside of the intervals, compared as texts where they are no versions. */
export interface AffectedRange {
  intervals: readonly Interval[];
  versions: readonly string[];
}

/** Writes a range as vers does, without its scheme: `>=1.0|<1.2.3|2.0`, `*` for every version. https://github.com/package-url/vers-spec */
export function rangeText({ intervals, versions }: AffectedRange): string {
  const parts = intervals.flatMap(({ from, fixed, last }) => {
    const bounds = [
      ...(from === undefined ? [] : [`>=${encodeURIComponent(from)}`]),
      ...(fixed === undefined ? [] : [`<${encodeURIComponent(fixed)}`]),
      ...(last === undefined ? [] : [`<=${encodeURIComponent(last)}`]),
    ];
    return bounds.length === 0 ? ['*'] : bounds;
  });
  return [...parts, ...versions.map((version) => encodeURIComponent(version))].join('|');
}

/** Reads what {@link rangeText} wrote. */
export function parseRange(text: string): AffectedRange {
  const intervals: Interval[] = [];
  const versions: string[] = [];
  let open: Interval | undefined;
  for (const part of text.split('|')) {
    const [, sign = '', encoded = ''] = /^(>=|<=|<|\*|)(.*)$/.exec(part) ?? [];
    const version = decodeURIComponent(encoded);
    if (sign === '*') intervals.push({});
    else if (sign === '>=') {
      if (open) intervals.push(open);
      open = { from: version };
    } else if (sign === '') versions.push(version);
    else {
      intervals.push({ ...open, ...(sign === '<' ? { fixed: version } : { last: version }) });
      open = undefined;
    }
  }
  if (open) intervals.push(open);
  return { intervals, versions };
}

/** Intervals and single versions for people: `>=1.0 <1.2.3`, `2.0`; `*` for every version. */
export function rangeTexts({ intervals, versions }: AffectedRange): string[] {
  const texts = intervals.map(({ from, fixed, last }) => {
    const bounds = [from && `>=${from}`, fixed && `<${fixed}`, last && `<=${last}`].filter(Boolean);
    return bounds.length === 0 ? '*' : bounds.join(' ');
  });
  return [...texts, ...versions];
}

/** Where a version is: in an interval or among the single versions; undefined: it is not affected. */
export function placeIn<Version>(
  { intervals, versions }: AffectedRange,
  text: string,
  version: Version,
  order: VersionOrder<Version>,
): Interval | undefined {
  const within = intervalFinder(intervals, order)(version);
  if (within) return within;
  const isListed = versions.some((each) => {
    const [listed, last] = [order.read(each), readLast(order, each)];
    if (listed === undefined || last === undefined) return each === text;
    return order.compare(version, listed) >= 0 && order.compare(version, last) <= 0;
  });
  return isListed ? {} : undefined;
}

/** A bound that is included: `<=2.6.0`. */
export function readLast<Version>(order: VersionOrder<Version>, text: string): Version | undefined {
  return order.readLast ? order.readLast(text) : order.read(text);
}

/**
 * Finds the interval that a version is in, and reads the bounds once for all versions. A bound that is no version includes everything:
 * nobody knows on which side of it a version is.
 */
export function intervalFinder<Version>(
  intervals: readonly Interval[],
  order: VersionOrder<Version>,
): (version: Version) => Interval | undefined {
  const read = (bound: string | undefined) => (bound === undefined ? undefined : order.read(bound));
  const lastOf = (bound: string | undefined) => (bound === undefined ? undefined : readLast(order, bound));
  const known = intervals.map((interval) => ({
    interval,
    ...{ from: read(interval.from), fixed: read(interval.fixed), last: lastOf(interval.last) },
  }));
  return (version) =>
    known.find(
      ({ from, fixed, last }) =>
        (from === undefined || order.compare(version, from) >= 0) &&
        (fixed === undefined || order.compare(version, fixed) < 0) &&
        (last === undefined || order.compare(version, last) <= 0),
    )?.interval;
}

import type { VersionOrder } from '../../packaging/order.ts';

/** Characters of a version; registries allow some hundred. V8's stack for a pattern ends at some million. */
const longestVersion = 1_000;

/** The order, for versions of a length that occurs. */
export function bounded<Version>(order: VersionOrder<Version>): VersionOrder<Version> {
  const { readLast } = order;
  const isLong = (text: string) => text.length > longestVersion;
  return {
    ...order,
    read: (text) => (isLong(text) ? undefined : order.read(text)),
    ...(readLast && { readLast: (text: string) => (isLong(text) ? undefined : readLast(text)) }),
  };
}

/** Numbers as their decimal digits: versions have dates and build numbers beyond 2^53. */
export function compareDigits(a: string, b: string): number {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return one.length - other.length || compareText(one, other);
}

/** By code units, as each ecosystem orders the ASCII of its identifiers. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Item by item; where one list ends, `absent` compares what is left of the other with nothing. */
export function compareLists<Item>(
  a: readonly Item[],
  b: readonly Item[],
  compare: (a: Item, b: Item) => number,
  absent: (rest: Item) => number,
): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [one, other] = [a[at], b[at]];
    const order =
      one === undefined ? -absent(other!) : other === undefined ? absent(one) : compare(one, other);
    if (order !== 0) return order;
  }
  return 0;
}

/** Code-unit order: the same on every machine and in every locale. */
export function compareCodeUnits(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorted by texts, each made once and compared without calling back: the same order as by `compareCodeUnits`, in less time. */
export function sortedByText<T>(items: readonly T[], textOf: (item: T) => string): T[] {
  const byText = grouped(items, textOf);
  return [...byText.keys()].sort().flatMap((text) => byText.get(text)!);
}

const cveId = /^CVE-(\d{4})-(\d{4,})$/;

/** CVE ids by year and number, then everything else (advisories, TEMP ids) in code-unit order. */
export function compareIds(a: string, b: string): number {
  const left = cveId.exec(a);
  const right = cveId.exec(b);
  if (!left || !right) return left ? -1 : right ? 1 : compareCodeUnits(a, b);
  return Number(left[1]) - Number(right[1]) || Number(left[2]) - Number(right[2]) || compareCodeUnits(a, b);
}

/** debian-7 before debian-10. */
export function compareNaturally(a: string, b: string): number {
  return compareCodeUnits(naturalKey(a), naturalKey(b));
}

/** The sort key of such a text. */
export function naturalKey(text: string): string {
  return text.replace(/\d+/g, (digits) => digits.padStart(6, '0'));
}

/** Result of comparing two versions. `undefined` if one of them cannot be parsed. */
export type Comparison = -1 | 0 | 1 | undefined;

/** Adds to the list of a key, in place: a copied list for each value takes quadratic time where a key has many. */
export function pushTo<Key, T>(lists: Map<Key, T[]>, key: Key, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Values by a key, in the order in which the keys appear. */
export function grouped<Key, T>(values: Iterable<T>, keyOf: (value: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const value of values) pushTo(groups, keyOf(value), value);
  return groups;
}

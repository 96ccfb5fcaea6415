import { compareIds } from '../../model/order.ts';

const cveForm = /^CVE-\d{4}-\d{4,}$/;
const idForm = /^[\w.:-]{1,100}$/;

/** CVEs of one thing. No ids of 2026 that are aliases of each other have more than some ten. */
const maxCves = 100;

/**
 * Names of flaws. Ids of other kinds that are aliases of each other, however many steps apart, are about one thing: the CVEs that any of
 * them names. Each CVE is a flaw of its own, since what clears one of two says nothing of the other.
 */
export class FlawNames {
  readonly #parents = new Map<string, string>();
  /** By the first id of those that are about one thing. */
  readonly #cves = new Map<string, Set<string>>();

  /** The id of a record, and its aliases. */
  join(id: string, aliases: readonly string[]): void {
    const all = [id, ...aliases].filter((each) => idForm.test(each));
    const [first, ...others] = all.filter((each) => !cveForm.test(each));
    if (first === undefined) return;
    for (const other of others) this.#unite(this.#firstOf(first), this.#firstOf(other));
    const cves = all.filter((each) => cveForm.test(each));
    if (cves.length === 0) return;
    const known = this.#cvesOf(this.#firstOf(first));
    for (const cve of cves) known.add(cve);
  }

  /**
   * The names of what a record is about: its CVEs, or without one its lowest id. Where more CVEs are joined than one thing has,
   * a record has those that it names itself: each of many records about each of their CVEs has no end.
   */
  namesOf(id: string, aliases: readonly string[] = []): string[] {
    if (cveForm.test(id)) return [id];
    const first = this.#firstOf(id);
    const joined: ReadonlySet<string> = this.#cves.get(first) ?? new Set();
    if (joined.size > maxCves) {
      const own = new Set(aliases.filter((each) => cveForm.test(each)));
      return own.size > 0 ? [...own].sort(compareIds) : [id];
    }
    return joined.size > 0 ? [...joined].sort(compareIds) : [first];
  }

  #unite(one: string, other: string): void {
    if (one === other) return;
    const [first, second] = compareIds(one, other) < 0 ? [one, other] : [other, one];
    this.#parents.set(second, first);
    const moved = this.#cves.get(second);
    if (!moved) return;
    this.#cves.delete(second);
    const kept = this.#cves.get(first) ?? new Set();
    const [larger, smaller] = kept.size < moved.size ? [moved, kept] : [kept, moved];
    for (const cve of smaller) larger.add(cve);
    this.#cves.set(first, larger);
  }

  #cvesOf(first: string): Set<string> {
    const known = this.#cves.get(first) ?? new Set<string>();
    this.#cves.set(first, known);
    return known;
  }

  #firstOf(id: string): string {
    let first = id;
    for (let next = this.#parents.get(first); next !== undefined; next = this.#parents.get(first))
      first = next;
    // All on the way, or a chain would be walked from each of its ids.
    for (let at = id; at !== first; ) {
      const next = this.#parents.get(at)!;
      this.#parents.set(at, first);
      at = next;
    }
    return first;
  }
}

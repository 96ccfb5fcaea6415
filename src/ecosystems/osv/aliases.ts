import { compareIds } from '../../model/index.ts';

const cveForm = /^CVE-\d{4}-\d{4,}$/;
const idForm = /^[\w.:-]{1,100}$/;

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

  /** The names of what a record is about: its CVEs, or without one its lowest id. */
  namesOf(id: string): string[] {
    if (cveForm.test(id)) return [id];
    const first = this.#firstOf(id);
    const cves = this.#cves.get(first) ?? [];
    const names = [...cves].sort(compareIds);
    return names.length > 0 ? names : [first];
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

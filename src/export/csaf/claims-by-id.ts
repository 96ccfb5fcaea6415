import { compareCodeUnits } from '../../model/index.ts';

/**
 * Claims by vulnerability, although they come by package. Of every pair two numbers are kept, because there are millions: as
 * objects, or as lines of a file, they would take most of an export's time.
 */
export class ClaimsById<Claim> {
  readonly #claims: Claim[] = [];
  readonly #numbers = new Map<string, number>();
  /** Numbers of the vulnerability and of the claim, in turn. */
  #pairs = new Int32Array(1 << 16);
  #length = 0;

  add(claim: Claim, ids: readonly string[]): void {
    const at = this.#claims.push(claim) - 1;
    if (this.#length + 2 * ids.length > this.#pairs.length) this.#grow(2 * ids.length);
    for (const id of ids) {
      this.#pairs[this.#length++] = this.#numberOf(id);
      this.#pairs[this.#length++] = at;
    }
  }

  /** Ids in the order of years, then code units; the claims of each as they were added. */
  *read(): Generator<readonly [id: string, claims: Claim[]]> {
    const { starts, claims } = this.#grouped();
    const ids = [...this.#numbers].map(([id, number]) => ({ id, number, year: yearOf(id) }));
    ids.sort((a, b) => compareCodeUnits(a.year, b.year) || compareCodeUnits(a.id, b.id));
    for (const { id, number } of ids) {
      const own = claims.subarray(starts[number], starts[number + 1]);
      yield [id, Array.from(own, (at) => this.#claims[at]!)];
    }
  }

  #numberOf(id: string): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const made = this.#numbers.size;
    this.#numbers.set(id, made);
    return made;
  }

  #grow(more: number): void {
    const pairs = new Int32Array(Math.max(Math.ceil(this.#pairs.length * 1.5), this.#length + more));
    pairs.set(this.#pairs.subarray(0, this.#length));
    this.#pairs = pairs;
  }

  /** The claims of each vulnerability one behind the other, and where those of each number start. */
  #grouped(): { starts: Int32Array; claims: Int32Array } {
    const starts = new Int32Array(this.#numbers.size + 1);
    for (let at = 0; at < this.#length; at += 2) starts[this.#pairs[at]! + 1]! += 1;
    for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!;
    const next = starts.slice();
    const claims = new Int32Array(this.#length / 2);
    for (let at = 0; at < this.#length; at += 2) claims[next[this.#pairs[at]!]!++] = this.#pairs[at + 1]!;
    this.#pairs = new Int32Array();
    this.#length = 0;
    return { starts, claims };
  }
}

/** All that is no CVE comes last. */
function yearOf(id: string): string {
  return /^CVE-(\d{4})-\d+$/.exec(id)?.[1] ?? 'other';
}

import { compareIds } from '../../model/index.ts';

/** Names of flaws: ids that are aliases of each other, however many steps apart, are one flaw. */
export class FlawNames {
  readonly #parents = new Map<string, string>();

  /** The ids name one flaw. */
  join(id: string, aliases: readonly string[]): void {
    for (const alias of aliases) {
      const [one, other] = [this.nameOf(id), this.nameOf(alias)];
      if (one === other) continue;
      const [first, second] = isBefore(one, other) ? [one, other] : [other, one];
      this.#parents.set(second, first);
    }
  }

  /** The name of the flaw: its lowest CVE, or without one its lowest id. */
  nameOf(id: string): string {
    let name = id;
    for (let next = this.#parents.get(name); next !== undefined; next = this.#parents.get(name)) name = next;
    // All on the way, or a chain would be walked from each of its ids.
    for (let at = id; at !== name; ) {
      const next = this.#parents.get(at)!;
      this.#parents.set(at, name);
      at = next;
    }
    return name;
  }
}

function isBefore(a: string, b: string): boolean {
  const [isCve, isOtherCve] = [a.startsWith('CVE-'), b.startsWith('CVE-')];
  return isCve === isOtherCve ? compareIds(a, b) < 0 : isCve;
}

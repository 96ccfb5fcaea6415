import { compareCodeUnits, type InventoryNote } from '../model/index.ts';

/** Maximum number of places of one kind that are listed; the rest is counted. */
export const placesPerNote = 5;

/** Collects notes about an image that are not errors: entries left out, names that were kept inside the root. */
export class NoteBook {
  #counts = new Map<string, number>();
  #notes: InventoryNote[] = [];

  add(code: string, where: string, detail: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= placesPerNote) this.#notes.push({ code, where, detail });
  }

  /** By code, then place, in code-unit order; one more note per code has the number of those not listed. */
  notes(): InventoryNote[] {
    const sorted = this.#notes.toSorted(
      (a, b) => compareCodeUnits(a.code, b.code) || compareCodeUnits(a.where, b.where),
    );
    return sorted.concat(
      [...this.#counts]
        .filter(([, count]) => count > placesPerNote)
        .map(([code, count]) => ({
          code,
          where: `${count - placesPerNote} more places`,
          detail: `${count} in all`,
        })),
    );
  }
}

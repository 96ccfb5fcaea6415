import { compareCodeUnits, type InventoryNote } from '../model/index.ts';

/** How many places of one kind are named; the rest is counted. */
export const placesPerNote = 5;

/** Gathers what a reader should know of an image without an error of its own: entries left out, names held at the root. */
export class NoteBook {
  #counts = new Map<string, number>();
  #notes: InventoryNote[] = [];

  add(code: string, where: string, detail: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= placesPerNote) this.#notes.push({ code, where, detail });
  }

  /** By code, then place, in code-unit order; one more note a code says how many were not named. */
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

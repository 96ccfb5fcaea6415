import type { InventoryNote } from '../model/inventory/index.ts';
import { compareCodeUnits } from '../model/order.ts';

/** Maximum number of places of one kind that are listed; the rest is counted. */
const placesPerNote = 5;

/** Collects notes about an image that are not errors: entries left out, names that were kept inside the root. */
export class NoteBook {
  #counts = new Map<string, number>();
  /** Those that are listed, by code and then in the order of their places. */
  #listed = new Map<string, InventoryNote[]>();

  /** The listed ones do not depend on the order in which layers are read: several are read at once. */
  add(code: string, where: string, detail: string): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    const listed = this.#listed.get(code) ?? [];
    this.#listed.set(code, listed);
    const after = listed.findIndex((note) => compareCodeUnits(note.where, where) > 0);
    listed.splice(after < 0 ? listed.length : after, 0, { code, where, detail });
    if (listed.length > placesPerNote) listed.pop();
  }

  /** By code, then place, in code-unit order; one more note per code has the number of those not listed. */
  notes(): InventoryNote[] {
    const codes = [...this.#listed.keys()].sort(compareCodeUnits);
    const more = codes.flatMap((code) => {
      const count = this.#counts.get(code)!;
      if (count <= placesPerNote) return [];
      return [{ code, where: `${count - placesPerNote} more places`, detail: `${count} in all` }];
    });
    return [...codes.flatMap((code) => this.#listed.get(code)!), ...more];
  }
}

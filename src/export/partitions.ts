import { join } from 'node:path';
import { compareCodeUnits } from '../model/order.ts';
import { SpillFile } from './spill-file.ts';

/**
 * Values by vulnerability, although they come by package: they are kept in a temporary file for each year, and one year after
 * the other is sorted in memory.
 */
export class Partitions {
  readonly #folder: string;
  readonly #files = new Map<string, SpillFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(id: string, value: string): void {
    const part = partOf(id);
    let file = this.#files.get(part);
    if (!file) {
      file = new SpillFile(join(this.#folder, `.partition-${this.#files.size}`));
      this.#files.set(part, file);
    }
    file.add(id, value);
  }

  /** Ids in the order of years, then code units; the values of each as they were added. */
  *read(): Generator<readonly [id: string, values: readonly string[]]> {
    for (const part of [...this.#files.keys()].sort(compareCodeUnits)) {
      const values = new Map<string, string[]>();
      for (const [id, value] of this.#files.get(part)!.read()) {
        const known = values.get(id);
        if (known) known.push(value);
        else values.set(id, [value]);
      }
      for (const id of [...values.keys()].sort(compareCodeUnits)) yield [id, values.get(id)!];
    }
  }

  remove(): void {
    for (const file of this.#files.values()) file.remove();
    this.#files.clear();
  }
}

/** The year of a CVE. All that is no CVE is one part. */
function partOf(id: string): string {
  return /^CVE-(\d{4})-\d+$/.exec(id)?.[1] ?? 'other';
}

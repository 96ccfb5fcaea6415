import { watchedImages } from '../../news/watched.ts';
import type { Queries } from '../../store/database.ts';

/** Images that are read at once. */
const imagesAtOnce = 500;

/**
 * For each package the watched images that have it: three million numbers for ten thousand images, so they are in one typed
 * array.
 */
export class Holders {
  /** Numbers of images, by package. */
  readonly #images: Int32Array;
  /** Where those of a package begin; those of the next one follow. */
  readonly #starts: Int32Array;

  private constructor(images: Int32Array, starts: Int32Array) {
    this.#images = images;
    this.#starts = starts;
  }

  static async read(queries: Queries): Promise<Holders> {
    const lists: { id: number; packages: Int32Array }[] = [];
    let last = 0;
    for (let after = 0; ; ) {
      const rows = await queries.query<{ id: number; packages: number[] }>(
        `SELECT id, packages FROM fleet.images WHERE id > $1 AND id IN (${watchedImages}) ORDER BY id LIMIT ${imagesAtOnce}`,
        [after],
      );
      if (rows.length === 0) break;
      after = rows.at(-1)!.id;
      for (const { id, packages } of rows) {
        lists.push({ id, packages: Int32Array.from(packages) });
        // They are sorted.
        last = Math.max(last, packages.at(-1) ?? 0);
      }
    }
    return Holders.#inverted(lists, last);
  }

  static #inverted(lists: readonly { id: number; packages: Int32Array }[], last: number): Holders {
    const starts = new Int32Array(last + 2);
    for (const { packages } of lists) for (const number of packages) starts[number + 1]! += 1;
    for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!;
    const images = new Int32Array(starts.at(-1)!);
    const next = starts.slice();
    for (const { id, packages } of lists) for (const number of packages) images[next[number]!++] = id;
    return new Holders(images, starts);
  }

  /** The images that have a package, by their numbers. */
  of(number: number): Int32Array {
    if (number + 1 >= this.#starts.length) return new Int32Array();
    return this.#images.subarray(this.#starts[number], this.#starts[number + 1]);
  }

  /** The images that have one of the packages. */
  ofAny(numbers: Iterable<number>): Set<number> {
    const found = new Set<number>();
    for (const number of numbers) for (const image of this.of(number)) found.add(image);
    return found;
  }
}

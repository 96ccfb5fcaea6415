import type { Queries } from '../store/database.ts';

/** Images that are read at once. */
const imagesAtOnce = 500;

/**
 * For each package the watched images that have it: three million numbers for ten thousand images, so they are in one typed
 * array. What an image has never changes: after a run only images are read that were not watched before.
 */
export class Holders {
  static readonly none = new Holders(new Set(), new Int32Array(), new Int32Array(1));

  readonly #watched: ReadonlySet<number>;
  /** Numbers of images, by package. */
  readonly #images: Int32Array;
  /** Where those of a package begin; those of the next one follow. */
  readonly #starts: Int32Array;
  /** For each image the last count that it was in, so that a count needs no set. */
  readonly #counted: Int32Array;
  #count = 0;

  private constructor(watched: ReadonlySet<number>, images: Int32Array, starts: Int32Array) {
    this.#watched = watched;
    this.#images = images;
    this.#starts = starts;
    let last = 0;
    for (const image of watched) last = Math.max(last, image);
    this.#counted = new Int32Array(last + 1);
  }

  /** Those of other watched images. */
  async of(queries: Queries, watched: ReadonlySet<number>): Promise<Holders> {
    const added = [...watched].filter((image) => !this.#watched.has(image)).sort((a, b) => a - b);
    const isSame = added.length === 0 && watched.size === this.#watched.size;
    return isSame ? this : this.#merged(watched, await packagesOf(queries, added));
  }

  #merged(watched: ReadonlySet<number>, added: readonly ImagePackages[]): Holders {
    let last = this.#starts.length - 2;
    for (const { packages } of added) for (const number of packages) last = Math.max(last, number);
    const starts = new Int32Array(last + 2);
    const each = (take: (image: number, number: number) => void) => {
      for (let number = 0; number + 1 < this.#starts.length; number++)
        for (const image of this.having(number)) if (watched.has(image)) take(image, number);
      for (const { image, packages } of added) for (const number of packages) take(image, number);
    };
    each((_image, number) => {
      starts[number + 1]! += 1;
    });
    for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!;
    const images = new Int32Array(starts.at(-1)!);
    const next = starts.slice();
    each((image, number) => {
      images[next[number]!++] = image;
    });
    return new Holders(watched, images, starts);
  }

  /** The images that have a package, by their numbers. */
  having(number: number): Int32Array {
    if (number + 1 >= this.#starts.length) return this.#images.subarray(0, 0);
    return this.#images.subarray(this.#starts[number], this.#starts[number + 1]);
  }

  isHeld(number: number): boolean {
    return number + 1 < this.#starts.length && this.#starts[number]! < this.#starts[number + 1]!;
  }

  /** Each image that has one of the packages, once. */
  *havingAny(numbers: Iterable<number>): Generator<number> {
    const count = this.#nextCount();
    for (const number of numbers) {
      for (const image of this.having(number)) {
        if (this.#counted[image] === count) continue;
        this.#counted[image] = count;
        yield image;
      }
    }
  }

  /** Number of images that have one of the packages. */
  count(numbers: readonly number[]): number {
    if (numbers.length === 1) return this.having(numbers[0]!).length;
    const count = this.#nextCount();
    let found = 0;
    for (const number of numbers) {
      if (number + 1 >= this.#starts.length) continue;
      const end = this.#starts[number + 1]!;
      for (let at = this.#starts[number]!; at < end; at++) {
        const image = this.#images[at]!;
        if (this.#counted[image] === count) continue;
        this.#counted[image] = count;
        found += 1;
      }
    }
    return found;
  }

  #nextCount(): number {
    if (this.#count === 2 ** 31 - 1) {
      this.#counted.fill(0);
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count;
  }
}

interface ImagePackages {
  image: number;
  packages: Int32Array;
}

async function packagesOf(queries: Queries, images: readonly number[]): Promise<ImagePackages[]> {
  const lists: ImagePackages[] = [];
  for (let at = 0; at < images.length; at += imagesAtOnce) {
    const rows = await queries.query<{ id: number; packages: string }>(
      'SELECT id, packages::text AS packages FROM fleet.images WHERE id = ANY($1::integer[]) ORDER BY id',
      [images.slice(at, at + imagesAtOnce)],
    );
    for (const { id, packages } of rows) lists.push({ image: id, packages: numbersOf(packages) });
  }
  return lists;
}

/** `{1,22,333}`: read here, because the database's client takes ten times as long for millions of them. */
function numbersOf(text: string): Int32Array {
  if (text === '{}') return new Int32Array();
  let count = 1;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === 44) count += 1;
  const numbers = new Int32Array(count);
  let index = 0;
  let number = 0;
  for (let at = 1; at < text.length - 1; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0) number = number * 10 + digit;
    else {
      numbers[index++] = number;
      number = 0;
    }
  }
  numbers[index] = number;
  return numbers;
}

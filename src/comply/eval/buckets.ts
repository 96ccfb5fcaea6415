import { elementKey } from '../content/compiled.ts';
import type { OvalSection } from '../oval/model.ts';
import { maxElements, tooManyElements } from '../oval/read-elements.ts';
import { CheckedLines, placeText } from './checked-lines.ts';
import type { IndexBucket } from './compiled-form.ts';

/** The lines of some buckets, one after the other, and their bytes. */
export interface BucketLines {
  /** Where they would begin if the first bucket began a file. */
  at: number;
  lines: Uint8Array;
  lengths: Uint32Array;
}

/** Elements in one bucket, on average. */
const perBucket = 32;

/** XML allows it nowhere. */
const separator = '\0';
const blockIds = 4096;

const sections: readonly OvalSection[] = ['definitions', 'tests', 'objects', 'states', 'variables'];

/** Gathers where the elements of a document are, in memory that no garbage collection looks through. */
export class PlaceList {
  readonly #document: number;
  readonly #where: string;
  /** Ids in blocks, joined: each would keep the piece of the document that it is a part of. */
  readonly #blocks: string[] = [];
  #ids: string[] = [];
  /** Of each element its section, the hash of its key, and its place. */
  #numbers = new Float64Array(4 * 1024);
  #length = 0;

  constructor(document: number, where: string) {
    this.#document = document;
    this.#where = where;
  }

  /** @throws CONTENT_MALFORMED */
  add(section: OvalSection, id: string, hash: number, at: number, length: number): void {
    if (this.#length === 4 * maxElements) throw tooManyElements(this.#where);
    if (this.#length === this.#numbers.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const numbers = this.#numbers;
    numbers[this.#length++] = sections.indexOf(section);
    numbers[this.#length++] = hash;
    numbers[this.#length++] = at;
    numbers[this.#length++] = length;
    if (this.#ids.push(id) === blockIds) this.#close();
  }

  #close(): void {
    this.#blocks.push(this.#ids.join(separator));
    this.#ids = [];
  }

  /** The elements by the hashes of their keys, in portions. */
  *buckets(): Generator<BucketLines, undefined> {
    if (this.#ids.length > 0) this.#close();
    const ids = this.#blocks.flatMap((block) => block.split(separator));
    const numbers = this.#numbers;
    const count = Math.max(1, Math.ceil(ids.length / perBucket));
    const starts = new Uint32Array(count + 1);
    const own = new Uint32Array(ids.length);
    for (let nth = 0; nth < own.length; nth++) {
      own[nth] = numbers[4 * nth + 1]! % count;
      starts[own[nth]! + 1]! += 1;
    }
    for (let bucket = 0; bucket < count; bucket++) starts[bucket + 1]! += starts[bucket]!;
    const next = starts.slice();
    const nths = new Uint32Array(own.length);
    for (let nth = 0; nth < own.length; nth++) nths[next[own[nth]!]!++] = nth;
    let portion: BucketLines | undefined;
    let at = 0;
    let lengths: number[] = [];
    const lines = new CheckedLines((bytes) => {
      portion = { at, lines: new Uint8Array(bytes), lengths: new Uint32Array(lengths) };
      at += bytes.length;
      lengths = [];
    });
    for (let bucket = 0; bucket < count; bucket++) {
      const keys: string[] = [];
      let places = '';
      for (let place = starts[bucket]!; place < starts[bucket + 1]!; place++) {
        const nth = nths[place]!;
        keys.push(elementKey(this.#document, sections[numbers[4 * nth]!]!, ids[nth]!));
        const text = placeText(numbers[4 * nth + 2]!, numbers[4 * nth + 3]!);
        places = places === '' ? text : `${places} ${text}`;
      }
      const [, length] = lines.add(JSON.stringify({ keys, places } satisfies IndexBucket));
      if (portion) yield portion;
      portion = undefined;
      lengths.push(length);
    }
    lines.flush();
    yield portion!;
    return undefined;
  }
}

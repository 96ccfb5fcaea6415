import { type Environment, type Image, type InventoryNote, isScapfeedError } from '../../model/index.ts';
import { usage } from '../../tasks/given-words.ts';
import type { imageOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type BaseSubject, type GivenBases, statedBases } from '../../tasks/scan/base.ts';
import { statedBase } from '../../tasks/scan/options.ts';
import { openSubject } from './subject.ts';

/** The base images of one scanned image. */
export interface FoundBases {
  bases?: GivenBases;
  notes?: readonly InventoryNote[];
}

/** The base images that the options name; each is read once for all images of a scan. */
export class BaseChoice {
  #given: readonly string[];
  #options: OptionValues<typeof imageOptions>;
  #env: Environment;
  #opened = new Map<string, Promise<BaseSubject>>();

  /** @throws {ScapfeedError} USAGE */
  constructor(given: readonly string[], options: OptionValues<typeof imageOptions>, env: Environment) {
    const isStated = given.includes(statedBase);
    if (given.length > (isStated ? 1 : 2)) {
      throw usage(
        'scan',
        `--base: ${isStated ? `${statedBase} is given with another base` : `expected at most 2 images, found ${given.length}`}`,
        'give the base image that the image was made from and, second, its newer build',
      );
    }
    this.#given = given;
    this.#options = options;
    this.#env = env;
  }

  /** A base that only the image names and that cannot be read is noted; one that the user names is an error. */
  async of(image: Pick<Image, 'reference' | 'labels' | 'annotations'>): Promise<FoundBases> {
    if (!this.#given.includes(statedBase)) return { bases: await this.#read(this.#given) };
    const where = image.reference;
    const stated = statedBases(image);
    if (stated.length === 0) {
      const detail = 'neither its labels nor its annotations name one';
      return { notes: [{ code: 'no_base_image', where, detail }] };
    }
    const read: BaseSubject[] = [];
    const notes: InventoryNote[] = [];
    for (const reference of stated) {
      try {
        read.push(await this.#open(reference));
      } catch (error) {
        if (!isScapfeedError(error)) throw error;
        notes.push({ code: 'base_image_not_read', where: reference, detail: error.message });
      }
    }
    const [first, second] = read;
    return { ...(first && { bases: [first, second] }), ...(notes.length > 0 && { notes }) };
  }

  async #read([first, second]: readonly string[]): Promise<GivenBases> {
    const base = await this.#open(first!);
    return second === undefined ? [base] : [base, await this.#open(second)];
  }

  #open(reference: string): Promise<BaseSubject> {
    const known = this.#opened.get(reference);
    if (known) return known;
    const opened = openSubject(reference, this.#options, this.#env).then(({ image, inventory }) => {
      image.close();
      const { digest, files } = image;
      const named = { reference: image.reference, ...(digest !== undefined && { digest }) };
      return { image: { ...named, files: { layers: files.layers } }, inventory };
    });
    this.#opened.set(reference, opened);
    return opened;
  }
}

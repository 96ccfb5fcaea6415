import type { Environment } from '../../model/environment.ts';
import { isScapfeedError, ScapfeedError } from '../../model/error.ts';
import {
  type Image,
  type InventoryNote,
  type Layer,
  noFiles,
  noStatedBase,
} from '../../model/inventory/index.ts';
import { beginsWith } from '../../runtime/base-origin.ts';
import { usage } from '../../tasks/given-words.ts';
import type { imageOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { type BaseSubject, type GivenBases, statedBases } from '../../tasks/scan/base.ts';
import { attestedBase, statedBase } from '../../tasks/scan/options.ts';
import { imageChoice, openChosenImage } from './image-choice.ts';
import type { SignatureChoice } from './judge-signatures.ts';
import { isSignatureAsked } from './require-signed.ts';
import { openSubject } from './subject.ts';

/** Images that a build used and that are compared with the image; a build with many stages has about ten. */
const maxCandidates = 32;

/** The base images of one scanned image. */
export interface FoundBases {
  bases?: GivenBases;
  notes?: readonly InventoryNote[];
}

type BaseSettings = OptionValues<typeof imageOptions> & SignatureChoice;

/** The base images that the options name; each is read once for all images of a scan. */
export class BaseChoice {
  #given: readonly string[];
  #options: BaseSettings;
  #env: Environment;
  #opened = new Map<string, Promise<BaseSubject>>();

  /** @throws {ScapfeedError} USAGE */
  constructor(given: readonly string[], options: BaseSettings, env: Environment) {
    const word = [statedBase, attestedBase].find((each) => given.includes(each));
    if (given.length > (word === undefined ? 2 : 1)) {
      throw usage(
        'scan',
        `--base: ${word === undefined ? `expected at most 2 images, found ${given.length}` : `${word} is given with another base`}`,
        'give the base image that the image was made from and, second, its newer build',
      );
    }
    if (word === attestedBase && !isSignatureAsked(options)) {
      throw usage(
        'scan',
        `--base ${attestedBase}: no required signer is given`,
        'add --signed-by, or --identity with --issuer and --trusted-root',
      );
    }
    this.#given = given;
    this.#options = options;
    this.#env = env;
  }

  /**
   * A base that only the image or its provenance names and that cannot be read is noted; one that the user names is an error.
   * `reference`: as the user gave it.
   */
  async of(
    image: Pick<Image, 'reference' | 'labels' | 'annotations' | 'files'>,
    reference: string,
  ): Promise<FoundBases> {
    if (this.#given.includes(attestedBase)) return this.#attested(image, reference);
    if (!this.#given.includes(statedBase)) return { bases: await this.#read(this.#given) };
    const stated = statedBases(image);
    if (stated.length === 0) return { notes: [noBase(image.reference, noStatedBase)] };
    const notes: InventoryNote[] = [];
    const [first, second] = await readable(stated, (each) => this.#open(each), notes);
    return { ...(first && { bases: [first, second] }), ...(notes.length > 0 && { notes }) };
  }

  /**
   * Verified provenance lists the images of all stages of a build. The base is the one whose layers begin the image; of several, the one
   * with the most layers.
   */
  async #attested({ files }: Pick<Image, 'files'>, reference: string): Promise<FoundBases> {
    const { imagesOfBuild } = await import('./judge-signatures.ts');
    const { images, leftOut } = await imagesOfBuild('scan', reference, this.#options, this.#env);
    const notes = leftOut.map((each): InventoryNote => ({ code: 'provenance_not_verified', ...each }));
    if (images.length > maxCandidates) {
      const detail = `its provenance lists ${images.length} images, more than ${maxCandidates}`;
      return { notes: [...notes, noBase(reference, detail)] };
    }
    if (images.length === 0) {
      const detail = 'no provenance by whom is asked for lists one with its digest';
      return { notes: [...notes, noBase(reference, detail)] };
    }
    let base: { repository: string; tag?: string; reference: string; layers: number } | undefined;
    for (const { digest, ...at } of images) {
      const reference = `registry:${at.repository}@${digest}`;
      const [layers] = await readable([reference], (each) => this.#layersOf(each), notes);
      if (!layers || !beginsWith(files.layers, layers) || (base && base.layers >= layers.length)) continue;
      base = { ...at, reference, layers: layers.length };
    }
    if (!base) {
      const detail = `it begins with the layers of no image of the ${images.length} that its provenance lists`;
      return { notes: [...notes, noBase(reference, detail)] };
    }
    const { repository, tag, reference: built } = base;
    const wanted = [built, ...(tag === undefined ? [] : [`registry:${repository}:${tag}`])];
    const [first, second] = await readable(wanted, (each) => this.#open(each), notes);
    return { ...(first && { bases: [first, second] }), ...(notes.length > 0 && { notes }) };
  }

  /** The layers that an image says it has; none of them is read. */
  async #layersOf(reference: string): Promise<readonly Layer[]> {
    const choice = imageChoice(this.#options, () => false, this.#env);
    const image = await openChosenImage(reference, { ...choice, recall: ({ layers }) => noFiles(layers) });
    image.close();
    return image.files.layers;
  }

  async #read([first, second]: readonly string[]): Promise<GivenBases> {
    const base = await this.#open(first!);
    return second === undefined ? [base] : [base, await this.#open(second)];
  }

  #open(reference: string): Promise<BaseSubject> {
    const known = this.#opened.get(reference);
    if (known) return known;
    const opened = this.#subjectOf(reference);
    this.#opened.set(reference, opened);
    return opened;
  }

  async #subjectOf(reference: string): Promise<BaseSubject> {
    try {
      const { image, inventory } = await openSubject(reference, this.#options, this.#env);
      image.close();
      const { digest, architecture, files } = image;
      const named = {
        reference: image.reference,
        ...(digest !== undefined && { digest }),
        ...(architecture !== undefined && { architecture }),
      };
      return { image: { ...named, files: { layers: files.layers } }, inventory };
    } catch (error) {
      throw isScapfeedError(error) ? ofBase(error, reference) : error;
    }
  }
}

/** The error names the base: the places in it are in that image, not in the scanned one. */
function ofBase(error: ScapfeedError, reference: string): ScapfeedError {
  const { code, message, where, remedy } = error;
  return new ScapfeedError({
    ...{
      code,
      message,
      cause: error,
      where: `the base image ${reference}${where === undefined ? '' : `: ${where}`}`,
    },
    ...(remedy !== undefined && { remedy }),
  });
}

/** The images that can be read; those that cannot are noted. */
async function readable<T>(
  references: readonly string[],
  read: (reference: string) => Promise<T>,
  notes: InventoryNote[],
): Promise<T[]> {
  const found: T[] = [];
  for (const reference of references) {
    try {
      found.push(await read(reference));
    } catch (error) {
      if (!isScapfeedError(error)) throw error;
      notes.push({ code: 'base_image_not_read', where: reference, detail: error.message });
    }
  }
  return found;
}

function noBase(where: string, detail: string): InventoryNote {
  return { code: 'no_base_image', where, detail };
}

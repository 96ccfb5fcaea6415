import { type Where, whereText } from '../io/system-reason.ts';
import { ScapfeedError } from '../model/error.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** Limits on reading an image, whatever it declares about itself. */
export interface ImageLimits {
  /** Entries of all layers together. The largest images in use have about one million. */
  entries: number;
  /** Limit on one path or link target, in bytes: Linux's PATH_MAX. */
  pathBytes: number;
  /** Limit on the total size of entry names, link targets and extended attributes, in bytes. */
  nameBytes: number;
  /** Limit on one pax or GNU extended header, in bytes. */
  headerBytes: number;
  /** Limit on one wanted file, in bytes. */
  wantedFileBytes: number;
  /** Limit on all wanted files of all layers, in bytes. */
  wantedBytes: number;
  /** Limit on the decompressed size of all layers, in bytes. */
  layerBytes: number;
  /** Limit on the compression ratio of one stream, checked above `ratioFreeBytes`. */
  ratio: number;
  /** Decompressed size up to which any ratio is allowed: sparse files compress a thousandfold. */
  ratioFreeBytes: number;
  /** Limit on manifests, indexes and the like, in bytes; the distribution spec requires registries to accept 4 MiB. */
  manifestBytes: number;
  /** Limit on image configurations, in bytes; a long history makes them large. */
  configBytes: number;
  /** Limit on the table of contents of a layer, in bytes, compressed or not; above it the layer is read whole. */
  tableBytes: number;
  /** Nesting of a JSON document. */
  jsonDepth: number;
  /** Layers of one image. Overlay file systems stop at 128, some builders do not. */
  layers: number;
  /** Members of an archive on stdin that are read as layers before it is known which of them are. */
  members: number;
  /** Indexes within indexes. */
  indexDepth: number;
  /** Links followed in one path: Linux's MAXSYMLINKS. */
  links: number;
  /** Path components visited while the layers are merged. */
  mergeSteps: number;
}

export const defaultLimits: Readonly<ImageLimits> = {
  entries: 4_000_000,
  pathBytes: 4096,
  nameBytes: 512 * MiB,
  headerBytes: 1 * MiB,
  wantedFileBytes: 512 * MiB,
  wantedBytes: 1 * GiB,
  layerBytes: 64 * GiB,
  ratio: 200,
  ratioFreeBytes: 1 * GiB,
  manifestBytes: 4 * MiB,
  configBytes: 16 * MiB,
  tableBytes: 64 * MiB,
  jsonDepth: 64,
  layers: 1024,
  members: 16_384,
  indexDepth: 4,
  links: 40,
  mergeSteps: 50_000_000,
};

/** Counts the resources used by the layers of one image, and stops reading at the first limit. */
export class Budget {
  readonly limits: Readonly<ImageLimits>;
  #spent = new Map<keyof ImageLimits, number>();

  constructor(limits: Readonly<ImageLimits> = defaultLimits) {
    this.limits = limits;
  }

  /** Adds to what is counted over the whole image. */
  spend(limit: keyof typeof nouns, amount: number, where: Where): void {
    const spent = (this.#spent.get(limit) ?? 0) + amount;
    this.#spent.set(limit, spent);
    if (spent > this.limits[limit]) throw limitExceeded(limit, this.limits[limit], spent, where);
  }

  /** Checks limits that are not totals. */
  check(limit: keyof typeof nouns, amount: number, where: Where): void {
    if (amount > this.limits[limit]) throw limitExceeded(limit, this.limits[limit], amount, where);
  }
}

const nouns: Record<Exclude<keyof ImageLimits, 'jsonDepth'>, string> = {
  entries: 'entries in all layers',
  pathBytes: 'bytes in a path',
  nameBytes: 'bytes of names in all layers',
  headerBytes: 'bytes in an extended header',
  wantedFileBytes: 'bytes in a file to be read',
  wantedBytes: 'bytes in all files to be read',
  layerBytes: 'decompressed bytes in all layers',
  ratio: 'times the compressed size',
  ratioFreeBytes: 'decompressed bytes',
  manifestBytes: 'bytes in a manifest',
  configBytes: 'bytes in an image configuration',
  tableBytes: 'bytes in a table of contents',
  layers: 'layers',
  members: 'members that may be layers',
  indexDepth: 'levels of image indexes',
  links: 'links in a path',
  mergeSteps: 'steps to lay the layers over each other',
};

function limitExceeded(
  limit: keyof typeof nouns,
  allowed: number,
  found: number,
  where: Where,
): ScapfeedError {
  return aboveLimit(`expected at most ${allowed} ${nouns[limit]}, found ${Math.floor(found)}`, where);
}

/** IMAGE_LIMIT_EXCEEDED */
export function aboveLimit(message: string, where: Where): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_LIMIT_EXCEEDED',
    message,
    where: whereText(where),
    remedy: 'treat this image as hostile or broken; it was not read further',
  });
}

/** The error for an archive, layer or document that breaks its format; `where` is the place in it. */
export function malformed(message: string, where: Where, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_MALFORMED',
    message,
    where: whereText(where),
    remedy: 'fetch or save the image again; if the error persists, the image was created that way',
    cause,
  });
}

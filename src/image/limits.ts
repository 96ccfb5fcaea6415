import { type Where, whereText } from '../io/where.ts';
import { ScapfeedError } from '../model/index.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** What an image may cost. A stranger's archive must not take more than this, whatever it claims of itself. */
export interface ImageLimits {
  /** Entries of all layers together. The largest images in use have about one million. */
  entries: number;
  /** Bytes of one path or link target: Linux's PATH_MAX. */
  pathBytes: number;
  /** Limit on the total size of entry names, link targets and extended attributes, in bytes. */
  nameBytes: number;
  /** Bytes of one pax or GNU extended header. */
  headerBytes: number;
  /** Bytes of one wanted file. */
  wantedFileBytes: number;
  /** Bytes of all wanted files of all layers. */
  wantedBytes: number;
  /** Decompressed bytes of all layers together. */
  layerBytes: number;
  /** Decompressed to compressed bytes of one stream, looked at beyond `ratioFreeBytes`. */
  ratio: number;
  /** Output that any stream may have whatever its ratio: sparse files compress a thousandfold. */
  ratioFreeBytes: number;
  /** Manifests, indexes and the like, in bytes; the distribution spec asks registries for 4 MiB. */
  manifestBytes: number;
  /** Image configurations, in bytes; a long history makes them large. */
  configBytes: number;
  /** Nesting of a JSON document. */
  jsonDepth: number;
  /** Layers of one image. Overlay file systems stop at 128, some builders do not. */
  layers: number;
  /** Members of an archive on stdin that are read as layers, as it is not known yet which of them are. */
  members: number;
  /** Indexes within indexes. */
  indexDepth: number;
  /** Links followed in one path: Linux's MAXSYMLINKS. */
  links: number;
  /** Path components looked at while the layers are laid over each other. */
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
  jsonDepth: 64,
  layers: 1024,
  members: 16_384,
  indexDepth: 4,
  links: 40,
  mergeSteps: 50_000_000,
};

/** Counts what the layers of one image have cost so far, and stops the reading at the first limit. */
export class Budget {
  readonly limits: Readonly<ImageLimits>;
  #spent = new Map<keyof ImageLimits, number>();

  constructor(limits: Readonly<ImageLimits> = defaultLimits) {
    this.limits = limits;
  }

  /** Adds to what is counted over the whole image. */
  spend(limit: keyof ImageLimits, amount: number, where: Where): void {
    const spent = (this.#spent.get(limit) ?? 0) + amount;
    this.#spent.set(limit, spent);
    if (spent > this.limits[limit]) throw limitExceeded(limit, this.limits[limit], spent, where);
  }

  /** Looks at what is bounded thing by thing. */
  check(limit: keyof ImageLimits, amount: number, where: Where): void {
    if (amount > this.limits[limit]) throw limitExceeded(limit, this.limits[limit], amount, where);
  }
}

const nouns: Record<keyof ImageLimits, string> = {
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
  jsonDepth: 'levels of JSON',
  layers: 'layers',
  members: 'members that may be layers',
  indexDepth: 'levels of image indexes',
  links: 'links in a path',
  mergeSteps: 'steps to lay the layers over each other',
};

function limitExceeded(
  limit: keyof ImageLimits,
  allowed: number,
  found: number,
  where: Where,
): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_LIMIT_EXCEEDED',
    message: `expected at most ${allowed} ${nouns[limit]}, found ${Math.floor(found)}`,
    where: whereText(where),
    remedy: 'treat this image as hostile or broken; it was not read further',
  });
}

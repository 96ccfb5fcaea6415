import { type ImageLimits, type ImageReadOptions, openImage as openAnyImage } from '../image/index.ts';
import {
  descriptionWanted,
  inventoryCompanions,
  inventoryPackageFile,
  inventoryPlaces,
  inventoryWanted,
} from '../inventory/index.ts';
import { readAll } from '../io/bytes.ts';
import { currentTime } from '../io/clock.ts';
import { decompress } from '../io/decompress.ts';
import type { Image, Inspection, Inventory, Wanted } from '../model/inventory/index.ts';
import { openSbom, readSbom as readPlainSbom } from '../sbom/index.ts';
import type { ImageParameters } from '../tasks/image/options.ts';
import { reachable } from '../tasks/image/reachable.ts';
import { sbomFile } from '../tasks/image/sbom-subject.ts';
import { wholeInventory } from '../tasks/image/whole-inventory.ts';
import { options as optionShapes, ParameterCheck } from './parameters/parameter-check.ts';
import { bytes as bytesShape, either, required, text } from './parameters/shape.ts';
import * as things from './parameters/things.ts';
import { environment, type NetworkOptions, type RunOptions, run } from './run.ts';

/** Options of {@link openImage}. */
export interface OpenImageOptions extends RunOptions, NetworkOptions, ImageParameters {
  /** Limits on the data read from an image, in bytes and counts. */
  limits?: Partial<ImageLimits>;
}

/** @internal */
export const openImageParameters: ParameterCheck = new ParameterCheck('openImage', {
  reference: things.reference,
  options: optionShapes<OpenImageOptions>(things.openImageOptions),
});

/**
 * Opens an image, reads its layers once and keeps the files that an inventory needs. Nothing is executed or unpacked to disk.
 *
 * @param reference - The image, in the syntax of the command line: `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE`,
 * `tar:FILE`, `dir:PATH`, `registry:HOST/NAME[:TAG|@DIGEST]`, `docker-daemon:NAME`, or a path or name whose kind is detected.
 * @returns The image. Close it when it is no longer needed. Its `files` are a read-only view of the files that an inventory
 * reads.
 * @throws {@link ScapfeedError} `IMAGE_REFERENCE_INVALID`, `IMAGE_NOT_FOUND`, `IMAGE_UNREACHABLE`, `IMAGE_MALFORMED`,
 * `IMAGE_DIGEST_MISMATCH`, `IMAGE_UNREADABLE`, `IMAGE_LIMIT_EXCEEDED`
 * @example
 * ```ts
 * import { openImage, readInventory } from 'scapfeed';
 *
 * const image = await openImage('dir:image', { signal: AbortSignal.timeout(60_000) });
 * try {
 *   const { os, packages } = readInventory(image);
 *   console.log(os?.id, packages.length); // debian 1
 * } finally {
 *   image.close();
 * }
 * ```
 */
export function openImage(reference: string, options: OpenImageOptions = {}): Promise<Image> {
  return run(openImageParameters, [reference, options], async (report) => {
    report(`reading ${reference}`);
    const wanted: Wanted = (path) => inventoryWanted(path) || descriptionWanted(path);
    return openFor(reference, options, wanted);
  });
}

/** @internal */
export const readInventoryParameters: ParameterCheck = new ParameterCheck('readInventory', {
  image: required(things.image),
});

/**
 * Reads an image's release, package databases and packages, and counts the packages of languages by ecosystem.
 *
 * @returns The inventory, as `scapfeed inventory -o json` prints it. If the image has no package database, `databases` is empty
 * and {@link judge} rejects the inventory.
 * @throws {@link ScapfeedError} `PACKAGE_DATABASE_UNREADABLE` when a database is damaged and its packages are not known
 * @example
 * ```ts
 * import { openImage, readInventory } from 'scapfeed';
 *
 * const image = await openImage('dir:image');
 * for (const { name, version, arch } of readInventory(image).packages) console.log(name, version, arch);
 * image.close();
 * ```
 */
export function readInventory(image: Image): Inventory {
  readInventoryParameters.check([image]);
  return wholeInventory(image);
}

/** The image that an SBOM describes, without files, and its inventory. */
export interface SbomContent {
  image: Image;
  inventory: Inventory;
}

/** Options of {@link readSbom}. */
export interface ReadSbomOptions extends RunOptions {
  /** The name of a document in memory in results and errors. Default: `upload`. */
  name?: string;
}

/** Decompressed; a document of 200 MB lists the files of a large image. */
const maxSbomBytes = 400 * 1024 * 1024;

/** @internal */
export const readSbomParameters: ParameterCheck = new ParameterCheck('readSbom', {
  document: required(either('the path of a file, or its bytes', text, bytesShape)),
  options: optionShapes<ReadSbomOptions>({ ...things.runOptions, name: text }),
});

/**
 * Reads an inventory from an SBOM: CycloneDX or SPDX in any of their encodings, Syft or Trivy JSON, or a scapfeed inventory. The
 * document may be compressed with gzip, xz, bzip2 or zstd.
 *
 * @param document - The path of a file, or the bytes of a document such as an upload; at most 400 MB decompressed.
 * @throws {@link ScapfeedError} `SBOM_MALFORMED`; `IMAGE_NOT_FOUND` when the path has no file; `IMAGE_LIMIT_EXCEEDED`;
 * `SOURCE_TOO_LARGE` and `SOURCE_MALFORMED` when decompression fails
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { readSbom } from 'scapfeed';
 *
 * const upload = await readFile('sbom.json');
 * const { inventory } = await readSbom(upload, { name: 'sbom.json' });
 * console.log(inventory.packages.map(({ name }) => name)); // [ 'libssl3' ]
 * ```
 */
export function readSbom(document: string | Uint8Array, options: ReadSbomOptions = {}): Promise<SbomContent> {
  return run(readSbomParameters, [document, options], async () => {
    const { name = 'upload' } = options;
    if (typeof document === 'string') return openSbom(document);
    const plain = decompress(piecesOf(document), { maxBytes: maxSbomBytes, where: name });
    const bytes = await readAll(plain, { maxBytes: maxSbomBytes, code: 'IMAGE_LIMIT_EXCEEDED', where: name });
    return readPlainSbom(bytes, name);
  });
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = 1 << 20;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Options for the wanted files of an image, and for images of which none is wanted. */
type Opening = Pick<
  ImageReadOptions,
  'wanted' | 'packageFiles' | 'ownerLists' | 'layers' | 'recall' | 'inspection'
>;

/** @internal Opens an image for what reads other files too. */
export function openFor(
  reference: string,
  options: OpenImageOptions,
  asked: Wanted | Opening,
  inspection?: Inspection,
): Promise<Image> {
  const { platform, limits, cacheFolder, ca, insecureRegistries } = options;
  return reachable(reference, () =>
    openAnyImage(reference, {
      places: inventoryPlaces(),
      companions: inventoryCompanions,
      packageFiles: inventoryPackageFile,
      ...(typeof asked === 'function' ? { wanted: asked } : asked),
      env: environment(options),
      registry: {
        cache: cacheFolder ?? false,
        ...(ca === undefined ? {} : { ca }),
        ...(insecureRegistries === undefined ? {} : { insecure: insecureRegistries }),
      },
      ...(platform === undefined ? {} : { platform }),
      ...(limits === undefined ? {} : { limits }),
      ...(inspection === undefined ? {} : { inspection }),
    }),
  );
}

/** @internal The options for opening an image, out of those of another function. */
export function openingOf(options: OpenImageOptions): OpenImageOptions {
  const names = Object.keys(things.openImageOptions);
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}

/** @internal The day of a result: the caller's, or today. */
export function timeOf({ now }: { now?: Date | undefined }): Date {
  return now ?? currentTime();
}

/** @internal Opens what commands take for an image: one, or the SBOM of one. */
export async function openSubject(reference: string, options: OpenImageOptions): Promise<SbomContent> {
  const file = await sbomFile(reference);
  if (file !== undefined) return openSbom(file);
  const image = await openImage(reference, options);
  try {
    return { image, inventory: readInventory(image) };
  } catch (error) {
    image.close();
    throw error;
  }
}

import type { LayerSource } from '../layers/layer-source.ts';

/** The files of an image archive by canonical path, whatever way its bytes come. */
export interface Archive {
  /** Name of the archive in errors. */
  where: string;
  has(path: string): boolean;
  /** A whole small file. Errors: IMAGE_LIMIT_EXCEEDED. */
  read(path: string, maxBytes: number): Promise<Buffer | undefined>;
  /** A layer's bytes; undefined: no such file. */
  open(path: string): Pick<LayerSource, 'open' | 'again'> | undefined;
}

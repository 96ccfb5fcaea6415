import type { LayerSource } from '../layers/layer-source.ts';

/** The files of an image archive by canonical path, whatever way its bytes come. */
export interface Archive {
  /** Name of the archive in errors. */
  where: string;
  /** It has directories that root file systems have and image archives do not: then a manifest.json in it means nothing. */
  readonly isRoot: boolean;
  has(path: string): boolean;
  /** A whole small file. Errors: IMAGE_LIMIT_EXCEEDED. */
  read(path: string, maxBytes: number): Promise<Buffer | undefined>;
  /** A layer's bytes; undefined: no such file. */
  open(path: string): Pick<LayerSource, 'open' | 'again'> | undefined;
}

/** What no image archive has at its top and every root file system has. */
export const rootDirectory =
  /^\/(bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(\/|$)/;

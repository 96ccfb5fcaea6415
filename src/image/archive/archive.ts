import type { StoredBytes } from '../layers/layer-source.ts';

/** The files of an image archive by canonical path, however its bytes are read. */
export interface Archive {
  /** Name of the archive in errors. */
  where: string;
  /** It has directories of a root file system, which image archives do not have: a manifest.json in it is then ignored. */
  readonly isRoot: boolean;
  has(path: string): boolean;
  /** A whole small file. Errors: IMAGE_LIMIT_EXCEEDED. */
  read(path: string, maxBytes: number): Promise<Buffer | undefined>;
  /** A layer's bytes; undefined: no such file. */
  open(path: string): StoredBytes | undefined;
}

/** Top-level directories of every root file system, which no image archive has. */
export const rootDirectory =
  /^\/(bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(\/|$)/;

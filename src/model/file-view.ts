import type { FileFormat } from './file-format.ts';
import type { InventoryNote, Layer } from './inventory.ts';

/** Random access to one file's bytes, so that a large database need not be held in memory. */
export interface RandomAccess {
  readonly size: number;
  /** Bytes from offset; shorter than length only at the end of the file. */
  read(offset: number, length: number): Buffer;
  /** The same to `at` in memory of the caller's, for who reads all of a large file; gives the number of bytes. */
  readInto?(target: Buffer, at: number, length: number, offset: number): number;
}

export interface FileStat {
  type: 'file' | 'directory' | 'symlink' | 'other';
  size: number;
  /** Permission bits with setuid, setgid and sticky (0o7777). */
  mode: number;
  uid: number;
  gid: number;
  /** Target as written, of a symlink. */
  target?: string;
  /** Time of last modification in seconds since the epoch, where the form of the image tells. */
  mtime?: number;
  /** Value of the attribute security.capability (struct vfs_cap_data), where a layer carries one. */
  capability?: Buffer;
  /** Extended attributes by name, as the layer carries them; undefined where the form of the image does not tell. */
  xattrs?: ReadonlyMap<string, Buffer>;
  /** Index of the layer that brought this entry. */
  layer: number;
}

/** Digests that package databases and checks speak of, by Node's names. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** One file as one layer brought it. */
export interface FileVersion {
  layer: number;
  content: RandomAccess;
}

/**
 * A read-only view of an image's files, as a container started from it would see them.
 * Paths are absolute, `/`-separated; links are followed inside the image only. Nothing is ever unpacked to disk.
 * A view made from layers holds the content of the paths it was asked for; `stat` and `list` know all paths.
 */
export interface FileView {
  readonly layers: readonly Layer[];
  /** Content of a regular file after following links; undefined: no such file. */
  open(path: string): RandomAccess | undefined;
  /** The same as a whole buffer, refused above maxBytes (IMAGE_LIMIT_EXCEEDED). */
  read(path: string, maxBytes?: number): Buffer | undefined;
  /** Entry names of a directory in code-unit order; empty when there is none. */
  list(path: string): string[];
  /** The entry itself; `follow` (default true) resolves a symlink first. */
  stat(path: string, follow?: boolean): FileStat | undefined;
  /** Every layer's version of a file, lowest first, also those hidden by upper layers. */
  history(path: string): FileVersion[];
  /**
   * Hex digest of a regular file's content, links followed. Undefined: there is no such file, or the digest was not
   * asked for when the layers went by.
   */
  digest(path: string, algorithm: DigestAlgorithm): string | undefined;
  /** Index of the layer whose whiteout took away what lower layers had at a path without links; of layers only. */
  removedBy?(path: string): number | undefined;
  /** What a regular file is by its first bytes, links followed; of layers, where it was asked for as digests are. */
  format(path: string): FileFormat | undefined;
}

/**
 * Which files' contents a reader must keep from the one pass over the layers.
 * Called with an absolute path in canonical form (links are not resolved here).
 */
export type Wanted = (path: string) => boolean;

/** What is computed of files while the layers go by, without their contents being kept. */
export interface Inspection {
  /** The files, by canonical path as `Wanted` has it. */
  files: Wanted;
  digests: readonly DigestAlgorithm[];
}

/** An image opened for reading. */
export interface Image {
  /** The reference in explicit form: `oci:DIR:tag`, `dir:PATH`. */
  reference: string;
  /** Digest of manifest or config, where the form has one. */
  digest?: string;
  architecture?: string;
  labels: Readonly<Record<string, string>>;
  env: readonly string[];
  files: FileView;
  /** What was left out or doubted while the image was read: names outside the root, links to nothing. */
  notes: readonly InventoryNote[];
  close(): void;
}

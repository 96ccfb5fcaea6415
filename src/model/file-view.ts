import type { FileFormat } from './file-format.ts';
import type { InventoryNote, Layer } from './inventory.ts';
import type { ProgramBuilder } from './program-builder.ts';

/** Random access to one file's bytes, so that a large database does not have to be held in memory. */
export interface RandomAccess {
  readonly size: number;
  /** Bytes from offset; shorter than length only at the end of the file. */
  read(offset: number, length: number): Buffer;
  /** Reads into `target` from index `at` on, without a new buffer, and returns the number of bytes read. */
  readInto?(target: Buffer, at: number, length: number, offset: number): number;
}

/** What an image says of one of its files. */
export interface FileStat {
  type: 'file' | 'directory' | 'symlink' | 'other';
  size: number;
  /** Permission bits with setuid, setgid and sticky (0o7777). */
  mode: number;
  uid: number;
  gid: number;
  /** Target as written, of a symlink. */
  target?: string;
  /** Time of last modification in seconds since the epoch, if the form of the image has it. */
  mtime?: number;
  /** Value of the attribute security.capability (struct vfs_cap_data), if a layer has one. */
  capability?: Buffer;
  /** Extended attributes by name, as in the layer; undefined if the form of the image has none. */
  xattrs?: ReadonlyMap<string, Buffer>;
  /** Index of the layer that added this entry. */
  layer: number;
}

/** Digest algorithms of package databases and checks, by Node's names. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** One layer's version of a file. */
export interface FileVersion {
  layer: number;
  content: RandomAccess;
}

/**
 * A read-only view of an image's files, as a container started from it would see them.
 * Paths are absolute, `/`-separated; links are followed inside the image only. Nothing is unpacked to disk.
 * A view of layers holds the content of the requested paths; `stat` and `list` know all paths.
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
  /** The path with all links resolved, also a last one; undefined if there is no file or a loop of links. */
  real(path: string): string | undefined;
  /** Every layer's version of a file, lowest first, also those hidden by upper layers. */
  history(path: string): FileVersion[];
  /**
   * Hex digest of a regular file's content, links followed. Undefined: there is no such file, or its digest was not
   * requested when the layers were read.
   */
  digest(path: string, algorithm: DigestAlgorithm): string | undefined;
  /** Index of the layer whose whiteout removed a path of lower layers; the path has no links. Layers only. */
  removedBy?(path: string): number | undefined;
  /** Format of a regular file by its first bytes, links followed; in layers only if it was requested, as for digests. */
  format(path: string): FileFormat | undefined;
  /** What built a program, links followed; in layers only of files that were asked for when they were read. */
  builder?(path: string): ProgramBuilder | undefined;
}

/**
 * Tells whether a reader keeps a file's content in its one pass over the layers.
 * Called with an absolute path in canonical form; links are not resolved.
 */
export type Wanted = (path: string) => boolean;

/** The same of a program that is searched for what built it. */
export type WantedProgram = (path: string, size: number) => boolean;

/** What is computed from files while the layers are read, without keeping their contents. */
export interface Inspection {
  /** The files, by canonical path as `Wanted` has it. */
  files: Wanted;
  digests: readonly DigestAlgorithm[];
}

/**
 * An image with its configuration, from which a container starts; a root file system, in a tar or a directory; or a document
 * about one of them, without files.
 */
export type ImageKind = 'image' | 'root-tar' | 'directory' | 'sbom';

/** An image opened for reading. */
export interface Image {
  kind: ImageKind;
  /** The reference in explicit form: `oci:DIR:tag`, `dir:PATH`. */
  reference: string;
  /** Digest of manifest or config, where the form has one. */
  digest?: string;
  architecture?: string;
  labels: Readonly<Record<string, string>>;
  env: readonly string[];
  files: FileView;
  /** Problems found while reading: names outside the root, links without a target. */
  notes: readonly InventoryNote[];
  /** Closes what is open of it; its files must not be read afterwards. */
  close(): void;
}

/** The view of what has layers and no file: an SBOM, or an inventory that was kept. */
export function noFiles(layers: readonly Layer[]): FileView {
  return {
    layers,
    open: () => undefined,
    read: () => undefined,
    list: () => [],
    stat: () => undefined,
    real: () => undefined,
    history: () => [],
    digest: () => undefined,
    format: () => undefined,
  };
}

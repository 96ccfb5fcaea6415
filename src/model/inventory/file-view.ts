import type { FileFormat } from './file-format.ts';
import type { InventoryNote, Layer, PackageFile } from './inventory.ts';

/** Random access to a file's bytes, so that a large database need not be held in memory. */
export interface RandomAccess {
  readonly size: number;
  /** Returns bytes from offset. The result is shorter than length only at the end of the file. */
  read(offset: number, length: number): Buffer;
  /** Reads into `target` from index `at` on, without a new buffer, and returns the number of bytes read. */
  readInto?(target: Buffer, at: number, length: number, offset: number): number;
}

/** An entry of a directory. */
export interface DirectoryEntry {
  name: string;
  type: FileStat['type'];
}

/** Metadata of a file in an image. */
export interface FileStat {
  type: 'file' | 'directory' | 'symlink' | 'other';
  size: number;
  /** Permission bits with setuid, setgid and sticky (0o7777). */
  mode: number;
  uid: number;
  gid: number;
  /** For a symlink: the target as written. */
  target?: string;
  /** Time of last modification in seconds since the epoch, if the image format records it. */
  mtime?: number;
  /** Value of the extended attribute security.capability (struct vfs_cap_data), if a layer has one. */
  capability?: Buffer;
  /** Extended attributes by name, as in the layer. Undefined if the image format has none. */
  xattrs?: ReadonlyMap<string, Buffer>;
  /** Index of the layer that added this entry. */
  layer: number;
}

/** Digest algorithms of package databases and checks, by their names in Node. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** One layer's version of a file. */
export interface FileVersion {
  layer: number;
  content: RandomAccess;
}

/**
 * A read-only view of an image's files, as a container started from it would see them. Paths are absolute and `/`-separated.
 * Links are followed only inside the image. Nothing is unpacked to disk. A view of layers has the content of the requested paths;
 * `stat` and `list` know all paths.
 */
export interface FileView {
  readonly layers: readonly Layer[];
  /** Files are read when they are requested, not in one pass over the layers. */
  readonly onRequest?: true;
  /** Returns the content of a regular file, following links, or `undefined` if it does not exist. */
  open(path: string): RandomAccess | undefined;
  /** Returns the same as one buffer. Throws `IMAGE_LIMIT_EXCEEDED` above maxBytes. */
  read(path: string, maxBytes?: number): Buffer | undefined;
  /**
   * Returns the content of a regular file in pieces, each valid until the next one is taken, and closes it after the last. Only on
   * request.
   */
  pieces?(path: string): Iterable<Buffer>;
  /** Returns the entry names of a directory in code-unit order, or an empty array if it does not exist. */
  list(path: string): string[];
  /** Returns the entries of a directory with their types, in code-unit order; links are not followed. Only on request. */
  entries?(path: string): DirectoryEntry[];
  /** Returns the entry at a path; with `follow` (default true), after resolving symlinks. */
  stat(path: string, follow?: boolean): FileStat | undefined;
  /** Returns the path with all links resolved, including the last component, or `undefined` if there is no file or a loop. */
  real(path: string): string | undefined;
  /** Returns every layer's version of a file, lowest first, including those hidden by upper layers. */
  history(path: string): FileVersion[];
  /**
   * Returns the hex digest of a regular file's content, following links. Returns `undefined` if the file does not exist or its
   * digest was not requested when the layers were read.
   */
  digest(path: string, algorithm: DigestAlgorithm): string | undefined;
  /**
   * Returns the index of the layer whose whiteout removed a path of lower layers. The path must not contain links. Only for
   * layers.
   */
  removedBy?(path: string): number | undefined;
  /**
   * Returns the format of a regular file by its first bytes, following links. In layers, only if it was requested, as for
   * digests.
   */
  format(path: string): FileFormat | undefined;
  /**
   * Returns the packages that a file names, following links. `layer`: as that layer left it. Only for layers, and the files that
   * were read for them.
   */
  packageFile?(path: string, layer?: number): PackageFile | undefined;
  /** Returns the paths of all files with such packages, in the order of layers and entries; `below`: of a folder. Only for layers. */
  packageFiles?(below?: string): Iterable<string>;
}

/**
 * Returns `true` if a reader keeps a file's content in its one pass over the layers.
 * Called with an absolute path in canonical form; links are not resolved.
 */
export type Wanted = (path: string) => boolean;

/** Facts that are computed from files while the layers are read, without keeping their contents. */
export interface Inspection {
  /** The files, by canonical path as `Wanted` has it. */
  files: Wanted;
  digests: readonly DigestAlgorithm[];
}

/**
 * The kind of an image: an image with its configuration, from which a container starts; a root file system in a tar or a
 * directory; or an SBOM of one, without files.
 */
export type ImageKind = 'image' | 'root-tar' | 'directory' | 'sbom';

/** An image opened for reading. */
export interface Image {
  kind: ImageKind;
  /** The reference in explicit form: `oci:DIR:tag`, `dir:PATH`. */
  reference: string;
  /** The argument that opens the image, where `reference` is not one: `sbom:-` for a document in memory. */
  place?: string;
  /** Digest of the manifest or configuration, if the image format has one. */
  digest?: string;
  architecture?: string;
  labels: Readonly<Record<string, string>>;
  /** Annotations of the manifest, if the image format has one. */
  annotations?: Readonly<Record<string, string>>;
  env: readonly string[];
  files: FileView;
  /** Problems found while reading: names outside the root, links without a target. */
  notes: readonly InventoryNote[];
  /** Closes the image's resources. Its files must not be read afterwards. */
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

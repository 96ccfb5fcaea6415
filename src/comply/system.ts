import type { FileView, InstalledPackage } from '../model/index.ts';

/** What an image's evaluation may look at. Nothing of it is executed or written. */
export interface ImageSystem {
  files: FileView;
  /** Environment of the image's configuration, `NAME=value`. */
  env: readonly string[];
  /** Of the image's configuration, in Go's words: `amd64`. */
  architecture?: string;
  /** Installed packages, read when a check first asks for them. */
  packages(): readonly InstalledPackage[];
  /** Files that rpm packages own, with what the package database says of each; absent: cannot be read. */
  packageFiles?(): Iterable<PackageFile>;
}

/** A file as its package's header describes it. */
export interface PackageFile {
  package: InstalledPackage;
  path: string;
  size: number;
  mode: number;
  user: string;
  group: string;
  /** Hex digest of a regular file and its algorithm in Node's words. */
  digest?: { algorithm: string; value: string };
  linkTarget?: string;
  mtime: number;
  config: boolean;
  documentation: boolean;
  ghost: boolean;
  license: boolean;
  readme: boolean;
}

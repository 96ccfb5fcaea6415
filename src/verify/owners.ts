import { posix } from 'node:path';
import { unreadable } from '../files/unreadable.ts';
import type { FileView } from '../model/index.ts';
import { maxOwnedPaths } from './limits.ts';
import type { PackagedFile } from './packaged-file.ts';

/** A path of the image with the packages that own it. */
export interface OwnedPath {
  path: string;
  owners: PackagedFile[];
  /** There is a file at the path. */
  found: boolean;
}

/**
 * Tells which packages own a path. Packages name files by paths through links (`/bin/sh`, where `/bin` is a link to
 * `usr/bin` on merged systems); each is stored under its resolved path.
 */
export class Owners {
  #files: FileView;
  #paths = new Map<string, OwnedPath>();
  #limit: number;
  #count = 0;
  #directories = new Map<string, string>();

  constructor(files: FileView, limit = maxOwnedPaths) {
    this.#files = files;
    this.#limit = limit;
  }

  /** @throws PACKAGE_DATABASE_UNREADABLE if packages own more than maxOwnedPaths paths */
  add(file: PackagedFile): void {
    this.#count += 1;
    if (this.#count > this.#limit) {
      throw unreadable(file.package, `expected at most ${this.#limit} paths of packages, found more`);
    }
    const path = this.#standing(file.path);
    const owned = this.#paths.get(path);
    if (owned) owned.owners.push(file);
    else this.#paths.set(path, { path, owners: [file], found: false });
  }

  /** Looks up a path whose parent directories are not links. */
  of(path: string): OwnedPath | undefined {
    return this.#paths.get(path);
  }

  /** All owned paths, in the order of the databases. */
  all(): Iterable<OwnedPath> {
    return this.#paths.values();
  }

  /** Resolves links in the parent directories, not in the last name. */
  #standing(path: string): string {
    const normal = /\/(?:\.|\/|$)/.test(path) ? posix.resolve('/', path) : path;
    const slash = normal.lastIndexOf('/');
    if (slash <= 0) return normal;
    const real = this.#realDirectory(normal.slice(0, slash));
    return real === '/' ? normal.slice(slash) : real + normal.slice(slash);
  }

  /** Of a directory that is gone, where it would stand. */
  #realDirectory(directory: string): string {
    let real = this.#directories.get(directory);
    if (real === undefined) {
      real = this.#files.real(directory) ?? this.#standing(directory);
      this.#directories.set(directory, real);
    }
    return real;
  }
}

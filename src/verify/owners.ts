import { posix } from 'node:path';
import { realPath } from '../files/real-path.ts';
import { unreadable } from '../files/unreadable.ts';
import type { FileView } from '../model/index.ts';
import { maxOwnedPaths } from './limits.ts';
import type { PackagedFile } from './packaged-file.ts';

/** A path of the image with the packages that own it. */
export interface OwnedPath {
  path: string;
  owners: PackagedFile[];
  /** Something stands there. */
  found: boolean;
}

/**
 * Who owns which path. Packages name files by paths through links (`/bin/sh` where `/bin` leads to `usr/bin`, as merged
 * systems have it): each is kept where it really stands.
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

  /** Errors: PACKAGE_DATABASE_UNREADABLE where packages own more paths than any system has. */
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

  /** `path` without links on its way. */
  of(path: string): OwnedPath | undefined {
    return this.#paths.get(path);
  }

  /** In the order in which the databases name them. */
  all(): Iterable<OwnedPath> {
    return this.#paths.values();
  }

  /** Links on the way are followed, the last name is not. */
  #standing(path: string): string {
    const normal = /\/(?:\.|\/|$)/.test(path) ? posix.resolve('/', path) : path;
    const slash = normal.lastIndexOf('/');
    if (slash <= 0) return normal;
    const directory = normal.slice(0, slash);
    let real = this.#directories.get(directory);
    if (real === undefined) {
      real = realPath(this.#files, directory) ?? directory;
      this.#directories.set(directory, real);
    }
    return real === '/' ? normal.slice(slash) : real + normal.slice(slash);
  }
}

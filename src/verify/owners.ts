import { posix } from 'node:path';
import { textLines } from '../files/text.ts';
import { unreadable } from '../files/unreadable.ts';
import type { FileStat, FileView } from '../model/inventory/index.ts';
import type { UnverifiedReason } from '../model/verdict/index.ts';
import { maxOwnedPaths, maxTableBytes } from './limits.ts';

export const accountPaths = ['/etc/passwd', '/etc/group'] as const;

/** Names of users and groups by their numbers, from the image's own files. */
interface Accounts {
  user(uid: number): string;
  group(gid: number): string;
}

export function readAccounts(files: FileView): Accounts {
  const [users, groups] = accountPaths.map((path) => namesIn(files.read(path, maxTableBytes)));
  return {
    // rpm uses these names without looking them up (lib/rpmug.c).
    user: (uid) => (uid === 0 ? 'root' : (users?.get(uid) ?? String(uid))),
    group: (gid) => (gid === 0 ? 'root' : (groups?.get(gid) ?? String(gid))),
  };
}

/** `name:password:number:…`; the first line of a number counts (getpwuid(3)). */
function namesIn(content: Buffer | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of content ? textLines(content) : []) {
    const [name = '', , number = ''] = line.split(':');
    if (/^\d+$/.test(number) && !names.has(Number(number))) names.set(Number(number), name);
  }
  return names;
}

/** A path of the image with the packages that own it. */
export interface OwnedPath {
  path: string;
  owners: PackagedFile[];
  /** There is a file at the path. */
  found: boolean;
}

/**
 * Looks up the packages that own a path. Packages name files by paths through links (`/bin/sh`, where `/bin` is a link to
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

/** The result of comparing the file at a path with what its package says. */
export interface Comparison {
  /** Differences of content, type or link target, in words: `digest`. */
  content: readonly string[];
  /** Differences of mode and owner, in words: `mode 0755, packaged 0644`. */
  attributes: readonly string[];
  /** The content was compared with a digest. */
  compared: boolean;
  /** Why it was not compared although it has content. */
  unverified?: UnverifiedReason;
}

/** The parts of an image that a comparison reads. */
export interface ImageFacts {
  files: FileView;
  accounts: Accounts;
}

/** A path as its package describes it, from any database. */
export interface PackagedFile {
  readonly package: string;
  /** The package's name for it, with diversions applied; links in the image are not resolved. */
  readonly path: string;
  readonly class: 'plain' | 'config' | 'documentation';
  /** True if it may be absent: not installed, a ghost, an obsolete configuration file. */
  readonly optional: boolean;
  /** True for a directory, a link or an unknown type: dpkg lists only paths, and digests of regular files. */
  readonly undescribed: boolean;
  /** Mode with type bits, if the database records modes. */
  readonly mode?: number;
  /** `cap_net_raw=p`, as the packager wrote them. */
  readonly capabilities?: string;
  compare(found: FileStat, facts: ImageFacts): Comparison;
}

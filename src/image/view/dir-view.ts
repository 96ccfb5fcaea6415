import { createHash } from 'node:crypto';
import {
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { ScapfeedError } from '../../model/error.ts';
import {
  type DigestAlgorithm,
  type DirectoryEntry,
  type FileFormat,
  type FileStat,
  type FileVersion,
  type FileView,
  fileFormat,
  formatBytes,
  type Layer,
  type RandomAccess,
} from '../../model/inventory/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { defaultReadBytes, readWhole } from '../layers/layered-view.ts';
import type { ImageLimits } from '../limits.ts';
import { BufferAccess, FileAccess } from './file-access.ts';
import { followLinks, type LinkTree } from './follow-links.ts';

/** Memory for one piece after the other of whatever file is hashed. */
const piece = Buffer.allocUnsafeSlow(256 * 1024);

/** Hex digest of a file's content. */
function digestOf(file: FileAccess, algorithm: DigestAlgorithm): string {
  const hash = createHash(algorithm);
  for (let at = 0; at < file.size; ) {
    const length = file.readInto(piece, 0, Math.min(piece.length, file.size - at), at);
    if (length === 0) break;
    hash.update(piece.subarray(0, length));
    at += length;
  }
  return hash.digest('hex');
}

/** Of most files the beginning decides. */
const firstPortion = 64 << 10;
const portion = 256 << 10;

/** Bytes that are cheaper in memory than as an open descriptor: pacman and Portage have files of their own for each package. */
const smallFile = 64 << 10;

/** A machine's own root has millions of files. */
const maxStats = 100_000;

/**
 * A root file system in a directory, read where it is asked for. Links are followed by ourselves, so that an absolute
 * one starts at this root and none leads out of it; every path that is opened is free of links. Places are paths below
 * the root, which itself is '': none can be above it.
 */
export class DirView implements FileView {
  readonly layers: readonly Layer[] = [{}];
  readonly onRequest = true;
  /** Given by the user, and thus followed if it is a link. '' for the root of this machine. */
  #root: string;
  /** Where the root really lies. */
  #realRoot: string;
  #limits: Readonly<ImageLimits>;
  #open: FileAccess[] = [];
  /** Each part of a path is asked about several times, and most of what is looked for is not there. */
  #stats = new Map<string, Stats | undefined>();
  #tree: LinkTree<string> = {
    root: '',
    parent: (place) => place.slice(0, place.lastIndexOf('/')),
    child: (directory, name) => (this.#statOf(`${directory}/${name}`) ? `${directory}/${name}` : undefined),
    isDirectory: (place) => this.#statOf(place)?.isDirectory() ?? false,
    target: (place) => (this.#statOf(place)?.isSymbolicLink() ? this.#targetOf(place) : undefined),
  };

  constructor(root: string, limits: Readonly<ImageLimits>) {
    this.#root = root.replace(/\/+$/, '');
    this.#limits = limits;
    this.#realRoot = (this.#at('', (host) => realpathSync(host)) ?? '').replace(/\/$/, '');
  }

  open(path: string): RandomAccess | undefined {
    const file = this.#openAt(path);
    if (!file) return undefined;
    if (file.size <= smallFile) return new BufferAccess(closing(file, () => file.read(0, file.size)));
    this.#open.push(file);
    return file;
  }

  /** Path on this machine of a regular file, links followed; undefined: there is none. */
  placeOfFile(path: string): string | undefined {
    const place = this.#findFile(path);
    return place === undefined ? undefined : this.#host(place);
  }

  read(path: string, maxBytes = defaultReadBytes): Buffer | undefined {
    return this.#once(path, (file) => readWhole(file, path, maxBytes));
  }

  *pieces(path: string): Generator<Buffer> {
    const file = this.#openAt(path);
    if (!file) return;
    try {
      const first = file.read(0, firstPortion);
      yield first;
      if (file.size <= first.length) return;
      const piece = Buffer.allocUnsafeSlow(Math.min(portion, file.size - first.length));
      for (let at = first.length; at < file.size; at += piece.length) {
        const read = file.readInto(piece, 0, piece.length, at);
        if (read === 0) return;
        yield piece.subarray(0, read);
      }
    } finally {
      file.close();
    }
  }

  list(path: string): string[] {
    const place = this.#find(path, true);
    if (place === undefined || !this.#statOf(place)?.isDirectory()) return [];
    return this.#at(place, (host) => readdirSync(host).sort()) ?? [];
  }

  stat(path: string, follow = true): FileStat | undefined {
    const place = this.#find(path, follow);
    const stats = place === undefined ? undefined : this.#statOf(place);
    if (place === undefined || !stats) return undefined;
    const target = stats.isSymbolicLink() ? this.#targetOf(place) : undefined;
    return {
      type: typeOf(stats),
      size: stats.size,
      mode: stats.mode & 0o7777,
      uid: stats.uid,
      gid: stats.gid,
      mtime: Math.floor(stats.mtimeMs / 1000),
      ...(target !== undefined && { target }),
      layer: 0,
    };
  }

  real(path: string): string | undefined {
    const place = this.#find(path, true);
    return place === '' ? '/' : place;
  }

  history(path: string): FileVersion[] {
    const content = this.open(path);
    return content ? [{ layer: 0, content }] : [];
  }

  digest(path: string, algorithm: DigestAlgorithm): string | undefined {
    return this.#once(path, (file) => digestOf(file, algorithm));
  }

  format(path: string): FileFormat | undefined {
    return this.#once(path, (file) => fileFormat(file.read(0, formatBytes)));
  }

  entries(path: string): DirectoryEntry[] {
    // Of a million folders none is asked about twice. A link that took one's place shows names; what is opened is checked.
    const place = path === '/' ? '' : path;
    const found = this.#at(place, (host) => readdirSync(host, { withFileTypes: true })) ?? [];
    return found
      .map((entry): DirectoryEntry => ({ name: entry.name, type: typeOf(entry) }))
      .sort((a, b) => compareCodeUnits(a.name, b.name));
  }

  close(): void {
    for (const file of this.#open.splice(0)) file.close();
  }

  /** Opens a file for one use. */
  #once<Result>(path: string, use: (file: FileAccess) => Result): Result | undefined {
    const file = this.#openAt(path);
    return file && closing(file, () => use(file));
  }

  /** An open file that the caller closes. */
  #openAt(path: string): FileAccess | undefined {
    const place = this.#findFile(path);
    return place === undefined ? undefined : this.#openFile(place);
  }

  #findFile(path: string): string | undefined {
    const place = this.#find(path, true);
    return place !== undefined && this.#statOf(place)?.isFile() ? place : undefined;
  }

  #find(path: string, last: boolean): string | undefined {
    return followLinks(this.#tree, path, { last, maxLinks: this.#limits.links });
  }

  #statOf(place: string): Stats | undefined {
    if (this.#stats.has(place)) return this.#stats.get(place);
    const stats = this.#at(place, (host) => lstatSync(host, { throwIfNoEntry: false }));
    if (this.#stats.size >= maxStats) this.#stats.clear();
    this.#stats.set(place, stats);
    return stats;
  }

  #targetOf(place: string): string | undefined {
    return this.#at(place, (host) => readlinkSync(host));
  }

  /** A pipe or device that took the file's place in the meantime neither blocks nor is read; a link is not followed. */
  #openFile(place: string): FileAccess | undefined {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const descriptor = this.#at(place, (host) => openSync(host, flags));
    if (descriptor === undefined) return undefined;
    const stats = fstatSync(descriptor);
    const file = new FileAccess(descriptor, stats.size);
    const real = realPlace(descriptor);
    if (stats.isFile() && (real === undefined || this.#isHere(real, place))) return file;
    file.close();
    if (!stats.isFile()) return undefined;
    throw new ScapfeedError({
      code: 'IMAGE_MALFORMED',
      message: `expected a file system that does not change, found a directory replaced by a link while it was read`,
      where: this.#host(place),
      remedy: 'stop the process that changes it, or read a copy',
    });
  }

  /** Whether a file that was opened at a place really lies there: a directory above it may be a link by now. */
  #isHere(real: string, place: string): boolean {
    const here = this.#realRoot + place;
    return real === here || real === `${here} (deleted)`;
  }

  #host(place: string): string {
    return `${this.#root}${place === '' ? '/' : place}`;
  }

  #at<Result>(place: string, act: (host: string) => Result): Result | undefined {
    const host = this.#host(place);
    return withPlace(host, () => act(host));
  }
}

function closing<Result>(file: FileAccess, use: () => Result): Result {
  try {
    return use();
  } finally {
    file.close();
  }
}

/** Path of an open file, where the system has it: Linux with /proc. */
function realPlace(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}

const nothingThere: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL']);

/** Undefined if there is no file. A file that cannot be read is an error: it must not look like a missing one. */
function withPlace<Result>(place: string, act: () => Result): Result | undefined {
  try {
    return act();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (nothingThere.has(code)) return undefined;
    throw new ScapfeedError({
      code: 'IMAGE_UNREADABLE',
      message: `expected to read the file system, found ${error instanceof Error ? error.message : error}`,
      where: place,
      remedy: 'run as a user who may read all of this root file system',
      cause: error,
    });
  }
}

function typeOf(stats: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileStat['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

/** The file at a path of the host, links followed; undefined if there is none or it cannot be accessed. */
export function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** A name of an archive as an absolute path without `.`, `..` and empty parts. */
interface CanonicalPath {
  path: string;
  /** The name pointed above the root; it was held at the root, as container engines do. */
  escaped: boolean;
}

/** `./usr//bin/` -> `/usr/bin`, `../../etc/x` -> `/etc/x` (escaped). */
export function canonicalPath(name: string): CanonicalPath {
  const plain = plainPath(name);
  if (plain !== undefined) return { path: plain, escaped: false };
  const parts: string[] = [];
  let escaped = false;
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) escaped = true;
  }
  return { path: `/${parts.join('/')}`, escaped };
}

/** The usual forms `usr/bin`, `./usr/bin` and `usr/bin/` without taking the name apart. */
function plainPath(name: string): string | undefined {
  const start = name.startsWith('./') ? 2 : name.startsWith('/') ? 1 : 0;
  const end = name.endsWith('/') ? name.length - 1 : name.length;
  if (end <= start) return undefined;
  const path = `/${name.slice(start, end)}`;
  return path.includes('//') || path.includes('/.') ? undefined : path;
}

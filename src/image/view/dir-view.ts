import { constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import {
  type DigestAlgorithm,
  type FileFormat,
  type FileStat,
  type FileVersion,
  type FileView,
  fileFormat,
  formatBytes,
  type Layer,
  ScapfeedError,
} from '../../model/index.ts';
import { defaultReadBytes, readWhole } from '../layers/layered-view.ts';
import type { ImageLimits } from '../limits.ts';
import { digestOf } from './digest-of.ts';
import { FileAccess } from './file-access.ts';
import { followLinks, type LinkTree } from './follow-links.ts';

/**
 * A root file system in a directory, read where it is asked for. Links are followed by ourselves, so that an absolute
 * one starts at this root and none leads out of it; every path that is opened is free of links.
 */
export class DirView implements FileView {
  readonly layers: readonly Layer[] = [{}];
  #tree: LinkTree<string>;
  #limits: Readonly<ImageLimits>;
  #open: FileAccess[] = [];
  /** Each part of a path is asked about several times, and most of what is looked for is not there. */
  #stats = new Map<string, Stats | undefined>();

  constructor(root: string, limits: Readonly<ImageLimits>) {
    this.#limits = limits;
    this.#tree = linkTree(root, (place) => this.#statOf(place));
  }

  open(path: string): FileAccess | undefined {
    const place = this.#find(path, true);
    if (place === undefined || !this.#statOf(place)?.isFile()) return undefined;
    const file = openFile(place);
    if (file) this.#open.push(file);
    return file;
  }

  read(path: string, maxBytes = defaultReadBytes): Buffer | undefined {
    return this.#once(path, (file) => readWhole(file, path, maxBytes));
  }

  list(path: string): string[] {
    const place = this.#find(path, true);
    if (place === undefined || !this.#statOf(place)?.isDirectory()) return [];
    return withPlace(place, () => readdirSync(place).sort()) ?? [];
  }

  stat(path: string, follow = true): FileStat | undefined {
    const place = this.#find(path, follow);
    const stats = place === undefined ? undefined : this.#statOf(place);
    if (place === undefined || !stats) return undefined;
    const target = stats.isSymbolicLink() ? readlinkSync(place) : undefined;
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

  close(): void {
    for (const file of this.#open.splice(0)) file.close();
  }

  /** Opens a file for one use. */
  #once<Result>(path: string, use: (file: FileAccess) => Result): Result | undefined {
    const file = this.open(path);
    if (!file) return undefined;
    try {
      return use(file);
    } finally {
      this.#open.pop()?.close();
    }
  }

  #statOf(place: string): Stats | undefined {
    if (this.#stats.has(place)) return this.#stats.get(place);
    const stats = statOf(place);
    this.#stats.set(place, stats);
    return stats;
  }

  #find(path: string, last: boolean): string | undefined {
    return followLinks(this.#tree, path, { last, maxLinks: this.#limits.links });
  }
}

/** Nodes are paths on the host whose parents are no links. */
function linkTree(root: string, statOf: (place: string) => Stats | undefined): LinkTree<string> {
  return {
    root,
    parent: (node) => (node === root ? root : dirname(node)),
    child: (directory, name) => {
      const place = directory.endsWith('/') ? directory + name : `${directory}/${name}`;
      return statOf(place) ? place : undefined;
    },
    isDirectory: (node) => statOf(node)?.isDirectory() ?? false,
    target: (node) => (statOf(node)?.isSymbolicLink() ? readlinkSync(node) : undefined),
  };
}

/** A pipe or device that took the file's place in the meantime neither blocks nor is read; a link is not followed. */
function openFile(place: string): FileAccess | undefined {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = withPlace(place, () => openSync(place, flags));
  if (descriptor === undefined) return undefined;
  const stats = fstatSync(descriptor);
  const file = new FileAccess(descriptor, stats.size);
  if (stats.isFile()) return file;
  file.close();
  return undefined;
}

function statOf(place: string): Stats | undefined {
  return withPlace(place, () => lstatSync(place, { throwIfNoEntry: false }));
}

const nothingThere: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL']);

/** Undefined where nothing stands. What may not be read is an error: it must not look like an image without it. */
function withPlace<Result>(place: string, act: () => Result): Result | undefined {
  try {
    return act();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (nothingThere.has(code)) return undefined;
    throw new ScapfeedError({
      code: 'IMAGE_MALFORMED',
      message: `expected to read the file system, found ${error instanceof Error ? error.message : error}`,
      where: place,
      remedy: 'run as a user who may read all of this root file system',
      cause: error,
    });
  }
}

function typeOf(stats: Stats): FileStat['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

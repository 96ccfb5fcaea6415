import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { join, posix } from 'node:path';
import {
  type FileStat,
  type FileView,
  fileFormat,
  type RandomAccess,
} from '../../src/model/inventory/index.ts';

/** A directory on disk seen as an image: for tests that must not depend on the readers of images. */
export function dirView(root: string): FileView {
  const resolve = (path: string): string | undefined => resolveLinks(root, path);
  return {
    layers: [],
    open(path) {
      const real = resolve(path);
      if (real === undefined || !lstatOf(root, real)?.isFile()) return undefined;
      return randomAccess(join(root, real));
    },
    read(path) {
      const real = resolve(path);
      return real !== undefined && lstatOf(root, real)?.isFile() ? readFileSync(join(root, real)) : undefined;
    },
    list(path) {
      const real = resolve(path);
      return real !== undefined && lstatOf(root, real)?.isDirectory()
        ? readdirSync(join(root, real)).sort()
        : [];
    },
    stat(path, follow = true) {
      const real = follow ? resolve(path) : resolveParent(root, path);
      return real === undefined ? undefined : statOf(root, real);
    },
    real: resolve,
    history: () => [],
    digest: (path, algorithm) => {
      const real = resolve(path);
      if (real === undefined || !lstatOf(root, real)?.isFile()) return undefined;
      return createHash(algorithm)
        .update(readFileSync(join(root, real)))
        .digest('hex');
    },
    format: (path) => {
      const real = resolve(path);
      if (real === undefined || !lstatOf(root, real)?.isFile()) return undefined;
      return fileFormat(readFileSync(join(root, real)));
    },
  };
}

const maxLinks = 40;

function resolveLinks(root: string, path: string, budget = { links: maxLinks }): string | undefined {
  let done = '/';
  for (const part of path.split('/').filter((each) => each !== '' && each !== '.')) {
    if (part === '..') {
      done = posix.dirname(done);
      continue;
    }
    const next = posix.join(done, part);
    const stat = lstatOf(root, next);
    if (!stat) return undefined;
    if (!stat.isSymbolicLink()) {
      done = next;
      continue;
    }
    budget.links -= 1;
    if (budget.links < 0) return undefined;
    const target = readlinkSync(join(root, next));
    const resolved = resolveLinks(root, target.startsWith('/') ? target : `${done}/${target}`, budget);
    if (resolved === undefined) return undefined;
    done = resolved;
  }
  return done;
}

function resolveParent(root: string, path: string): string | undefined {
  const normal = posix.normalize(path);
  if (normal === '/') return '/';
  const parent = resolveLinks(root, posix.dirname(normal));
  return parent === undefined ? undefined : posix.join(parent, posix.basename(normal));
}

function lstatOf(root: string, path: string): ReturnType<typeof lstatSync> | undefined {
  return lstatSync(join(root, path), { throwIfNoEntry: false });
}

function statOf(root: string, path: string): FileStat | undefined {
  const stat = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (!stat) return undefined;
  const type = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return {
    type,
    size: stat.size,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    mtime: Math.floor(stat.mtimeMs / 1000),
    layer: 0,
    ...(type === 'symlink' ? { target: readlinkSync(join(root, path)) } : {}),
  };
}

function randomAccess(path: string): RandomAccess {
  const descriptor = openSync(path, 'r');
  const { size } = fstatSync(descriptor);
  closeSync(descriptor);
  return {
    size,
    read(offset, length) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      const file = openSync(path, 'r');
      readSync(file, buffer, 0, buffer.length, offset);
      closeSync(file);
      return buffer;
    },
  };
}

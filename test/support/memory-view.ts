import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ScapfeedError } from '../../src/model/error.ts';
import {
  type FileStat,
  type FileVersion,
  type FileView,
  fileFormat,
  type RandomAccess,
} from '../../src/model/inventory/index.ts';

/** A file's content, `{ link }` for a symbolic link, or null for a whiteout. */
export type MemoryEntry = string | Buffer | RandomAccess | { link: string } | null;

/** Paths to entries, as one layer brings them. */
export type MemoryLayer = Readonly<Record<string, MemoryEntry>>;

interface Placed {
  entry: Exclude<MemoryEntry, null>;
  layer: number;
}

const maxLinks = 40;

/** A file view of layers given as plain objects, lowest first: for tests of what reads views, not of layer rules. */
export function memoryView(...layers: MemoryLayer[]): FileView {
  const merged = mergeLayers(layers);

  function resolve(path: string, follow = true): string | undefined {
    let at = '/';
    let rest = path.split('/').filter((name) => name !== '');
    for (let links = 0; rest.length > 0; ) {
      const [name, ...tail] = rest as [string, ...string[]];
      const next = posix.join(at, name);
      const entry = merged.get(next)?.entry;
      if (isLink(entry) && (follow || tail.length > 0)) {
        links += 1;
        if (links > maxLinks) return undefined;
        rest = [...entry.link.split('/').filter((part) => part !== ''), ...tail];
        at = entry.link.startsWith('/') ? '/' : at;
      } else {
        at = next;
        rest = tail;
      }
    }
    return at;
  }

  function place(path: string, follow = true): { path: string; placed: Placed | undefined } | undefined {
    const real = resolve(path, follow);
    return real === undefined ? undefined : { path: real, placed: merged.get(real) };
  }

  function childrenOf(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`;
    const names = [...merged.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length).split('/')[0]!);
    return [...new Set(names)].sort();
  }

  function open(path: string): RandomAccess | undefined {
    const entry = place(path)?.placed?.entry;
    return entry === undefined || isLink(entry) ? undefined : access(entry);
  }

  function stat(path: string, follow = true): FileStat | undefined {
    const found = place(path, follow);
    if (!found) return undefined;
    const { placed } = found;
    const common = { mode: 0o644, uid: 0, gid: 0, layer: placed?.layer ?? 0 };
    if (!placed) {
      return childrenOf(found.path).length > 0 ? { ...common, type: 'directory', size: 0 } : undefined;
    }
    if (isLink(placed.entry)) return { ...common, type: 'symlink', size: 0, target: placed.entry.link };
    return { ...common, type: 'file', size: access(placed.entry).size };
  }

  return {
    layers: layers.map((_, index) => ({ diffId: `sha256:${String(index).padStart(64, '0')}` })),
    open,
    stat,
    read(path, maxBytes = 16 << 20) {
      const content = open(path);
      if (content && content.size > maxBytes) {
        throw new ScapfeedError({
          code: 'IMAGE_LIMIT_EXCEEDED',
          message: `expected at most ${maxBytes} bytes, found ${content.size}`,
          where: path,
        });
      }
      return content?.read(0, content.size);
    },
    list(path) {
      const real = resolve(path);
      return real === undefined ? [] : childrenOf(real);
    },
    real(path) {
      const real = resolve(path);
      return real !== undefined && stat(real, false) ? real : undefined;
    },
    digest(path, algorithm) {
      const content = open(path);
      return content && createHash(algorithm).update(content.read(0, content.size)).digest('hex');
    },
    format(path) {
      const content = open(path);
      return content && fileFormat(content.read(0, content.size));
    },
    history(path) {
      const real = resolve(path);
      return layers.flatMap((layer, index): FileVersion[] => {
        const entry = real === undefined ? undefined : layer[real];
        return entry === undefined || entry === null || isLink(entry)
          ? []
          : [{ layer: index, content: access(entry) }];
      });
    },
  };
}

/** Everything below a folder of the test data, as one layer. */
export function folderLayer(root: string, at = '/'): MemoryLayer {
  return Object.assign(
    {},
    ...readdirSync(root, { withFileTypes: true }).map((entry): MemoryLayer => {
      const from = join(root, entry.name);
      const to = posix.join(at, entry.name);
      if (entry.isSymbolicLink()) return { [to]: { link: readlinkSync(from) } };
      if (entry.isDirectory()) return folderLayer(from, to);
      return entry.isFile() ? { [to]: readFileSync(from) } : {};
    }),
  );
}

/** Bytes as the reader of a view sees them. */
export function access(content: string | Buffer | RandomAccess): RandomAccess {
  if (typeof content !== 'string' && !Buffer.isBuffer(content)) return content;
  const bytes = Buffer.from(content);
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

function mergeLayers(layers: readonly MemoryLayer[]): Map<string, Placed> {
  const merged = new Map<string, Placed>();
  for (const [layer, entries] of layers.entries()) {
    for (const [path, entry] of Object.entries(entries)) {
      if (entry === null) merged.delete(path);
      else merged.set(path, { entry, layer });
    }
  }
  return merged;
}

function isLink(entry: unknown): entry is { link: string } {
  return typeof entry === 'object' && entry !== null && 'link' in entry;
}

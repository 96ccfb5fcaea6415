import { createHash } from 'node:crypto';
import type { TarType } from '../../io/tar/format.ts';
import { ScapfeedError } from '../../model/error.ts';
import type {
  DigestAlgorithm,
  FileFormat,
  FileStat,
  FileVersion,
  FileView,
  Layer,
  PackageFile,
  RandomAccess,
  Wanted,
} from '../../model/inventory/index.ts';
import { BufferAccess } from '../view/file-access.ts';
import { followLinks } from '../view/follow-links.ts';
import type { EntryPlace, MergedLayers } from './merged-layers.ts';
import { rootNode } from './path-tree.ts';

/** Default size limit of `read`. */
export const defaultReadBytes = 64 * 1024 * 1024;

const noXattrs: ReadonlyMap<string, Buffer> = new Map();

/** Mode of implicit directories. */
const impliedMode = 0o755;

/** The files of an image made of layers. */
export class LayeredView implements FileView {
  readonly layers: readonly Layer[];
  #merged: MergedLayers;
  #maxLinks: number;
  #wanted: Wanted;
  #versions: Map<number, FileVersion[]> | undefined;
  /** The path without links that was listed last, and its node: whoever lists paths asks several things about each. */
  #listed = { path: '', node: rootNode };

  /** `wanted`: which contents were kept when the layers were read. */
  constructor(layers: readonly Layer[], merged: MergedLayers, maxLinks: number, wanted: Wanted) {
    this.#wanted = wanted;
    this.layers = layers;
    this.#merged = merged;
    this.#maxLinks = maxLinks;
  }

  /** Errors: IMAGE_MALFORMED when the file could not be kept, INTERNAL when it was not asked for. */
  open(path: string): RandomAccess | undefined {
    const entry = this.place(path);
    if (!entry) return undefined;
    const content = this.#table(entry).contents.get(entry.index);
    if (content === undefined) throw this.#notKept(path, entry);
    return new BufferAccess(content);
  }

  read(path: string, maxBytes = defaultReadBytes): Buffer | undefined {
    const file = this.open(path);
    return file && readWhole(file, path, maxBytes);
  }

  list(path: string): string[] {
    const node = this.#find(path, true);
    if (node === undefined || !this.#merged.isDirectory(node)) return [];
    return [...this.#merged.children(node)].map((child) => this.#merged.tree.name(child)).sort();
  }

  stat(path: string, follow = true): FileStat | undefined {
    const node = this.#find(path, follow);
    if (node === undefined) return undefined;
    const placed = this.#merged.entry(node);
    const entry = this.#merged.content(node);
    if (!placed) return undefined;
    if (!entry) return { type: 'directory', size: 0, mode: impliedMode, uid: 0, gid: 0, layer: placed.layer };
    const table = this.#table(entry);
    const target = this.#merged.target(node);
    const mtime = table.mtime(entry.index);
    const xattrs = table.xattrs.get(entry.index) ?? noXattrs;
    const capability = xattrs.get('security.capability');
    return {
      type: statTypes[table.type(entry.index)],
      size: target === undefined ? table.size(entry.index) : Buffer.byteLength(target),
      mode: table.mode(entry.index),
      uid: table.uid(entry.index),
      gid: table.gid(entry.index),
      ...(!Number.isNaN(mtime) && { mtime }),
      ...(capability && { capability }),
      xattrs,
      ...(target !== undefined && { target }),
      layer: placed.layer,
    };
  }

  real(path: string): string | undefined {
    const node = this.#find(path, true);
    return node === undefined ? undefined : this.#merged.tree.path(node);
  }

  history(path: string): FileVersion[] {
    const node = this.#find(path, true);
    if (node === undefined) return [];
    this.#versions ??= this.#collectVersions();
    return this.#versions.get(node) ?? [];
  }

  digest(path: string, algorithm: DigestAlgorithm): string | undefined {
    const entry = this.place(path);
    if (!entry) return undefined;
    const { inspected, contents } = this.#table(entry);
    const kept = contents.get(entry.index);
    return (
      inspected.digest(entry.index, algorithm) ?? (kept && createHash(algorithm).update(kept).digest('hex'))
    );
  }

  format(path: string): FileFormat | undefined {
    const entry = this.place(path);
    return entry && this.#table(entry).inspected.format(entry.index);
  }

  packageFile(path: string, layer?: number): PackageFile | undefined {
    const entry = layer === undefined ? this.place(path) : this.#packageFileIn(path, layer);
    return entry && this.#packageFileOf(entry);
  }

  #packageFileOf(entry: EntryPlace): PackageFile | undefined {
    const { packageFiles, linkedPackageFiles } = this.#table(entry);
    return packageFiles.get(entry.index) ?? linkedPackageFiles.get(entry.index);
  }

  /** The uppermost entry of a path in a layer and those below it. */
  #packageFileIn(path: string, layer: number): EntryPlace | undefined {
    const node = this.#find(path, true);
    for (let at = layer; node !== undefined && at >= 0; at--) {
      const table = this.#merged.tables[at]!;
      const index = [...table.packageFiles.keys()].findLast((each) => table.node(each) === node);
      if (index !== undefined) return { layer: at, index };
    }
    return undefined;
  }

  /** A file with hard links is listed once, by the first of its paths. */
  *packageFiles(below?: string): Generator<string> {
    const listed = new Set<number>();
    for (const [layer, table] of this.#merged.tables.entries()) {
      for (const index of [...table.packageFiles.keys(), ...table.packageLinks]) {
        const node = table.node(index);
        const placed = this.#merged.entry(node);
        if (placed?.layer !== layer || placed.index !== index) continue;
        if (below !== undefined && !this.#merged.tree.path(node).startsWith(`${below}/`)) continue;
        const source = this.#merged.source(this.#merged.reference({ layer, index }));
        if (listed.has(source) || !this.#packageFileOf(this.#merged.place(source))) continue;
        listed.add(source);
        const path = this.#merged.tree.path(node);
        this.#listed = { path, node };
        yield path;
      }
    }
  }

  removedBy(path: string): number | undefined {
    return this.#merged.removedBy(path);
  }

  /** The entry of a regular file. */
  place(path: string): EntryPlace | undefined {
    const node = this.#find(path, true);
    const entry = node === undefined ? undefined : this.#merged.content(node);
    return entry && this.#table(entry).type(entry.index) === 'file' ? entry : undefined;
  }

  #find(path: string, last: boolean): number | undefined {
    if (path === this.#listed.path) return this.#listed.node;
    return followLinks(this.#merged, path, { last, maxLinks: this.#maxLinks });
  }

  #table({ layer }: EntryPlace) {
    return this.#merged.tables[layer]!;
  }

  /** Kept contents by node, lowest layer first; of several entries in one layer the last is used. */
  #collectVersions(): Map<number, FileVersion[]> {
    const versions = new Map<number, FileVersion[]>();
    for (const [layer, table] of this.#merged.tables.entries()) {
      const found = new Map<number, Buffer>();
      for (const index of [...table.contents.keys(), ...table.wantedLinks].sort((a, b) => a - b)) {
        const content = this.#contentOf({ layer, index });
        if (content) found.set(table.node(index), content);
      }
      for (const [node, content] of found) {
        const list = versions.get(node) ?? [];
        list.push({ layer, content: new BufferAccess(content) });
        versions.set(node, list);
      }
    }
    return versions;
  }

  #contentOf(entry: EntryPlace): Buffer | undefined {
    const source = this.#merged.place(this.#merged.source(this.#merged.reference(entry)));
    return this.#table(source).contents.get(source.index);
  }

  #notKept(path: string, entry: EntryPlace): ScapfeedError {
    const where = `${path} (layer ${entry.layer + 1})`;
    if (this.#table(entry).sparse.has(entry.index)) {
      return new ScapfeedError({
        code: 'IMAGE_MALFORMED',
        message: 'expected a file stored in full, found a sparse one',
        where,
        remedy: 'save the image without sparse files (tar without --sparse)',
      });
    }
    const asked = this.#wanted(path);
    return new ScapfeedError({
      code: asked ? 'IMAGE_MALFORMED' : 'INTERNAL',
      message: asked
        ? 'expected a file that can be found in one pass over the layers, found one behind links'
        : 'the content of this file was not asked for when the image was read',
      where,
      remedy:
        'save the image to a file first if it came on stdin; else scan the root file system that `docker export` or `umoci unpack` makes of it',
    });
  }
}

const statTypes: Readonly<Record<TarType, FileStat['type']>> = {
  file: 'file',
  directory: 'directory',
  symlink: 'symlink',
  hardlink: 'file',
  other: 'other',
};

/** Errors: IMAGE_LIMIT_EXCEEDED. */
export function readWhole(file: RandomAccess, path: string, maxBytes: number): Buffer {
  if (file.size > maxBytes) {
    throw new ScapfeedError({
      code: 'IMAGE_LIMIT_EXCEEDED',
      message: `expected a file of at most ${maxBytes} bytes, found ${file.size}`,
      where: path,
    });
  }
  return file.read(0, file.size);
}

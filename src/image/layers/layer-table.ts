import type { TarType } from '../../io/tar/format.ts';
import type { PackageFile } from '../../model/inventory/index.ts';
import { float64, GrowingArray, int32, uint8, uint16, uint32 } from './growing-array.ts';
import { InspectedFiles } from './inspected-files.ts';

const types: readonly TarType[] = ['file', 'directory', 'symlink', 'hardlink', 'other'];

/** No link target. */
const noText = -1;

export interface LayerEntry {
  node: number;
  type: TarType;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since the epoch; NaN: not known. */
  mtime: number;
  /** Number of the link target in the layers' store of names. */
  target?: number;
}

export interface Whiteout {
  node: number;
  /** The contents of the directory are hidden, not the directory itself. */
  opaque: boolean;
  /** Number of the entry after it. */
  before: number;
}

/** Columns of a table, one value an entry. */
export interface LayerColumns {
  nodes: Uint32Array;
  types: Uint8Array;
  sizes: Float64Array;
  modes: Uint16Array;
  uids: Uint32Array;
  gids: Uint32Array;
  mtimes: Float64Array;
  targets: Int32Array;
}

/** In the order in which they are kept. */
export const columnTypes: {
  readonly [Name in keyof LayerColumns]: (length: number) => LayerColumns[Name];
} = {
  nodes: uint32,
  types: uint8,
  sizes: float64,
  modes: uint16,
  uids: uint32,
  gids: uint32,
  mtimes: float64,
  targets: int32,
};

/** The entries of one layer in the order of its tar, in columns, and the contents that were kept. */
export class LayerTable {
  #nodes: GrowingArray<Uint32Array>;
  #types: GrowingArray<Uint8Array>;
  #sizes: GrowingArray<Float64Array>;
  #modes: GrowingArray<Uint16Array>;
  #uids: GrowingArray<Uint32Array>;
  #gids: GrowingArray<Uint32Array>;
  #mtimes: GrowingArray<Float64Array>;
  #targets: GrowingArray<Int32Array>;

  /** Removals from the layers below, in the order of the layer's tar. */
  readonly whiteouts: Whiteout[] = [];
  /** Content by entry. */
  readonly contents = new Map<number, Buffer>();
  /** Results of inspected files. */
  readonly inspected = new InspectedFiles();
  /** Packages of the files that were read for them, by entry; undefined: it names none. */
  readonly packageFiles = new Map<number, PackageFile | undefined>();
  /** The same of files that are package files only by the path of a hard link. */
  readonly linkedPackageFiles = new Map<number, PackageFile | undefined>();
  /** Hard links at places of package files: their content is in another entry. */
  readonly packageLinks: number[] = [];
  /** Extended attributes by entry. */
  readonly xattrs = new Map<number, ReadonlyMap<string, Buffer>>();
  /** Hard links whose own path is wanted: their content is in another entry. */
  readonly wantedLinks: number[] = [];
  /** Hard links without a target, by their number, with the names of the targets. */
  readonly lostLinks = new Map<number, string>();
  /** Entries stored with holes, by their number: the stored bytes are not the content. */
  readonly sparse = new Set<number>();

  /** `columns`: those of a table that was kept, which it takes over. */
  constructor(columns?: LayerColumns) {
    this.#nodes = new GrowingArray(columnTypes.nodes, columns?.nodes);
    this.#types = new GrowingArray(columnTypes.types, columns?.types);
    this.#sizes = new GrowingArray(columnTypes.sizes, columns?.sizes);
    this.#modes = new GrowingArray(columnTypes.modes, columns?.modes);
    this.#uids = new GrowingArray(columnTypes.uids, columns?.uids);
    this.#gids = new GrowingArray(columnTypes.gids, columns?.gids);
    this.#mtimes = new GrowingArray(columnTypes.mtimes, columns?.mtimes);
    this.#targets = new GrowingArray(columnTypes.targets, columns?.targets);
  }

  /** Valid until the next change. */
  columns(): LayerColumns {
    return {
      nodes: this.#nodes.values,
      types: this.#types.values,
      sizes: this.#sizes.values,
      modes: this.#modes.values,
      uids: this.#uids.values,
      gids: this.#gids.values,
      mtimes: this.#mtimes.values,
      targets: this.#targets.values,
    };
  }

  get length(): number {
    return this.#nodes.length;
  }

  add(entry: LayerEntry): number {
    this.#nodes.push(entry.node);
    this.#types.push(types.indexOf(entry.type));
    this.#sizes.push(entry.size);
    this.#modes.push(entry.mode);
    this.#uids.push(entry.uid);
    this.#gids.push(entry.gid);
    this.#mtimes.push(entry.mtime);
    this.#targets.push(entry.target ?? noText);
    return this.length - 1;
  }

  node(index: number): number {
    return this.#nodes.get(index);
  }

  /** The merge found the entry of a hard link. */
  linkTo(index: number, reference: number): void {
    this.#targets.set(index, reference);
  }

  /** The merge found no entry for a hard link: its content is unknown. */
  loseLink(index: number, target: string): void {
    this.lostLinks.set(index, target);
    this.#types.set(index, types.indexOf('other'));
  }

  /** The merge found that the path leads through a link. */
  moveTo(index: number, node: number): void {
    this.#nodes.set(index, node);
  }

  type(index: number): TarType {
    return types[this.#types.get(index)]!;
  }

  size(index: number): number {
    return this.#sizes.get(index);
  }

  mode(index: number): number {
    return this.#modes.get(index);
  }

  uid(index: number): number {
    return this.#uids.get(index);
  }

  gid(index: number): number {
    return this.#gids.get(index);
  }

  mtime(index: number): number {
    return this.#mtimes.get(index);
  }

  /** Of a symbolic link: the number of its target's text. Of a hard link: the same, and after the merge the entry. */
  target(index: number): number {
    return this.#targets.get(index);
  }
}

import type { TarType } from '../../io/tar/format.ts';
import type { Budget } from '../limits.ts';
import type { NoteBook } from '../note-book.ts';
import { followLinks, type LinkTree, partsOf } from '../view/follow-links.ts';
import { GrowingArray, int32 } from './growing-array.ts';
import type { LayerTable, Whiteout } from './layer-table.ts';
import type { NameStore } from './name-store.ts';
import { noNode, type PathTree, rootNode } from './path-tree.ts';

/** The node at a path: absent, an implicit directory, or an entry. */
const absent = 0;

export interface MergeInput {
  tree: PathTree;
  targets: NameStore;
  /** Lowest layer first. */
  tables: readonly LayerTable[];
  budget: Budget;
  notes: NoteBook;
}

/** An entry by its layer and its number in the layer. */
export interface EntryPlace {
  layer: number;
  index: number;
}

/**
 * The merged layers: for each path the entry that a container would see.
 * Entries of all layers are numbered from 1; an implicit directory is -(layer + 1).
 * All parents of a present node are present, so the parents of a present node do not have to be checked.
 */
export class MergedLayers implements LinkTree<number> {
  readonly root = rootNode;
  readonly tree: PathTree;
  readonly tables: readonly LayerTable[];
  /** Entries whose path goes through a link of a lower layer, so that they are at another place. */
  readonly moved: number[] = [];
  /** The last layer that removed a node, or everything below it, by a whiteout. */
  #removals = new Map<number, number>();
  #targets: NameStore;
  #budget: Budget;
  #notes: NoteBook;
  /** Number of each layer's first entry. */
  #firsts: number[] = [];
  #current = new GrowingArray(int32, 1024);

  /** Errors: IMAGE_LIMIT_EXCEEDED (mergeSteps). */
  constructor({ tree, targets, tables, budget, notes }: MergeInput) {
    this.tree = tree;
    this.tables = tables;
    this.#targets = targets;
    this.#budget = budget;
    this.#notes = notes;
    let next = 1;
    for (const table of tables) {
      this.#firsts.push(next);
      next += table.length;
    }
    this.#place(rootNode, -1);
    for (let layer = 0; layer < tables.length; layer++) this.#apply(layer);
  }

  // The present tree, for LinkTree.

  parent(node: number): number {
    return node === rootNode ? rootNode : this.tree.parent(node);
  }

  child(directory: number, name: string): number | undefined {
    this.#budget.spend('mergeSteps', 1, 'layers');
    const node = this.tree.find(directory, name);
    return node !== noNode && this.isPresent(node) ? node : undefined;
  }

  isPresent(node: number): boolean {
    return this.#at(node) !== absent;
  }

  isDirectory(node: number): boolean {
    const reference = this.#at(node);
    return reference < 0 || (reference > 0 && this.#type(reference) === 'directory');
  }

  target(node: number): string | undefined {
    const entry = this.content(node);
    if (!entry || this.tables[entry.layer]!.type(entry.index) !== 'symlink') return undefined;
    return this.#targets.get(this.tables[entry.layer]!.target(entry.index));
  }

  /** Present children in no order. */
  *children(directory: number): Generator<number> {
    for (let node = this.tree.firstChild(directory); node !== noNode; node = this.tree.nextSibling(node)) {
      if (this.isPresent(node)) yield node;
    }
  }

  // The entries at a node.

  /** The entry that made this path, or the layer of an implicit directory. */
  entry(node: number): EntryPlace | { layer: number; index: undefined } | undefined {
    const reference = this.#at(node);
    if (reference === absent) return undefined;
    return reference < 0 ? { layer: -reference - 1, index: undefined } : this.place(reference);
  }

  /** The entry with the metadata of the node: for a hard link its target. */
  content(node: number): EntryPlace | undefined {
    const reference = this.#at(node);
    return reference > 0 ? this.place(this.source(reference)) : undefined;
  }

  /** The entry with the data of an entry. */
  source(reference: number): number {
    const { layer, index } = this.place(reference);
    const table = this.tables[layer]!;
    return table.type(index) === 'hardlink' ? table.target(index) : reference;
  }

  reference({ layer, index }: EntryPlace): number {
    return this.#firsts[layer]! + index;
  }

  place(reference: number): EntryPlace {
    let low = 0;
    let high = this.#firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#firsts[middle]! <= reference) low = middle;
      else high = middle - 1;
    }
    return { layer: low, index: reference - this.#firsts[low]! };
  }

  /** The layer whose whiteout removed a lower layer's file at an absolute canonical path; undefined: none did. */
  removedBy(path: string): number | undefined {
    let node = rootNode;
    let layer: number | undefined;
    for (const part of partsOf(path).reverse()) {
      layer = this.#removals.get(node) ?? layer;
      node = this.tree.find(node, part);
      if (node === noNode) return undefined;
      if (!this.isPresent(node)) layer = this.#removals.get(node) ?? layer;
    }
    return this.isPresent(node) ? undefined : layer;
  }

  // Adding one layer to those below.

  #apply(layer: number): void {
    const table = this.tables[layer]!;
    const hidden = this.#applyWhiteouts(layer);
    const forward: number[] = [];
    for (let index = 0; index < table.length; index++) {
      if (!this.#applyEntry(layer, index, hidden)) forward.push(index);
    }
    // Links to later entries are not valid, but occur.
    for (const index of forward) {
      if (!this.#applyEntry(layer, index, hidden)) this.#loseLink(layer, index);
    }
  }

  /**
   * Whiteouts apply only to the layers below, wherever they are in the tar, so they are applied first. But engines follow the
   * tar: a hard link before a whiteout keeps what that hides. Returns the sources of such links.
   */
  #applyWhiteouts(layer: number): ReadonlyMap<number, number> {
    const table = this.tables[layer]!;
    const sources = new Map<number, number>();
    let index = 0;
    for (const whiteout of table.whiteouts) {
      for (; index < whiteout.before; index++) {
        const source = table.type(index) === 'hardlink' ? this.#linkSource(table, index) : undefined;
        if (source !== undefined) sources.set(index, source);
      }
      this.#removals.set(this.#applyWhiteout(whiteout), layer);
    }
    return sources;
  }

  /** Returns the node that it hides, or whose children it hides. */
  #applyWhiteout({ node, opaque }: Whiteout): number {
    const standing = opaque ? this.#directory(node) : this.#standing(node);
    if (opaque) this.#hideChildren(standing);
    else this.#hide(standing);
    return standing;
  }

  /** False: a hard link whose target does not exist yet, and did not in a layer below. */
  #applyEntry(layer: number, index: number, hidden: ReadonlyMap<number, number>): boolean {
    const table = this.tables[layer]!;
    const node = this.#destination(layer, index);
    const reference = this.#firsts[layer]! + index;
    const type = table.type(index);
    if (type === 'hardlink') {
      const source = this.#linkSource(table, index) ?? hidden.get(index);
      if (source === undefined) return false;
      table.linkTo(index, source);
    }
    this.#stand(node, reference, type);
    return true;
  }

  #stand(node: number, reference: number, type: TarType): void {
    // The root is a directory; and a link that had to wait must not replace a later entry.
    if ((node === rootNode && type !== 'directory') || this.#at(node) > reference) return;
    if (type !== 'directory' && this.isDirectory(node)) this.#hideChildren(node);
    this.#place(node, reference);
  }

  /** The node of an entry: its own, unless a directory above it is a link. */
  #destination(layer: number, index: number): number {
    const table = this.tables[layer]!;
    const node = table.node(index);
    if (node === rootNode || this.isDirectory(this.tree.parent(node))) return node;
    const directory = this.#makeDirectory(this.tree.path(this.tree.parent(node)), layer);
    const moved = this.tree.child(directory, this.tree.name(node));
    if (moved !== node) {
      table.moveTo(index, moved);
      this.moved.push(this.#firsts[layer]! + index);
    }
    return moved;
  }

  /**
   * The directory of a path, links followed. Missing directories are made, also behind a link without a target; a file in the
   * way, or a link loop, is replaced.
   */
  #makeDirectory(path: string, layer: number): number {
    let node = rootNode;
    let links = 0;
    const parts = partsOf(path);
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      this.#budget.spend('mergeSteps', 1, 'layers');
      if (part === '..') {
        node = this.parent(node);
        continue;
      }
      const next = this.tree.child(node, part);
      const target = this.target(next);
      if (target && links < this.#budget.limits.links) {
        links += 1;
        if (target.startsWith('/')) node = rootNode;
        parts.push(...partsOf(target));
        continue;
      }
      if (!this.isDirectory(next)) this.#place(next, -(layer + 1));
      node = next;
    }
    return node;
  }

  /** The node of a whiteout in the layers below: its directory may be reached through links. */
  #standing(node: number): number {
    if (node === rootNode) return node;
    const directory = this.#directory(this.tree.parent(node));
    return directory === noNode ? noNode : this.tree.find(directory, this.tree.name(node));
  }

  /** The directory at a path, links followed. */
  #directory(node: number): number {
    if (this.isDirectory(node)) return node;
    const { links } = this.#budget.limits;
    return followLinks(this, this.tree.path(node), { last: true, maxLinks: links }) ?? noNode;
  }

  #linkSource(table: LayerTable, index: number): number | undefined {
    const path = this.#targets.get(table.target(index));
    const node = followLinks(this, path, { last: false, maxLinks: this.#budget.limits.links });
    const reference = node === undefined ? absent : this.#at(node);
    if (reference <= 0) return undefined;
    const source = this.source(reference);
    return this.#type(source) === 'directory' ? undefined : source;
  }

  /** The lower layers' file at its path must not reappear: the node is there, but cannot be read. */
  #loseLink(layer: number, index: number): void {
    const table = this.tables[layer]!;
    const target = this.#targets.get(table.target(index));
    const node = table.node(index);
    this.#notes.add('hardlink_without_target', `layer ${layer + 1}`, `${this.tree.path(node)} -> ${target}`);
    table.loseLink(index, target);
    this.#stand(node, this.#firsts[layer]! + index, 'other');
  }

  #hide(node: number): void {
    if (node === noNode || node === rootNode || !this.isPresent(node)) return;
    this.#hideChildren(node);
    this.#place(node, absent);
  }

  /** Walks only the present part of the tree: nothing below an absent node is present. */
  #hideChildren(directory: number): void {
    if (directory === noNode || !this.isPresent(directory)) return;
    const open = [directory];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (let node = this.tree.firstChild(at); node !== noNode; node = this.tree.nextSibling(node)) {
        this.#budget.spend('mergeSteps', 1, 'layers');
        if (!this.isPresent(node)) continue;
        this.#place(node, absent);
        open.push(node);
      }
    }
  }

  #type(reference: number): TarType {
    const { layer, index } = this.place(reference);
    return this.tables[layer]!.type(index);
  }

  #at(node: number): number {
    return node < this.#current.length ? this.#current.get(node) : absent;
  }

  #place(node: number, reference: number): void {
    while (this.#current.length <= node) this.#current.push(absent);
    this.#current.set(node, reference);
  }
}

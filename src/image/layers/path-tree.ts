import type { Budget } from '../limits.ts';
import { GrowingArray, int32, uint32 } from './growing-array.ts';
import { NameStore } from './name-store.ts';

/** Number of the root directory's node. */
export const rootNode = 0;

/** No node: end of a list of children, or not found. */
export const noNode = -1;

/**
 * Every path in any layer, each once, as a tree of numbered nodes: layers share names and directories.
 * A node does not mean that the path exists; the merge decides that.
 */
export class PathTree {
  #budget: Budget;
  #where: string;
  #names: NameStore;
  #parents = new GrowingArray(int32);
  #firstChildren = new GrowingArray(int32);
  #siblings = new GrowingArray(int32);
  #hashes = new GrowingArray(uint32);
  /** Open addressing: node + 1, or 0 for a free place. */
  #table = new Int32Array(1024);
  /** Cache of the last directory, because archives list the files of a directory one after the other. */
  #lastDirectory = '';
  #lastDirectoryNode = rootNode;

  constructor(budget: Budget, where: string) {
    this.#budget = budget;
    this.#where = where;
    this.#names = new NameStore(budget, where);
    this.#append(noNode, '', 0);
  }

  get size(): number {
    return this.#parents.length;
  }

  parent(node: number): number {
    return this.#parents.get(node);
  }

  name(node: number): string {
    return this.#names.get(node);
  }

  firstChild(node: number): number {
    return this.#firstChildren.get(node);
  }

  nextSibling(node: number): number {
    return this.#siblings.get(node);
  }

  /** Absolute canonical path of a node. */
  path(node: number): string {
    const names: string[] = [];
    for (let at = node; at !== rootNode; at = this.parent(at)) names.push(this.name(at));
    return `/${names.reverse().join('/')}`;
  }

  /** Node of an absolute canonical path, made when it is new. */
  intern(path: string): number {
    const slash = path.lastIndexOf('/');
    const directory = path.slice(0, slash);
    if (directory !== this.#lastDirectory) {
      this.#lastDirectoryNode = this.#internDirectory(directory);
      this.#lastDirectory = directory;
    }
    const name = path.slice(slash + 1);
    return name === '' ? this.#lastDirectoryNode : this.child(this.#lastDirectoryNode, name);
  }

  /** The child of a node by name, made when it is new. */
  child(parent: number, name: string): number {
    const hash = hashOf(parent, name);
    const place = this.#placeOf(parent, name, hash);
    const found = this.#table[place]!;
    if (found !== 0) return found - 1;
    const node = this.#append(parent, name, hash);
    this.#table[place] = node + 1;
    if (this.size * 2 > this.#table.length) this.#enlarge();
    return node;
  }

  /** The child of a node by name, or noNode. */
  find(parent: number, name: string): number {
    return this.#table[this.#placeOf(parent, name, hashOf(parent, name))]! - 1;
  }

  #internDirectory(directory: string): number {
    let node = rootNode;
    for (const name of directory.split('/')) if (name !== '') node = this.child(node, name);
    return node;
  }

  #append(parent: number, name: string, hash: number): number {
    this.#budget.check('entries', this.size, this.#where);
    const node = this.#names.add(name);
    this.#parents.push(parent);
    this.#hashes.push(hash);
    this.#firstChildren.push(noNode);
    this.#siblings.push(parent === noNode ? noNode : this.firstChild(parent));
    if (parent !== noNode) this.#firstChildren.set(parent, node);
    return node;
  }

  /** Slot of a child in the table, or the free slot for it. */
  #placeOf(parent: number, name: string, hash: number): number {
    const mask = this.#table.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const node = this.#table[place]! - 1;
      if (node === -1) return place;
      if (this.#hashes.get(node) === hash && this.parent(node) === parent && this.name(node) === name)
        return place;
    }
  }

  #enlarge(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let node = 1; node < this.size; node++) {
      let place = this.#hashes.get(node) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = node + 1;
    }
    this.#table = table;
  }
}

/** Random in each process, so that an archive cannot be made whose names all collide. */
const seed = Math.floor(Math.random() * 0x1_0000_0000) | 0;

/** FNV-1a over the name, begun with the parent, with a last mix so that the low bits depend on all. */
function hashOf(parent: number, name: string): number {
  let hash = Math.imul(parent ^ seed, 0x9e37_79b1);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b_3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}

import type { Inspection, Wanted } from '../../model/inventory/index.ts';
import { type Budget, malformed } from '../limits.ts';
import type { NoteBook } from '../note-book.ts';
import { followLinks } from '../view/follow-links.ts';
import type { EntryPlace, MergedLayers } from './merged-layers.ts';

/** Maximum number of links to directories that are followed in sequence: `/var` -> `usr/var`, `usr/var/lib/rpm` -> elsewhere. */
const linkDepth = 2;

/** Limit on the paths through links that are checked; an image may have more of them than files. */
const maxLinkedPaths = 2_000_000;

interface Options {
  wanted: Wanted;
  places: readonly string[];
  companions: readonly string[];
  inspection: Inspection;
  budget: Budget;
  notes: NoteBook;
}

/** Entries of one layer that another pass over it must keep or inspect. */
export interface UnkeptEntries {
  contents: Set<number>;
  inspections: Set<number>;
  /** The paths by which they are package files. */
  packageFiles: Map<number, string>;
}

/**
 * Entries by layer whose content or inspection is wanted under a path that only the whole image shows: through a symbolic link,
 * as a hard link, or moved by a link of a lower layer. `wanted` was asked with the names in the tars.
 * @throws IMAGE_MALFORMED for a wanted hard link without a target: no engine unpacks its layer
 */
export function findUnkept(merged: MergedLayers, options: Options): Map<number, UnkeptEntries> {
  return new UnkeptSearch(merged, options).run();
}

class UnkeptSearch {
  #merged: MergedLayers;
  #options: Options;
  #found = new Map<number, UnkeptEntries>();
  #paths = 0;

  constructor(merged: MergedLayers, options: Options) {
    this.#merged = merged;
    this.#options = options;
  }

  run(): Map<number, UnkeptEntries> {
    this.#hardLinks();
    for (const place of this.#options.places) this.#place(place);
    for (const reference of this.#merged.moved) this.#movedEntry(this.#merged.place(reference));
    for (let node = 0; node < this.#merged.tree.size; node++) {
      if (!this.#merged.isPresent(node) || this.#merged.target(node) === undefined) continue;
      this.#link(node, this.#merged.tree.path(node), linkDepth);
    }
    if (this.#paths > maxLinkedPaths) {
      this.#options.notes.add(
        'links_not_followed',
        'image',
        `more than ${maxLinkedPaths} paths lead through links`,
      );
    }
    return this.#found;
  }

  #hardLinks(): void {
    for (const [layer, table] of this.#merged.tables.entries()) {
      for (const index of table.wantedLinks) {
        const reference = this.#merged.reference({ layer, index });
        const path = this.#merged.tree.path(table.node(index));
        this.#need(this.#merged.place(this.#merged.source(reference)), path);
      }
      for (const index of table.packageLinks) this.#packageLink(layer, index);
    }
  }

  #packageLink(layer: number, index: number): void {
    const link = this.#merged.tables[layer]!;
    if (link.lostLinks.has(index)) return;
    const path = this.#merged.tree.path(link.node(index));
    const source = this.#merged.place(this.#merged.source(this.#merged.reference({ layer, index })));
    const table = this.#merged.tables[source.layer]!;
    if (table.type(source.index) !== 'file' || table.sparse.has(source.index)) return;
    if (!table.packageFiles.has(source.index)) this.#of(source.layer).packageFiles.set(source.index, path);
  }

  #movedEntry(entry: EntryPlace): void {
    const table = this.#merged.tables[entry.layer]!;
    this.#need(entry, this.#merged.tree.path(table.node(entry.index)));
  }

  /** A path that a reader will open: links are followed as the reader follows them. */
  #place(path: string): void {
    const standing = this.#standing(path);
    if (standing === undefined) return;
    this.#seen(standing, path, linkDepth);
    for (const ending of this.#options.companions) {
      const beside = this.#standing(this.#merged.tree.path(standing) + ending);
      if (beside !== undefined) this.#file(beside, path + ending);
    }
  }

  /** A symbolic link, seen at `path`: it may stand for a file or for a whole directory. */
  #link(node: number, path: string, depth: number): void {
    const standing = this.#standing(this.#merged.tree.path(node));
    if (standing !== undefined) this.#seen(standing, path, depth - 1);
  }

  #standing(path: string): number | undefined {
    return followLinks(this.#merged, path, { last: true, maxLinks: this.#options.budget.limits.links });
  }

  #seen(standing: number, path: string, depth: number): void {
    if (this.#merged.isDirectory(standing)) this.#directory(standing, path, depth);
    else this.#file(standing, path);
  }

  #directory(directory: number, path: string, depth: number): void {
    const open = [{ directory, path }];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const node of this.#merged.children(at.directory)) {
        this.#paths += 1;
        if (this.#paths > maxLinkedPaths) return;
        const childPath = `${at.path}/${this.#merged.tree.name(node)}`;
        if (this.#merged.isDirectory(node)) open.push({ directory: node, path: childPath });
        else if (this.#merged.target(node) === undefined) this.#file(node, childPath);
        else if (depth > 0) this.#link(node, childPath, depth);
      }
    }
  }

  #file(node: number, path: string): void {
    const entry = this.#merged.content(node);
    if (entry) this.#need(entry, path);
  }

  /** Notes what the path asks of an entry and the first pass did not do. */
  #need({ layer, index }: EntryPlace, path: string): void {
    const table = this.#merged.tables[layer]!;
    const { wanted, inspection } = this.#options;
    const target = table.lostLinks.get(index);
    if (target !== undefined && (wanted(path) || inspection.files(path))) throw lostLink(path, target, layer);
    if (table.type(index) !== 'file' || table.sparse.has(index)) return;
    if (!table.contents.has(index) && wanted(path)) this.#of(layer).contents.add(index);
    if (!table.inspected.has(index) && inspection.files(path)) this.#of(layer).inspections.add(index);
  }

  #of(layer: number): UnkeptEntries {
    const entries = this.#found.get(layer) ?? {
      contents: new Set(),
      inspections: new Set(),
      packageFiles: new Map(),
    };
    this.#found.set(layer, entries);
    return entries;
  }
}

function lostLink(path: string, target: string, layer: number): Error {
  return malformed(
    `expected a hard link to a file of the image, found one to ${JSON.stringify(target)}, where none is`,
    `layer ${layer + 1}, ${path}`,
  );
}

import type { Wanted } from '../../model/index.ts';
import type { Budget } from '../limits.ts';
import type { NoteBook } from '../note-book.ts';
import type { TarEntry, TarSink } from '../tar/tar-reader.ts';
import { entryRole } from './entry-role.ts';
import type { LayerTable } from './layer-table.ts';
import type { NameStore } from './name-store.ts';
import type { PathTree } from './path-tree.ts';

/** What all layers of one image share while their entries are taken in. */
export interface SinkContext {
  tree: PathTree;
  targets: NameStore;
  wanted: Wanted;
  budget: Budget;
  notes: NoteBook;
}

/** Copies the content of the entry in hand. */
class ContentCollector {
  #budget: Budget;
  #where: string;
  #content: Buffer = Buffer.alloc(0);
  #filled = 0;

  constructor(budget: Budget, where: string) {
    this.#budget = budget;
    this.#where = where;
  }

  /** The size is the archive's word: memory that no data fill is never touched, so that a lie costs nothing. */
  begin(size: number, name: string): void {
    const where = `${this.#where}, ${name}`;
    this.#budget.check('wantedFileBytes', size, where);
    this.#budget.spend('wantedBytes', size, where);
    this.#content = Buffer.allocUnsafeSlow(size);
    this.#filled = 0;
  }

  data(piece: Buffer): void {
    this.#filled += piece.copy(this.#content, this.#filled);
  }

  get content(): Buffer {
    return this.#content;
  }
}

/** Fills a layer's table from its tar, with the wanted contents. */
export class LayerSink implements TarSink {
  #table: LayerTable;
  #context: SinkContext;
  #where: string;
  #collector: ContentCollector;
  #index = 0;

  constructor(table: LayerTable, context: SinkContext, where: string) {
    this.#table = table;
    this.#context = context;
    this.#where = where;
    this.#collector = new ContentCollector(context.budget, where);
  }

  entry(entry: TarEntry): boolean {
    const place = entryRole(entry);
    const { tree, notes } = this.#context;
    if (place.role === 'whiteout') this.#table.whiteouts.push(tree.intern(place.path));
    else if (place.role === 'opaque') this.#table.opaque.push(tree.intern(place.path));
    else if (place.role === 'refused') {
      notes.add('hardlink_outside_root', this.#where, `${place.path} -> ${entry.linkName}`);
    }
    if (place.role !== 'entry') return false;
    if (place.escaped) notes.add('path_outside_root', this.#where, `${entry.name} taken as ${place.path}`);
    this.#index = this.#add(place.path, entry);
    return this.#startContent(place.path, entry);
  }

  data(piece: Buffer): void {
    this.#collector.data(piece);
  }

  entryEnd(): void {
    this.#table.contents.set(this.#index, this.#collector.content);
  }

  #add(path: string, entry: TarEntry): number {
    const { type, mode, uid, gid } = entry;
    const isLink = type === 'symlink' || type === 'hardlink';
    return this.#table.add({
      node: this.#context.tree.intern(path),
      type,
      mode,
      uid,
      gid,
      size: isLink ? 0 : (entry.sparseSize ?? entry.size),
      ...(isLink && { target: this.#context.targets.add(entry.linkName) }),
    });
  }

  #startContent(path: string, entry: TarEntry): boolean {
    if (entry.type === 'hardlink' && this.#context.wanted(path)) this.#table.wantedLinks.push(this.#index);
    if (entry.type !== 'file') return false;
    if (entry.sparseSize !== undefined) {
      this.#table.sparse.add(this.#index);
      return false;
    }
    if (!this.#context.wanted(path)) return false;
    this.#collector.begin(entry.size, path);
    return true;
  }
}

/** Counts entries as LayerSink does and keeps the contents of some. */
export class ContentSink implements TarSink {
  #table: LayerTable;
  #entries: ReadonlySet<number>;
  #collector: ContentCollector;
  #index = -1;

  constructor(table: LayerTable, context: SinkContext, where: string, entries: ReadonlySet<number>) {
    this.#table = table;
    this.#entries = entries;
    this.#collector = new ContentCollector(context.budget, where);
  }

  entry(entry: TarEntry): boolean {
    if (entryRole(entry).role !== 'entry') return false;
    this.#index += 1;
    if (!this.#entries.has(this.#index)) return false;
    this.#collector.begin(entry.size, entry.name);
    return true;
  }

  data(piece: Buffer): void {
    this.#collector.data(piece);
  }

  entryEnd(): void {
    this.#table.contents.set(this.#index, this.#collector.content);
  }
}

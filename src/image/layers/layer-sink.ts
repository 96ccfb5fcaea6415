import type { TarEntry, TarSink } from '../../io/tar/reader.ts';
import type {
  Inspection,
  PackageFile,
  PackageFileReader,
  ReadPackageFile,
  Wanted,
} from '../../model/inventory/index.ts';
import type { Budget } from '../limits.ts';
import type { NoteBook } from '../note-book.ts';
import { canonicalPath } from '../view/dir-view.ts';
import { entryRole } from './entry-role.ts';
import type { UnkeptEntries } from './find-unkept.ts';
import { FileInspector } from './inspected-files.ts';
import type { LayerTable } from './layer-table.ts';
import type { NameStore } from './name-store.ts';
import type { PathTree } from './path-tree.ts';

/** Context of all layers of one image while their entries are added. */
export interface SinkContext {
  tree: PathTree;
  targets: NameStore;
  wanted: Wanted;
  inspection: Inspection;
  packageFiles?: ReadPackageFile;
  /** Wanted files that are needed only where package files were found. */
  ownerLists?: Wanted;
  budget: Budget;
  notes: NoteBook;
}

/** Memory of an extended attribute besides its name and value: a header of 1 MiB may have 60,000 of a byte each. */
const xattrCost = 128;
/** The same of a package of a language. */
const packageCost = 128;

/** Copies the content of the current entry. */
class ContentCollector {
  #budget: Budget;
  #where: string;
  #content: Buffer = Buffer.alloc(0);
  #filled = 0;

  constructor(budget: Budget, where: string) {
    this.#budget = budget;
    this.#where = where;
  }

  /** The archive states the size; memory is only used when data is written to it, so a wrong size costs nothing. */
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

/** Takes the packages of a file into those of a table, within the bound for names. Errors: IMAGE_LIMIT_EXCEEDED. */
export function takePackageFile(
  packageFiles: LayerTable['packageFiles'],
  index: number,
  found: PackageFile | undefined,
  budget: Budget,
  where: string,
): void {
  for (const { name, version, inside = '' } of found?.packages ?? [])
    budget.spend('nameBytes', packageCost + name.length + version.length + inside.length, where);
  for (const { inside = '' } of found?.unread ?? [])
    budget.spend('nameBytes', packageCost + inside.length, where);
  packageFiles.set(index, found);
}

/** Takes the extended attributes of an entry, within the bound for names. Errors: IMAGE_LIMIT_EXCEEDED. */
export function takeXattrs(
  all: LayerTable['xattrs'],
  index: number,
  xattrs: ReadonlyMap<string, Buffer>,
  budget: Budget,
  where: string,
): void {
  for (const [name, value] of xattrs)
    budget.spend('nameBytes', xattrCost + name.length + value.length, where);
  all.set(index, xattrs);
}

/** Takes the bytes of the current entry: they are kept, inspected, read for packages, or none of it. */
class EntryBytes {
  #table: LayerTable;
  #collector: ContentCollector;
  #inspector: FileInspector;
  #kept = false;
  #inspected = false;
  #reader: PackageFileReader | undefined;
  #packageFiles: LayerTable['packageFiles'];
  #budget: Budget;
  #where: string;

  constructor(
    table: LayerTable,
    { budget, inspection }: SinkContext,
    where: string,
    packageFiles = table.packageFiles,
  ) {
    this.#table = table;
    this.#packageFiles = packageFiles;
    this.#budget = budget;
    this.#where = where;
    this.#collector = new ContentCollector(budget, where);
    this.#inspector = new FileInspector(inspection);
  }

  /** True if the bytes are needed. */
  begin({ name, size }: TarEntry, kept: boolean, inspected: boolean, reader?: PackageFileReader): boolean {
    this.#kept = kept;
    this.#inspected = inspected;
    if (kept) this.#collector.begin(size, name);
    if (inspected) this.#inspector.begin();
    this.#reader = reader;
    return kept || inspected || reader !== undefined;
  }

  data(piece: Buffer): void {
    if (this.#kept) this.#collector.data(piece);
    if (this.#inspected) this.#inspector.data(piece);
    if (this.#reader && !this.#reader.isOver) this.#reader.push(piece);
  }

  end(index: number): void {
    if (this.#kept) this.#table.contents.set(index, this.#collector.content);
    if (this.#inspected) this.#inspector.end(index, this.#table.inspected);
    if (this.#reader)
      takePackageFile(this.#packageFiles, index, this.#reader.end(), this.#budget, this.#where);
  }
}

/** Takes what a table does not have: every entry of the tar, and notes about some. */
export interface SinkRecord {
  entry(entry: TarEntry): void;
  note(code: string, detail: string): void;
}

/** Fills a layer's table from its tar, with the wanted contents. */
export class LayerSink implements TarSink {
  #table: LayerTable;
  #context: SinkContext;
  #where: string;
  #bytes: EntryBytes;
  #index = 0;
  #record: SinkRecord | undefined;

  /** `record`: what is kept of the layer. */
  constructor(table: LayerTable, context: SinkContext, where: string, record?: SinkRecord) {
    this.#record = record;
    this.#table = table;
    this.#context = context;
    this.#where = where;
    this.#bytes = new EntryBytes(table, context, where);
  }

  entry(entry: TarEntry): boolean {
    this.#record?.entry(entry);
    const path = this.#enter(entry);
    return path !== undefined && this.#startContent(path, entry);
  }

  /** Adds an entry without its content. Returns the path of a regular file, whose content may be wanted. */
  #enter(entry: TarEntry): string | undefined {
    const place = entryRole(entry);
    const { tree, wanted, inspection, packageFiles } = this.#context;
    if (place.role === 'whiteout' || place.role === 'opaque') {
      const opaque = place.role === 'opaque';
      this.#table.whiteouts.push({ node: tree.intern(place.path), opaque, before: this.#table.length });
    }
    if (place.role !== 'entry') return undefined;
    const { path } = place;
    if (place.escaped) this.#note('path_outside_root', `${entry.name} taken as ${path}`);
    if (entry.type === 'hardlink') this.#noteTarget(path, entry.linkName);
    this.#index = this.#add(path, entry);
    if (entry.type === 'hardlink') {
      if (wanted(path) || inspection.files(path)) this.#table.wantedLinks.push(this.#index);
      // Its target has the size, which is not known yet.
      if (packageFiles?.(path, Number.POSITIVE_INFINITY)) this.#table.packageLinks.push(this.#index);
    }
    if (entry.type !== 'file') return undefined;
    if (entry.sparseSize === undefined) return path;
    this.#table.sparse.add(this.#index);
    return undefined;
  }

  data(piece: Buffer): void {
    this.#bytes.data(piece);
  }

  entryEnd(): void {
    this.#bytes.end(this.#index);
  }

  #noteTarget(path: string, linkName: string): void {
    const target = canonicalPath(linkName);
    if (!target.escaped) return;
    this.#note('hardlink_outside_root', `${path} -> ${linkName} taken as ${target.path}`);
  }

  #add(path: string, entry: TarEntry): number {
    const { type, mode, uid, gid, mtime } = entry;
    const isLink = type === 'symlink' || type === 'hardlink';
    const index = this.#table.add({
      node: this.#context.tree.intern(path),
      type,
      mode,
      uid,
      gid,
      mtime,
      size: isLink ? 0 : (entry.sparseSize ?? entry.size),
      ...(isLink && { target: this.#context.targets.add(entry.linkName) }),
    });
    if (entry.xattrs) takeXattrs(this.#table.xattrs, index, entry.xattrs, this.#context.budget, this.#where);
    return index;
  }

  #note(code: string, detail: string): void {
    this.#context.notes.add(code, this.#where, detail);
    this.#record?.note(code, detail);
  }

  #startContent(path: string, entry: TarEntry): boolean {
    const { wanted, inspection, packageFiles } = this.#context;
    return this.#bytes.begin(entry, wanted(path), inspection.files(path), packageFiles?.(path, entry.size));
  }
}

/** Counts entries as LayerSink does and keeps or inspects the contents of some. */
export class ContentSink implements TarSink {
  #entries: UnkeptEntries;
  #packageFiles: ReadPackageFile | undefined;
  #bytes: EntryBytes;
  #index = -1;

  constructor(table: LayerTable, context: SinkContext, where: string, entries: UnkeptEntries) {
    this.#entries = entries;
    this.#packageFiles = context.packageFiles;
    this.#bytes = new EntryBytes(table, context, where, table.linkedPackageFiles);
  }

  entry(entry: TarEntry): boolean {
    if (entryRole(entry).role !== 'entry') return false;
    this.#index += 1;
    const { contents, inspections, packageFiles } = this.#entries;
    const path = packageFiles.get(this.#index);
    const reader = path === undefined ? undefined : this.#packageFiles?.(path, entry.size);
    return this.#bytes.begin(entry, contents.has(this.#index), inspections.has(this.#index), reader);
  }

  data(piece: Buffer): void {
    this.#bytes.data(piece);
  }

  entryEnd(): void {
    this.#bytes.end(this.#index);
  }
}

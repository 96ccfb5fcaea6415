import type { TarEntry } from '../../io/tar/reader.ts';
import type { PackageFile } from '../../model/inventory/index.ts';
import type { Budget } from '../limits.ts';
import type { UnkeptEntries } from './find-unkept.ts';
import { packTable, type TarTotals } from './kept-table.ts';
import { type SinkContext, type SinkRecord, takePackageFile } from './layer-sink.ts';
import type { LayerTable } from './layer-table.ts';

/** Entries of the largest layer that is kept; one has about 50 bytes. */
const maxEntries = 300_000;
const maxNotes = 1000;

/** Contents by entry. */
type Contents = ReadonlyMap<number, Buffer>;

type KeptPackageFile = [entry: number, found: PackageFile | null];

/** First line of a cached layer. The bytes of its table follow it, then the contents in this order. */
export interface Head {
  table: number;
  notes: Note[];
  wanted: [entry: number, bytes: number][];
  linked: [entry: number, bytes: number][];
  packageFiles: KeptPackageFile[];
  linkedPackageFiles: KeptPackageFile[];
}

/** A note about an entry of the tar. */
type Note = [code: string, detail: string];

/** A layer as it is kept, or will be. */
export class LayerRecord implements SinkRecord {
  readonly #write: (content: Buffer) => Promise<void>;
  readonly #totals: TarTotals = { entries: 0, pathBytes: 0 };
  #notes: Note[] = [];
  #table: Buffer | undefined;
  #wanted: Contents = new Map();
  #packageFiles: LayerTable['packageFiles'] = new Map();
  /**
   * Contents that an image wants by a link. They depend on its other layers, and are no part of the layer's table, so that an
   * image says the same whatever was read before it.
   */
  readonly #linked: Map<number, Buffer>;
  /** The same of package files. */
  readonly #linkedFiles: LayerTable['linkedPackageFiles'];
  #isNew: boolean;

  constructor(
    write: (content: Buffer) => Promise<void>,
    known?: {
      table: Buffer;
      notes: Note[];
      wanted: Contents;
      packageFiles: LayerTable['packageFiles'];
      linked: Map<number, Buffer>;
      linkedFiles: LayerTable['linkedPackageFiles'];
    },
  ) {
    this.#write = write;
    this.#linked = known?.linked ?? new Map();
    this.#linkedFiles = known?.linkedFiles ?? new Map();
    this.#isNew = known === undefined;
    if (!known) return;
    this.#table = known.table;
    this.#notes = known.notes;
    this.#wanted = new Map(known.wanted);
    this.#packageFiles = known.packageFiles;
  }

  entry({ name, linkName }: TarEntry): void {
    this.#totals.entries += 1;
    this.#totals.pathBytes = Math.max(this.#totals.pathBytes, name.length, linkName.length);
  }

  note(code: string, detail: string): void {
    if (this.#notes.length <= maxNotes) this.#notes.push([code, detail]);
  }

  /** Called once the layer was read, before others are laid over its table. */
  read(table: LayerTable, context: Pick<SinkContext, 'tree' | 'targets'>): void {
    if (this.#totals.entries > maxEntries || this.#notes.length > maxNotes) return;
    this.#table = packTable(table, context, this.#totals);
    this.#wanted = new Map(table.contents);
    this.#packageFiles = table.packageFiles;
  }

  /** Contents that are wanted by links: gives the table those that are known. True: no other is wanted. */
  recallLinked(
    table: LayerTable,
    { contents, packageFiles }: UnkeptEntries,
    budget: Budget,
    where: string,
  ): boolean {
    if (![...contents].every((entry) => this.#linked.has(entry))) return false;
    if (![...packageFiles.keys()].every((entry) => this.#linkedFiles.has(entry))) return false;
    for (const entry of packageFiles.keys())
      takePackageFile(table.linkedPackageFiles, entry, this.#linkedFiles.get(entry), budget, where);
    for (const entry of contents) take(table.contents, entry, this.#linked.get(entry)!, budget, where);
    return true;
  }

  /** Called after the second pass that such contents took. */
  keepLinked({ contents, linkedPackageFiles }: LayerTable, wanted: UnkeptEntries): void {
    for (const entry of wanted.packageFiles.keys())
      this.#linkedFiles.set(entry, linkedPackageFiles.get(entry));
    for (const entry of wanted.contents) this.#linked.set(entry, contents.get(entry)!);
    this.#isNew = true;
  }

  /** Writes it, if it is not what is kept already. */
  async keep(): Promise<void> {
    if (!this.#isNew || !this.#table) return;
    const head: Head = {
      table: this.#table.length,
      notes: this.#notes,
      wanted: sizesOf(this.#wanted),
      linked: sizesOf(this.#linked),
      packageFiles: keptFiles(this.#packageFiles),
      linkedPackageFiles: keptFiles(this.#linkedFiles),
    };
    const contents = [...this.#wanted.values(), ...this.#linked.values()];
    await this.#write(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), this.#table, ...contents]));
    this.#table = undefined;
  }
}

/** Gives a table a content, within the bounds for those that are read. Errors: IMAGE_LIMIT_EXCEEDED. */
export function take(
  contents: Map<number, Buffer>,
  entry: number,
  bytes: Buffer,
  budget: Budget,
  where: string,
): void {
  budget.check('wantedFileBytes', bytes.length, where);
  budget.spend('wantedBytes', bytes.length, where);
  contents.set(entry, bytes);
}

function keptFiles(files: LayerTable['packageFiles']): KeptPackageFile[] {
  return [...files].map(([entry, found]) => [entry, found ?? null]);
}

function sizesOf(contents: Contents): [entry: number, bytes: number][] {
  return [...contents].map(([entry, bytes]) => [entry, bytes.length]);
}

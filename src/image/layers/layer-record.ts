import type { TarEntry } from '../../io/tar/reader.ts';
import type { PackageFile } from '../../model/index.ts';
import type { Budget } from '../limits.ts';
import type { UnkeptEntries } from './find-unkept.ts';
import { takePackageFile } from './layer-sink.ts';
import type { LayerTable } from './layer-table.ts';

/** Entries of the largest layer that is kept; one has a line of about 100 bytes. */
const maxEntries = 300_000;
const linesTogether = 1000;

/** An entry as it is kept, without what is not said of it. */
export type Line = Omit<TarEntry, 'xattrs' | 'mtime' | 'dataOffset'> & {
  /** Absent: not known. */
  mtime?: number;
  /** Names and values in base64. */
  xattrs?: [name: string, value: string][];
};

/** Contents by entry. */
type Contents = ReadonlyMap<number, Buffer>;

type KeptPackageFile = [entry: number, found: PackageFile | null];

/** Header of a cached layer. Entry lines follow it, then the contents in this order. */
export interface Rest {
  wanted: [entry: number, bytes: number][];
  linked: [entry: number, bytes: number][];
  packageFiles: KeptPackageFile[];
  linkedPackageFiles: KeptPackageFile[];
}

/** A layer as it is kept, or will be. */
export class LayerRecord {
  readonly #write: (content: Buffer) => Promise<void>;
  /** Lines that were joined already, outside the heap. */
  #text: Buffer[] = [];
  #lines: string[] = [];
  #entries = 0;
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
      text: Buffer;
      linked: Map<number, Buffer>;
      linkedFiles: LayerTable['linkedPackageFiles'];
    },
  ) {
    this.#write = write;
    this.#linked = known?.linked ?? new Map();
    this.#linkedFiles = known?.linkedFiles ?? new Map();
    this.#isNew = known === undefined;
    if (known) this.#text.push(known.text);
  }

  entry({ xattrs, mtime, dataOffset, ...said }: TarEntry): void {
    this.#entries += 1;
    if (this.#entries > maxEntries) {
      this.#lines = [];
      this.#text = [];
      return;
    }
    const line: Line = {
      ...said,
      ...(!Number.isNaN(mtime) && { mtime }),
      ...(xattrs && { xattrs: [...xattrs].map(([name, value]) => [name, value.toString('base64')]) }),
    };
    this.#lines.push(JSON.stringify(line));
    if (this.#lines.length === linesTogether) this.#join();
  }

  /** Called with the table once the layer was read, before others are laid over it. */
  read({ contents, packageFiles }: LayerTable): void {
    this.#wanted = new Map(contents);
    this.#packageFiles = packageFiles;
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
    if (!this.#isNew || this.#entries > maxEntries) return;
    this.#join();
    const rest: Rest = {
      wanted: sizesOf(this.#wanted),
      linked: sizesOf(this.#linked),
      packageFiles: keptFiles(this.#packageFiles),
      linkedPackageFiles: keptFiles(this.#linkedFiles),
    };
    const text = Buffer.concat([Buffer.from(`${JSON.stringify(rest)}\n`), ...this.#text]);
    const contents = [...this.#wanted.values(), ...this.#linked.values()];
    await this.#write(Buffer.concat([Buffer.from(`${text.length}\n`), text, ...contents]));
    this.#text = [];
  }

  #join(): void {
    this.#text.push(Buffer.from(this.#lines.map((line) => `${line}\n`).join('')));
    this.#lines = [];
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

import type { TarEntry } from '../../io/tar/reader.ts';
import type { ProgramBuilder } from '../../model/index.ts';
import type { Budget } from '../limits.ts';
import type { UnkeptEntries } from './find-unkept.ts';
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

/** Header of a cached layer. Entry lines follow it, then the contents in this order. */
export interface Rest {
  wanted: [entry: number, bytes: number][];
  linked: [entry: number, bytes: number][];
  builders: [entry: number, builder: ProgramBuilder][];
}

/** A layer as it is kept, or will be. */
export class LayerRecord {
  readonly #write: (content: Buffer) => Promise<void>;
  /** Lines that were joined already, outside the heap. */
  #text: Buffer[] = [];
  #lines: string[] = [];
  #entries = 0;
  #wanted: Contents = new Map();
  #builders: LayerTable['builders'] = new Map();
  /**
   * Contents that an image wants by a link. They depend on its other layers, and are no part of the layer's table, so that an
   * image says the same whatever was read before it.
   */
  readonly #linked: Map<number, Buffer>;
  #isNew: boolean;

  constructor(
    write: (content: Buffer) => Promise<void>,
    known?: { text: Buffer; linked: Map<number, Buffer> },
  ) {
    this.#write = write;
    this.#linked = known?.linked ?? new Map();
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
  read({ contents, builders }: LayerTable): void {
    this.#wanted = new Map(contents);
    this.#builders = builders;
  }

  /** Contents that are wanted by links: gives the table those that are known. True: no other is wanted. */
  recallLinked(table: LayerTable, { contents }: UnkeptEntries, budget: Budget, where: string): boolean {
    for (const entry of contents) {
      const known = this.#linked.get(entry);
      if (known === undefined) return false;
    }
    for (const entry of contents) take(table.contents, entry, this.#linked.get(entry)!, budget, where);
    return true;
  }

  /** Called after the second pass that such contents took. */
  keepLinked({ contents }: LayerTable, wanted: UnkeptEntries): void {
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
      builders: [...this.#builders],
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

function sizesOf(contents: Contents): [entry: number, bytes: number][] {
  return [...contents].map(([entry, bytes]) => [entry, bytes.length]);
}

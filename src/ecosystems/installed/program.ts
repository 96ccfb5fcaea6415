import type { EcosystemId, PackageFile, PackageFileReader } from '../../model/inventory/index.ts';
import { crateList } from './cargo.ts';
import { elfHeadBytes, elfMark, readElfHead, smallestElf } from './elf.ts';
import type { InstalledForm } from './form.ts';
import { goBuildInformation } from './go.ts';

/** Programs that record their language packages: those of Go, and of `cargo auditable`. Of a file that is no ELF file it reads four bytes. */
export const program: InstalledForm = {
  name: 'program',
  begin: (_, size) => (size < smallestElf ? undefined : new ProgramReader()),
};

const recorded: ReadonlySet<EcosystemId> = new Set(['cargo', 'golang']);

/** Whether a file is a program that records its packages: those of other ecosystems have files of their own. */
export function isOfProgram({ packages, unread }: PackageFile): boolean {
  const [first = unread[0]] = packages;
  return first !== undefined && recorded.has(first.ecosystem);
}

class ProgramReader implements PackageFileReader {
  /** The first bytes, until they are read. */
  #head: Buffer | undefined = Buffer.alloc(0);
  #readers: readonly PackageFileReader[] = [];
  #found: PackageFile | undefined;

  get isOver(): boolean {
    const hasAll = this.#found !== undefined || this.#readers.every(({ isOver }) => isOver);
    return this.#head === undefined && hasAll;
  }

  push(piece: Buffer): void {
    if (this.#head === undefined) {
      this.#pass(piece);
      return;
    }
    this.#head = Buffer.concat([this.#head, piece]);
    const isElf = elfMark.subarray(0, this.#head.length).equals(this.#head.subarray(0, elfMark.length));
    if (!isElf || this.#head.length >= elfHeadBytes) this.#begin(this.#head);
  }

  end(): PackageFile | undefined {
    if (this.#head) this.#begin(this.#head);
    return this.#found ?? this.#readers.map((reader) => reader.end()).find((file) => file !== undefined);
  }

  #begin(bytes: Buffer): void {
    this.#head = undefined;
    const head = readElfHead(bytes);
    if (!head) return;
    this.#readers = [goBuildInformation(head.data, bytes), crateList(head)];
    this.#pass(bytes);
  }

  #pass(piece: Buffer): void {
    for (const reader of this.#readers) {
      if (this.#found || reader.isOver) continue;
      reader.push(piece);
      if (reader.isOver) this.#found = reader.end();
    }
  }
}

/** A toolchain that records a program's language packages in the program. */
export type ProgramBuilder = 'go' | 'cargo';

const elf = Buffer.from('\x7fELF', 'latin1');

/** Go's linker writes the first since 1.13, `cargo auditable` a section of the second name. */
const marks = [mark('go', '\xff Go ', 'buildinf:'), mark('cargo', '\0.', 'dep-v0\0')];

/** A part of a mark without frequent bytes is found three times as fast as the whole. */
function mark(builder: ProgramBuilder, before: string, rare: string) {
  return { builder, rare: Buffer.from(rare, 'latin1'), bytes: Buffer.from(before + rare, 'latin1') };
}

const longest = Math.max(...marks.map(({ bytes }) => bytes.length)) - 1;

/** Looks for the marks of builders in a program while it is read. Of a file that is no ELF file it reads four bytes. */
export class BuilderSearch {
  #head: Buffer = Buffer.alloc(0);
  /** The end of what was read: a mark may lie across two pieces. */
  #tail: Buffer = Buffer.alloc(0);
  #found: ProgramBuilder | undefined;
  #isOver = false;

  /** Nothing more can be found. */
  get isOver(): boolean {
    return this.#isOver;
  }

  push(piece: Buffer): void {
    if (this.#isOver) return;
    if (this.#head.length < elf.length) {
      this.#head = Buffer.concat([this.#head, piece.subarray(0, elf.length - this.#head.length)]);
      this.#isOver = !this.#head.equals(elf.subarray(0, this.#head.length));
      if (this.#isOver) return;
    }
    const seam = Buffer.concat([this.#tail, piece.subarray(0, longest)]);
    this.#found = marks.find(
      ({ rare, bytes }) => seam.includes(bytes) || (piece.includes(rare) && piece.includes(bytes)),
    )?.builder;
    this.#isOver = this.#found !== undefined;
    this.#tail = Buffer.concat([this.#tail, piece.subarray(-longest)]).subarray(-longest);
  }

  get found(): ProgramBuilder | undefined {
    return this.#found;
  }
}

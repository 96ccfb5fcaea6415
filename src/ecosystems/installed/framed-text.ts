/** The text of modules in the constants of a program, between marks that Go's linker writes (`infoStart`, `infoEnd` in cmd/go). */
const marks = {
  begin: Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex'),
  end: Buffer.from('f932433186182072008242104116d8f2', 'hex'),
};

/** Finds it in bytes that come in pieces; no more of them is held than it is long. */
export class FramedText {
  readonly #mostBytes: number;
  #held: Buffer = Buffer.alloc(0);
  #hasBegun = false;
  #lacksEnd = false;
  #text: Buffer | undefined;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Without the marks. Undefined: it was not found, or not its end. */
  get text(): Buffer | undefined {
    return this.#text;
  }

  /** True if it has begun and has no end. */
  get isCut(): boolean {
    return this.#text === undefined && (this.#hasBegun || this.#lacksEnd);
  }

  push(bytes: Buffer): void {
    if (this.#text) return;
    // At most the length of a mark is searched again.
    const searched = Math.max(0, this.#held.length - marks.end.length);
    const all = Buffer.concat([this.#held, bytes]);
    if (!this.#hasBegun) {
      const at = all.indexOf(marks.begin);
      if (at === -1) {
        this.#held = Buffer.from(all.subarray(-marks.begin.length));
        return;
      }
      this.#hasBegun = true;
      this.#held = Buffer.alloc(0);
      this.push(all.subarray(at + marks.begin.length));
      return;
    }
    const end = all.indexOf(marks.end, searched);
    if (end !== -1) this.#text = Buffer.from(all.subarray(0, end));
    else if (all.length > this.#mostBytes) {
      // Another text may follow that has its end.
      this.#hasBegun = false;
      this.#lacksEnd = true;
      this.#held = Buffer.alloc(0);
    } else this.#held = Buffer.from(all);
  }
}

/** Hands pieces from one loop to another, one at a time: the writer waits until the reader has taken each. */
export class Channel<Piece> implements AsyncIterable<Piece> {
  #piece: Piece | undefined;
  #ended = false;
  #readerGone = false;
  #wakeReader: () => void = () => {};
  #wakeWriter: () => void = () => {};

  /** Resolves once the reader asks for the next piece, or has gone. */
  async write(piece: Piece): Promise<void> {
    if (this.#readerGone) return;
    this.#piece = piece;
    this.#wakeReader();
    await new Promise<void>((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece> {
    try {
      for (;;) {
        if (this.#piece === undefined && !this.#ended) {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        }
        const piece = this.#piece;
        if (piece === undefined) return;
        yield piece;
        this.#piece = undefined;
        this.#wakeWriter();
      }
    } finally {
      this.#readerGone = true;
      this.#wakeWriter();
    }
  }
}

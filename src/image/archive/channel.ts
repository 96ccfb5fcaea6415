/** Passes pieces from one loop to another, one at a time: the writer waits until the reader has taken each. */
export class PieceChannel<Piece> implements AsyncIterable<Piece> {
  #piece: Piece | undefined;
  #ended = false;
  #closed = false;
  #wakeReader: () => void = () => {};
  #wakeWriter: () => void = () => {};

  /** Resolves once the reader asks for the next piece, or the channel is closed. */
  async write(piece: Piece): Promise<void> {
    if (this.#closed) return;
    this.#piece = piece;
    this.#wakeReader();
    await new Promise<void>((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** The writer has no more pieces. */
  end(): void {
    this.#ended = true;
    this.#wakeReader();
  }

  /** The reader takes no more pieces: the writer waits no longer. */
  close(): void {
    this.#closed = true;
    this.#wakeWriter();
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
      this.close();
    }
  }
}

import { columnsOf } from '../report/columns.ts';

/** Milliseconds between two pictures of a step that goes on. */
const pace = 100;

/** The last line of a terminal, which shows how far a command is. Nothing else may write to the terminal while it is shown. */
export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  #shown = '';
  #drawn = Number.NEGATIVE_INFINITY;

  constructor(write: (text: string) => void, columns: () => number) {
    this.#write = write;
    this.#columns = columns;
  }

  /** Shows a printable text in place of the last one. A text that only counts on may wait. */
  show(text: string, now: number, mayWait: boolean): void {
    if (mayWait && now - this.#drawn < pace) return;
    this.#drawn = now;
    const fitting = fit(text, this.#columns() - 1);
    this.#write(this.#erasure() + fitting);
    this.#shown = fitting;
  }

  clear(): void {
    this.#write(this.#erasure());
    this.#shown = '';
  }

  /** A window that became narrower has broken the line into several rows. */
  #erasure(): string {
    if (this.#shown === '') return '';
    const above = Math.ceil(columnsOf(this.#shown) / Math.max(1, this.#columns())) - 1;
    return above > 0 ? `\r\x1b[${above}A\x1b[J` : '\r\x1b[K';
  }
}

function fit(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let fitting = '';
  for (const character of text) {
    if (columnsOf(fitting + character) > columns) break;
    fitting += character;
  }
  return fitting;
}

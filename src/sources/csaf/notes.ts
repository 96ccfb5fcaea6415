import { compareCodeUnits } from '../../model/order.ts';

/** Product ids that became no row, or one with a doubt: by reason, with the place of the first. */
export interface Note {
  reason: string;
  dropped: boolean;
  count: number;
  pointer: string;
  detail?: string;
}

/** Counts what the product ids of one document became. */
export class Notes {
  used = 0;
  #notes = new Map<string, Note>();

  use(count = 1): void {
    this.used += count;
  }

  drop(reason: string, pointer: string, detail?: string, count = 1): void {
    this.#note(reason, true, pointer, detail, count);
  }

  doubt(reason: string, pointer: string, detail?: string, count = 1): void {
    this.#note(reason, false, pointer, detail, count);
  }

  /** By reason in code-unit order. */
  list(): Note[] {
    return [...this.#notes.values()].sort((a, b) => compareCodeUnits(a.reason, b.reason));
  }

  #note(reason: string, dropped: boolean, pointer: string, detail: string | undefined, count: number): void {
    const key = dropped ? reason : `?${reason}`;
    const known = this.#notes.get(key);
    if (known) known.count += count;
    else
      this.#notes.set(key, { reason, dropped, count, pointer, ...(detail === undefined ? {} : { detail }) });
  }
}

import type { FleetView } from '../view/fleet-view.ts';
import type { PageAnswer } from './page.ts';

/** Limits on what is kept for one view: characters in all, those of addresses too, and of one answer. */
const most = 4_000_000;
const largest = 500_000;

/**
 * Answers that were made of a view: the same address has the same answer until the store changes. Those that were
 * asked for longest ago go first.
 */
export class KeptAnswers {
  #view: FleetView | undefined;
  readonly #answers = new Map<string, PageAnswer>();
  #size = 0;

  find(view: FleetView, key: string): PageAnswer | undefined {
    if (view !== this.#view) return undefined;
    const known = this.#answers.get(key);
    if (!known) return undefined;
    this.#answers.delete(key);
    this.#answers.set(key, known);
    return known;
  }

  keep(view: FleetView, key: string, answer: PageAnswer): void {
    if (view !== this.#view) {
      this.#view = view;
      this.#answers.clear();
      this.#size = 0;
    }
    if (answer.body.length > largest || this.#answers.has(key)) return;
    this.#answers.set(key, answer);
    this.#size += key.length + answer.body.length;
    for (const [oldest, { body }] of this.#answers) {
      if (this.#size <= most) break;
      this.#answers.delete(oldest);
      this.#size -= oldest.length + body.length;
    }
  }
}

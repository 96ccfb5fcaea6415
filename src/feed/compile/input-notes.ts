/** Dates and versions of inputs, as their documents state them. */
export class InputNotes {
  readonly #dates = new Map<string, number>();
  readonly #versions = new Map<string, string>();

  dated(input: string, date: string): void {
    // Without a zone Date.parse assumes local time, and a feed would depend on the machine's TZ.
    const time = isoDate.test(date) ? Date.parse(date) : Number.NaN;
    if (time > (this.#dates.get(input) ?? Number.NEGATIVE_INFINITY)) this.#dates.set(input, time);
  }

  /** The newest date noted for an input, ISO 8601 UTC. */
  dateOf(input: string): string | undefined {
    const time = this.#dates.get(input);
    return time === undefined ? undefined : new Date(time).toISOString().replace('.000Z', 'Z');
  }

  versioned(input: string, version: string): void {
    this.#versions.set(input, version);
  }

  versionOf(input: string): string | undefined {
    return this.#versions.get(input);
  }
}

const isoDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d))?$/;

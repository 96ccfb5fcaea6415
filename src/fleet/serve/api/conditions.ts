/** Conditions of a query with their values, which never become a part of its text. */
export class Conditions {
  readonly #conditions: string[] = [];
  readonly values: unknown[] = [];

  /** `sql` has `?` where the value stands. */
  add(sql: string, value: unknown): void {
    this.#conditions.push(sql.replaceAll('?', this.value(value)));
  }

  /** A condition without a value. */
  require(sql: string): void {
    this.#conditions.push(sql);
  }

  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  toString(): string {
    return this.#conditions.length === 0 ? 'true' : this.#conditions.join(' AND ');
  }
}

/** What a user looks for, as a pattern of LIKE. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** Runs statements: the database, or one transaction of it. Values are `$1`, `$2`; JSON goes in as text. */
export interface Queries {
  query<Row extends object>(statement: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Statements without values, one after the other: migrations, and what the queue sends. Returns the rows of all. */
  execute(statements: string): Promise<object[]>;
}

/**
 * The store's database: PostgreSQL in this process (a folder) or a server. Both take the same SQL, and nothing above
 * this interface knows which one it is.
 */
export interface Database extends Queries {
  readonly kind: 'embedded' | 'server';
  /** Where it is, for messages, without a password. */
  readonly place: string;
  /** All statements of `work`, or none. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /**
   * Does `work` while no other process does work of this name; undefined: another one does it now. A process that dies
   * holds nothing.
   */
  alone<T>(name: string, work: () => Promise<T>): Promise<T | undefined>;
  /** Frees the room of rows that are gone. A server does it by itself, and this does nothing. */
  vacuum(): Promise<void>;
  close(): Promise<void>;
}

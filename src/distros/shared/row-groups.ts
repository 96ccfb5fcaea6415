import { claimIds, type ShardTables } from '../../feed/read/shard-records.ts';
import type { StoredClaim } from '../../model/feed/index.ts';

/** Rows about the same vulnerabilities, judged once for all of them. */
export interface RowGroup<R> {
  rows: readonly R[];
  ids: readonly string[];
}

/** Groups vulnerabilities that are in the same rows. */
export class RowGroups<R extends { claim: StoredClaim }> {
  readonly #tables: ShardTables;
  readonly #places = new Map<string, Group<R>>();

  constructor(tables: ShardTables) {
    this.#tables = tables;
  }

  add(row: R): void {
    const ids = claimIds(row.claim.ids, this.#tables);
    let first: Group<R> | undefined;
    for (let at = 0; at < ids.length; at++) {
      const id = ids[at]!;
      const group = this.#places.get(id);
      if (group) this.#places.set(id, group.with(row));
      else {
        first ??= new Group([row]);
        this.#places.set(id, first);
      }
    }
  }

  list(): readonly RowGroup<R>[] {
    const groups: Group<R>[] = [];
    this.#places.forEach((group, id) => {
      if (group.ids.length === 0) groups.push(group);
      group.ids.push(id);
    });
    return groups;
  }
}

/** Rows of the same vulnerabilities, in their order. */
class Group<R> implements RowGroup<R> {
  readonly rows: readonly R[];
  readonly ids: string[] = [];
  /** The group of those that go on to the row that is being added. */
  #next: Group<R> | undefined;

  constructor(rows: readonly R[]) {
    this.rows = rows;
  }

  with(row: R): Group<R> {
    if (this.#next?.rows.at(-1) !== row) this.#next = new Group(this.rows.concat(row));
    return this.#next!;
  }
}

import type { Queries } from './database.ts';
import { storable } from './json.ts';

export type WatchKind = 'image' | 'registry' | 'import';

/** An image, registry or file that the user asked to watch. */
export interface Watch {
  id: number;
  kind: WatchKind;
  /** A reference, or `HOST[/PREFIX]` of a registry. */
  place: string;
  /** The tags of a registry to watch: a glob; empty for others. */
  tags: string;
  added: Date;
}

/** A reference that each run looks up again. */
export interface Name {
  id: number;
  watch: number;
  kind: WatchKind;
  reference: string;
  added: Date;
}

/** Adds a watch, or takes it up again; returns its number and whether it is new. */
export async function addWatch(
  queries: Queries,
  { kind, place, tags = '' }: { kind: WatchKind; place: string; tags?: string },
  now: Date,
): Promise<{ id: number; isNew: boolean }> {
  const [row] = await queries.query<{ id: number; isNew: boolean }>(
    `INSERT INTO fleet.watches AS known (kind, place, tags, added) VALUES ($1, $2, $3, $4)
     ON CONFLICT (kind, place, tags) DO UPDATE SET removed = NULL,
       added = CASE WHEN known.removed IS NULL THEN known.added ELSE excluded.added END
     RETURNING id, added = $4 AS "isNew"`,
    [kind, storable(place), storable(tags), now],
  );
  return row!;
}

/** A name that is looked up, or that inventories are sent for, stays so. */
const isKept = `known.removed IS NULL AND NOT (
  (SELECT kind FROM fleet.watches WHERE id = known.watch) = 'import'
  AND (SELECT kind FROM fleet.watches WHERE id = excluded.watch) <> 'import')`;

/**
 * Adds names of a watch, or takes them up again; returns how many were not looked up before. A name under which somebody sent an
 * inventory is looked up from now on: otherwise whoever may send could stand for an image that is added later.
 */
export async function addNames(
  queries: Queries,
  watch: number,
  references: readonly string[],
  now: Date,
): Promise<number> {
  if (references.length === 0) return 0;
  const rows = await queries.query<{ isNew: boolean }>(
    `INSERT INTO fleet.names AS known (watch, reference, added)
     SELECT $1::integer, reference, $3::timestamptz FROM unnest($2::text[]) AS reference
     ON CONFLICT (reference) DO UPDATE SET removed = NULL,
       watch = CASE WHEN ${isKept} THEN known.watch ELSE excluded.watch END,
       added = CASE WHEN ${isKept} THEN known.added ELSE excluded.added END
     RETURNING added = $3 AS "isNew"`,
    [watch, [...new Set(references.map(storable))], now],
  );
  return rows.filter(({ isNew }) => isNew).length;
}

/** Adds Kubernetes namespaces to names. Those of other clusters stay until the name is removed. */
export async function addNamespaces(
  queries: Queries,
  references: readonly string[],
  namespaces: readonly string[],
): Promise<void> {
  if (namespaces.length === 0) return;
  await queries.query(
    `UPDATE fleet.names SET namespaces = ARRAY(SELECT DISTINCT each FROM unnest(namespaces || $2::text[]) AS each ORDER BY each)
     WHERE reference = ANY($1::text[]) AND NOT namespaces @> $2::text[]`,
    [references.map(storable), namespaces],
  );
}

export async function watches(queries: Queries): Promise<Watch[]> {
  return queries.query<Watch>(
    'SELECT id, kind, place, tags, added FROM fleet.watches WHERE removed IS NULL ORDER BY kind, place, tags',
  );
}

/** Names that are looked up, in their order. */
export async function names(queries: Queries): Promise<Name[]> {
  return queries.query<Name>(
    `SELECT names.id, watch, kind, reference, names.added FROM fleet.names JOIN fleet.watches ON watches.id = watch
     WHERE names.removed IS NULL ORDER BY reference COLLATE "C"`,
  );
}

/** Ends the watching of names: their images stay until they are pruned. */
export async function removeNames(queries: Queries, ids: readonly number[], now: Date): Promise<void> {
  await queries.query(
    `UPDATE fleet.names SET removed = $2, namespaces = '{}' WHERE id = ANY($1::integer[]) AND removed IS NULL`,
    [ids, now],
  );
  await queries.query(
    'UPDATE fleet.name_images SET until = $2 WHERE name = ANY($1::integer[]) AND until IS NULL',
    [ids, now],
  );
}

/** Ends watches with all of their names; returns how many watches there were of this place. */
async function removeWatch(queries: Queries, place: string, now: Date): Promise<number> {
  const ended = await queries.query<{ id: number }>(
    'UPDATE fleet.watches SET removed = $2 WHERE place = $1 AND removed IS NULL RETURNING id',
    [place, now],
  );
  const ids = ended.map(({ id }) => id);
  const under = await queries.query<{ id: number }>(
    'SELECT id FROM fleet.names WHERE watch = ANY($1::integer[]) AND removed IS NULL',
    [ids],
  );
  await removeNames(
    queries,
    under.map(({ id }) => id),
    now,
  );
  return ended.length;
}

/** The name stands for this image from now on. Returns whether it did not before. */
export async function pointName(queries: Queries, name: number, image: number, now: Date): Promise<boolean> {
  const [open] = await queries.query<{ image: number }>(
    'SELECT image FROM fleet.name_images WHERE name = $1 AND until IS NULL FOR UPDATE',
    [name],
  );
  if (open?.image === image) return false;
  await queries.query('UPDATE fleet.name_images SET until = $2 WHERE name = $1 AND until IS NULL', [
    name,
    now,
  ]);
  await queries.query('INSERT INTO fleet.name_images (name, image, since) VALUES ($1, $2, $3)', [
    name,
    image,
    now,
  ]);
  return true;
}

/** Ends the watching of what was asked for by this text: a name, or a registry with all of its names. False: nobody asked. */
export async function endWatching(queries: Queries, place: string, now: Date): Promise<boolean> {
  const known = await queries.query<{ id: number }>(
    'SELECT id FROM fleet.names WHERE reference = $1 AND removed IS NULL',
    [storable(place)],
  );
  await removeNames(
    queries,
    known.map(({ id }) => id),
    now,
  );
  return known.length + (await removeWatch(queries, storable(place), now)) > 0;
}

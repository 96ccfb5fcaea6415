import type { BaseImages, BaseStanding, Inventory, Layer, StatedBase } from '../../model/inventory/index.ts';
import type { JudgedBase } from '../../runtime/rebuilt.ts';
import { watchedImages } from '../news/watched.ts';
import { packed, unpacked } from '../packing.ts';
import type { Queries } from './database.ts';
import { json, storable } from './json.ts';
import type { KeptInventory } from './prepared-image.ts';

/** A base image as it was read; kept once by its digest. */
export interface BaseContents {
  digest: string;
  architecture?: string;
  inventory: Inventory;
  layers: readonly Layer[];
}

/** A kept base. `run`: the one that judged it last. */
export interface KeptBase extends BaseContents {
  id: number;
  run: number | null;
}

/** Keeps how an image states its base; without a reference it states none. */
export async function keepStated(
  queries: Queries,
  image: number,
  stated: StatedBase | undefined,
): Promise<void> {
  await queries.query(
    `INSERT INTO fleet.image_bases (image, stated) VALUES ($1, $2) ON CONFLICT (image) DO UPDATE SET stated = excluded.stated
     WHERE image_bases.stated IS DISTINCT FROM excluded.stated`,
    [image, json(stated ?? {})],
  );
}

/** The digests of all bases that are kept. */
export async function baseDigests(queries: Queries): Promise<ReadonlySet<string>> {
  const rows = await queries.query<{ digest: string }>('SELECT digest FROM fleet.bases');
  return new Set(rows.map(({ digest }) => digest));
}

export async function findBase(
  queries: Queries,
  by: { id: number } | { digest: string },
): Promise<KeptBase | undefined> {
  const [row] = await queries.query<{
    id: number;
    digest: string;
    architecture: string | null;
    body: Uint8Array;
    run: number | null;
  }>(
    `SELECT id, digest, architecture, body, run FROM fleet.bases WHERE ${'id' in by ? 'id' : 'digest'} = $1`,
    Object.values(by),
  );
  if (!row) return undefined;
  const { body, architecture, ...base } = row;
  return {
    ...{ ...base, ...(architecture !== null && { architecture }) },
    ...unpacked<Pick<BaseContents, 'inventory' | 'layers'>>(body),
  };
}

/** Keeps a base with what a run found in it; what the last finished run found holds until this one ends. */
export async function keepBase(
  queries: Queries,
  { digest, architecture, inventory, layers }: BaseContents,
  found: JudgedBase,
  run: number,
): Promise<void> {
  await queries.query(
    `INSERT INTO fleet.bases (digest, architecture, body, found, run) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (digest) DO UPDATE SET found = excluded.found, run = excluded.run`,
    [
      ...[digest, architecture === undefined ? null : storable(architecture)],
      ...[packed({ inventory, layers }), packed(found), run],
    ],
  );
}

/** The base that a reference stands for in a run, or why it could not be read. */
export type ReferredBase = { id: number; digest: string } | { failure: string };

/** `found`: the digest of a kept base. */
export async function keepReferred(
  queries: Queries,
  reference: string,
  found: { digest: string } | { failure: string },
): Promise<void> {
  await queries.query(
    `INSERT INTO fleet.base_references (reference, base, failure)
     VALUES ($1, (SELECT id FROM fleet.bases WHERE digest = $2), $3)
     ON CONFLICT (reference) DO UPDATE SET base = excluded.base, failure = excluded.failure`,
    'digest' in found ? [reference, found.digest, null] : [reference, null, storable(found.failure)],
  );
}

export async function referredBases(queries: Queries): Promise<ReadonlyMap<string, ReferredBase>> {
  const rows = await queries.query<{ reference: string; id: number; digest: string; failure: string | null }>(
    `SELECT reference, base AS id, digest, failure FROM fleet.base_references LEFT JOIN fleet.bases ON bases.id = base`,
  );
  return new Map(
    rows.map(({ reference, id, digest, failure }) => [
      reference,
      failure === null ? { id, digest } : { failure },
    ]),
  );
}

/** A watched image with how it states its base, and what was compared last. */
export interface StatingImage {
  image: number;
  /** Its names, in code-unit order. */
  names: string[];
  /** It was only sent in, as an inventory. */
  isSent: boolean;
  /** Null: no run has looked at it. */
  stated: StatedBase | null;
  /** Numbers of the bases that it was compared with, in the order in which it states them. */
  compared: number[];
  described: BaseImages | null;
  reason: string | null;
}

export function statingImages(queries: Queries): Promise<StatingImage[]> {
  return queries.query<StatingImage>(
    `SELECT watched.image, names, "isSent", stated, coalesce(compared, '{}') AS compared, described, reason FROM (
       SELECT image, array_agg(reference ORDER BY reference COLLATE "C") AS names, bool_and(kind = 'import') AS "isSent"
       FROM fleet.name_images JOIN fleet.names ON names.id = name JOIN fleet.watches ON watches.id = watch
       WHERE until IS NULL AND names.removed IS NULL GROUP BY image) AS watched
     LEFT JOIN fleet.image_bases ON image_bases.image = watched.image ORDER BY compared, watched.image`,
  );
}

/** The part of an image that is compared with a base. */
export async function imageContents(
  queries: Queries,
  image: number,
): Promise<Pick<KeptInventory, 'inventory' | 'layers'> & { architecture?: string }> {
  const [row] = await queries.query<{ body: Uint8Array; architecture: string | null }>(
    'SELECT body, architecture FROM fleet.inventories JOIN fleet.images ON id = image WHERE image = $1',
    [image],
  );
  const { body, architecture } = row!;
  return { ...unpacked<KeptInventory>(body), ...(architecture !== null && { architecture }) };
}

/** An image's comparison with bases, by their numbers. */
export interface KeptComparison {
  bases: readonly number[];
  /** Null: none could be read. */
  described: BaseImages | null;
  reason: string | null;
  /** Digests of the image's packages by origin; a package that it has several times can have several. Absent: as before. */
  origins?: Readonly<Record<BaseStanding['origin'], readonly string[]>>;
}

export async function keepCompared(
  queries: Queries,
  image: number,
  { bases, described, reason, origins }: KeptComparison,
): Promise<void> {
  await queries.query(
    `INSERT INTO fleet.image_bases (image, compared, described, reason) VALUES ($1, $2, $3, $4)
     ON CONFLICT (image) DO UPDATE SET compared = excluded.compared, described = excluded.described, reason = excluded.reason`,
    [image, bases, described && json(described), reason],
  );
  if (!origins) return;
  const of = (at: number) =>
    `coalesce((SELECT array_agg(id ORDER BY id) FROM fleet.packages WHERE digest = ANY($${at}::text[]::bytea[])), '{}')`;
  await queries.query(
    `UPDATE fleet.image_bases SET of_base = ${of(2)}, of_own = ${of(3)}, of_unknown = ${of(4)} WHERE image = $1`,
    [
      image,
      ...[origins.base, origins.own, origins.unknown].map((each) => each.map((digest) => `\\x${digest}`)),
    ],
  );
}

/**
 * The end of a run: what it found in bases holds from now on, and bases of no watched image are forgotten. Returns the numbers of images
 * with and without a known base.
 */
export async function settleBases(queries: Queries): Promise<{ known: number; unknown: number }> {
  await queries.query('UPDATE fleet.bases SET judged = found, found = NULL WHERE found IS NOT NULL');
  await queries.query(`DELETE FROM fleet.image_bases WHERE image NOT IN (${watchedImages})`);
  await queries.query(
    'DELETE FROM fleet.bases WHERE NOT EXISTS (SELECT FROM fleet.image_bases WHERE bases.id = ANY(compared))',
  );
  const [row] = await queries.query<{ known: number; unknown: number }>(
    `SELECT count(described)::integer AS known, (count(*) - count(described))::integer AS unknown FROM fleet.image_bases`,
  );
  return row!;
}

/** The end of a run that compared with no base: what an earlier one found would grow old unseen. */
export async function forgetBases(queries: Queries): Promise<void> {
  for (const table of ['image_bases', 'base_references', 'bases'])
    await queries.query(`DELETE FROM fleet.${table}`);
}

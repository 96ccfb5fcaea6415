import type { Inventory, Layer } from '../../model/inventory/index.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';
import { unpacked } from '../packing.ts';
import type { Queries } from './database.ts';
import { json, storable } from './json.ts';
import {
  digestOfImage,
  type KeptInventory,
  type PreparedImage,
  prepareImage,
  type ReadImage,
} from './prepared-image.ts';

/** An inventory with its image, in the form of `scapfeed inventory -o json`. */
export interface InventoryDocument extends Inventory {
  image: { reference: string; digest?: string; architecture?: string; layers: readonly Layer[] };
}

/** Keeps an image with its inventory, once ever. Returns its number; packages that are new wait to be judged. */
export async function keepImage(
  queries: Queries,
  image: ReadImage,
  now: Date,
  tool: string,
): Promise<number> {
  const digest = digestOfImage(image);
  return (
    (await imageNumber(queries, digest)) ?? keepPrepared(queries, prepareImage(image, digest), now, tool)
  );
}

/** The same for an image that is prepared. */
export async function keepPrepared(
  queries: Queries,
  image: PreparedImage,
  now: Date,
  tool: string,
): Promise<number> {
  const { digest, kind, architecture, body } = image;
  const known = await imageNumber(queries, digest);
  if (known !== undefined) return known;
  const number = await keepSystem(queries, image.system);
  const numbers = await keepPackages(queries, number, image.packages);
  const [row] = await queries.query<{ id: number }>(
    `INSERT INTO fleet.images (digest, kind, architecture, system, packages, installed, gaps, unjudged, labels, signed, read, tool)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (digest) DO NOTHING RETURNING id`,
    [
      ...[digest, kind, architecture === undefined ? null : storable(architecture)],
      ...[number, numbers, image.installed],
      ...[image.gaps, image.unjudged, image.labels],
      ...[image.signed ?? null, now, tool],
    ],
  );
  // Another process was first.
  if (!row) return (await imageNumber(queries, digest))!;
  await queries.query('INSERT INTO fleet.inventories (image, body) VALUES ($1, $2)', [row.id, body]);
  return row.id;
}

export async function imageNumber(queries: Queries, digest: string): Promise<number | undefined> {
  const [row] = await queries.query<{ id: number }>('SELECT id FROM fleet.images WHERE digest = $1', [
    digest,
  ]);
  return row?.id;
}

/** Stores the result of an image's signatures by the last requested policy. */
export async function keepSigned(queries: Queries, image: number, signed: SignatureGate): Promise<void> {
  await queries.query('UPDATE fleet.images SET signed = $2 WHERE id = $1', [image, json(signed)]);
}

/** The inventory of an image, as `scapfeed inventory -o json` writes it. */
export async function inventoryDocument(
  queries: Queries,
  image: number,
  reference: string,
): Promise<InventoryDocument | undefined> {
  const [row] = await queries.query<{ body: Uint8Array; digest: string; architecture: string | null }>(
    'SELECT body, digest, architecture FROM fleet.inventories JOIN fleet.images ON id = image WHERE image = $1',
    [image],
  );
  if (!row) return undefined;
  const { inventory, layers, claimed } = unpacked<KeptInventory>(row.body);
  const { architecture } = row;
  const digest = row.digest.startsWith('inventory:') ? claimed : row.digest;
  const known = digest === undefined ? {} : { digest };
  return {
    image: { reference, ...known, ...(architecture !== null && { architecture }), layers },
    ...inventory,
  };
}

async function keepSystem(
  queries: Queries,
  { digest: hex, name, facts }: PreparedImage['system'],
): Promise<number> {
  const digest = Buffer.from(hex, 'hex');
  const [made] = await queries.query<{ id: number }>(
    `INSERT INTO fleet.systems (digest, name, facts) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING RETURNING id`,
    [digest, storable(name), facts],
  );
  if (made) return made.id;
  const [known] = await queries.query<{ id: number }>('SELECT id FROM fleet.systems WHERE digest = $1', [
    digest,
  ]);
  return known!.id;
}

/** In the order of their digests: two processes that keep the same packages must not wait for each other. */
async function keepPackages(
  queries: Queries,
  system: number,
  packages: PreparedImage['packages'],
): Promise<number[]> {
  if (packages.length === 0) return [];
  const known = await packageNumbers(queries, packages);
  const missing = packages.filter(({ digest }) => !known.has(digest));
  if (missing.length > 0) {
    await queries.query(
      `INSERT INTO fleet.packages (digest, system, type, name, version, arch, source, source_version, facts)
       SELECT decode(digest, 'hex'), $1, type, name, version, arch, source, source_version, facts
       FROM jsonb_to_recordset($2::jsonb) AS given (digest text, type text, name text, version text, arch text, source text,
         source_version text, facts jsonb) ON CONFLICT (digest) DO NOTHING`,
      [system, `[${missing.map(({ row }) => row).join()}]`],
    );
    for (const [digest, id] of await packageNumbers(queries, missing)) known.set(digest, id);
  }
  return [...known.values()].sort((a, b) => a - b);
}

async function packageNumbers(
  queries: Queries,
  packages: PreparedImage['packages'],
): Promise<Map<string, number>> {
  const rows = await queries.query<{ id: number; digest: string }>(
    `SELECT id, encode(digest, 'hex') AS digest FROM fleet.packages WHERE digest = ANY($1::text[]::bytea[])`,
    [packages.map(({ digest }) => `\\x${digest}`)],
  );
  return new Map(rows.map(({ id, digest }) => [digest, id]));
}

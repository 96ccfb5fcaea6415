import type { Inventory, Layer, SignatureGate } from '../../model/index.ts';
import { contextGaps, databaseGap } from '../../runtime/index.ts';
import { digestOf, type KeptPackage, keptParts } from '../kept-parts.ts';
import { packed, unpacked } from '../packing.ts';
import type { Queries } from './database.ts';
import { json, storable } from './json.ts';
import type { ReadVerification } from './verifications.ts';

/** An image as it was read, for the store. */
export interface ReadImage {
  /** Absent: the form of image has none, and its inventory's stands for it. */
  digest?: string;
  kind: string;
  architecture?: string;
  labels: Readonly<Record<string, string>>;
  layers: readonly Layer[];
  inventory: Inventory;
  signed?: SignatureGate;
  /** Absent: its files were not compared with its packages. */
  verification?: ReadVerification;
  /** The digest that the sender claims. Nobody here has seen its manifest, so it is only shown and identifies nothing. */
  claimed?: string;
}

/** An inventory with its image, in the form of `scapfeed inventory -o json`. */
export interface InventoryDocument extends Inventory {
  image: { reference: string; digest?: string; architecture?: string; layers: readonly Layer[] };
}

/** What is kept of an inventory as a whole. */
interface KeptInventory {
  inventory: Inventory;
  layers: readonly Layer[];
  claimed?: string;
}

/** Keeps an image with its inventory, once ever. Returns its number; packages that are new wait to be judged. */
export async function keepImage(
  queries: Queries,
  image: ReadImage,
  now: Date,
  tool: string,
): Promise<number> {
  const { inventory, layers, labels, signed, claimed } = image;
  const digest = image.digest ?? contentDigest(inventory, claimed);
  const known = await imageNumber(queries, digest);
  if (known !== undefined) return known;
  const { system, packages } = keptParts(inventory);
  const number = await keepSystem(queries, system);
  const numbers = await keepPackages(queries, number, packages);
  const [row] = await queries.query<{ id: number }>(
    `INSERT INTO fleet.images (digest, kind, architecture, system, packages, installed, gaps, unjudged, labels, signed, read, tool)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (digest) DO NOTHING RETURNING id`,
    [
      ...[digest, image.kind, image.architecture === undefined ? null : storable(image.architecture)],
      ...[number, numbers, inventory.packages.length],
      ...[json(gapsOf(inventory)), json(inventory.unjudged ?? []), json(labels)],
      ...[signed === undefined ? null : json(signed), now, tool],
    ],
  );
  // Another process was first.
  if (!row) return (await imageNumber(queries, digest))!;
  const body: KeptInventory = { inventory, layers, ...(claimed !== undefined && { claimed }) };
  await queries.query('INSERT INTO fleet.inventories (image, body) VALUES ($1, $2)', [row.id, packed(body)]);
  return row.id;
}

/** For a root file system, which has no manifest, and for what was sent in: the same content is the same image. */
export function contentDigest(inventory: Inventory, claimed?: string): string {
  const content = claimed === undefined ? inventory : [inventory, claimed];
  return `inventory:sha256:${digestOf(content).toString('hex')}`;
}

export async function imageNumber(queries: Queries, digest: string): Promise<number | undefined> {
  const [row] = await queries.query<{ id: number }>('SELECT id FROM fleet.images WHERE digest = $1', [
    digest,
  ]);
  return row?.id;
}

/** What the signatures of an image are worth by the policy that was asked for last. */
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

/** Why the list of packages is not all that the image holds; what the feed adds to it is in `coverage`. */
function gapsOf(inventory: Inventory) {
  return {
    gaps: [...[databaseGap(inventory) ?? []].flat(), ...contextGaps(inventory)],
    halfInstalled: (inventory.halfInstalled ?? []).map(({ name, version, arch }) => ({
      name,
      version,
      arch,
    })),
    notes: inventory.notes,
  };
}

async function keepSystem(
  queries: Queries,
  { digest, name, facts }: { digest: Buffer; name: string; facts: object },
): Promise<number> {
  const [made] = await queries.query<{ id: number }>(
    `INSERT INTO fleet.systems (digest, name, facts) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING RETURNING id`,
    [digest, storable(name), json(facts)],
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
  packages: readonly KeptPackage[],
): Promise<number[]> {
  if (packages.length === 0) return [];
  const sorted = [...packages].sort((a, b) => Buffer.compare(a.digest, b.digest));
  const digests = sorted.map(({ digest }) => digest);
  const known = await packageNumbers(queries, digests);
  const missing = sorted.filter(({ digest }) => !known.has(digest.toString('hex')));
  if (missing.length > 0) {
    await queries.query(
      `INSERT INTO fleet.packages (digest, system, type, name, version, arch, source, source_version, facts)
       SELECT decode(digest, 'hex'), $1, type, name, version, arch, source, source_version, facts
       FROM jsonb_to_recordset($2::jsonb) AS given (digest text, type text, name text, version text, arch text, source text,
         source_version text, facts jsonb) ON CONFLICT (digest) DO NOTHING`,
      [system, json(missing.map(packageRow))],
    );
    for (const [digest, id] of await packageNumbers(
      queries,
      missing.map(({ digest }) => digest),
    ))
      known.set(digest, id);
  }
  return [...known.values()].sort((a, b) => a - b);
}

async function packageNumbers(queries: Queries, digests: readonly Buffer[]): Promise<Map<string, number>> {
  const rows = await queries.query<{ id: number; digest: string }>(
    `SELECT id, encode(digest, 'hex') AS digest FROM fleet.packages WHERE digest = ANY($1::text[]::bytea[])`,
    [digests.map((digest) => `\\x${digest.toString('hex')}`)],
  );
  return new Map(rows.map(({ id, digest }) => [digest, id]));
}

function packageRow({ digest, facts }: KeptPackage) {
  if ('product' in facts) {
    const { name, component, version, release } = facts.product;
    const known = name ?? component ?? '';
    const tag = [version, release].filter((part) => part !== undefined).join('-');
    return row(digest, facts, {
      type: 'oci',
      name: known,
      version: tag,
      arch: '',
      source: { name: component ?? known, version: tag },
    });
  }
  return row(digest, facts, facts.package);
}

function row(
  digest: Buffer,
  facts: object,
  {
    type,
    name,
    version,
    arch,
    source,
  }: Pick<Inventory['packages'][number], 'type' | 'name' | 'version' | 'arch' | 'source'>,
) {
  return {
    digest: digest.toString('hex'),
    ...{ type, name, version, arch, source: source.name, source_version: source.version, facts },
  };
}

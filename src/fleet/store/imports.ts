import { ScapfeedError } from '../../model/error.ts';
import type { Queries } from './database.ts';
import { type InventoryDocument, keepPrepared } from './images.ts';
import { storable } from './json.ts';
import { requireKeepable, requireKeepableName } from './keepable.ts';
import { type PreparedImage, prepareImage } from './prepared-image.ts';
import { addNames, addWatch, pointName, type WatchKind } from './watches.ts';

/**
 * Stores an inventory that is sent in, of a host or from behind an air gap. The next run judges it. It never replaces the
 * image with the digest that it names, nor one that runs look up by its name, because nobody here has seen whether it is that
 * image's. @throws IMAGE_REFERENCE_INVALID
 */
export function importInventory(
  queries: Queries,
  document: InventoryDocument,
  reference: string,
  now: Date,
  tool: string,
): Promise<{ image: number; isNew: boolean }> {
  return importPrepared(queries, prepareInventory(document, reference), reference, now, tool);
}

/** Prepares an inventory before the store is used. @throws IMAGE_REFERENCE_INVALID, IMAGE_LIMIT_EXCEEDED */
export function prepareInventory(
  { image, ...inventory }: InventoryDocument,
  reference: string,
): PreparedImage {
  requireKeepableName(reference);
  requireKeepable(inventory, reference);
  return prepareImage({
    ...(image.digest !== undefined && { claimed: image.digest }),
    ...(image.architecture !== undefined && { architecture: image.architecture }),
    ...{ kind: 'import', labels: {}, layers: image.layers, inventory },
  });
}

/** The rest of it. */
export async function importPrepared(
  queries: Queries,
  prepared: PreparedImage,
  reference: string,
  now: Date,
  tool: string,
): Promise<{ image: number; isNew: boolean }> {
  const number = await keepPrepared(queries, prepared, now, tool);
  const { id: watch } = await addWatch(queries, { kind: 'import', place: reference }, now);
  await addNames(queries, watch, [reference], now);
  const [name] = await queries.query<{ id: number; kind: WatchKind }>(
    'SELECT names.id, kind FROM fleet.names JOIN fleet.watches ON watches.id = watch WHERE reference = $1',
    [storable(reference)],
  );
  if (name!.kind !== 'import') throw lookedUp(reference);
  return { image: number, isNew: await pointName(queries, name!.id, number, now) };
}

function lookedUp(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message: 'expected a name for an inventory, found that of an image, which runs look up themselves',
    where,
    remedy: 'give the inventory another name, or remove the image with `scapfeed fleet remove` first',
  });
}

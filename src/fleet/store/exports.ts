import type { Queries } from './database.ts';
import { type InventoryDocument, inventoryDocument } from './images.ts';

/** Exported inventories, and the names without an inventory. */
export interface ExportedInventories {
  inventories: InventoryDocument[];
  missing: string[];
}

/** The inventories of all watched images, or of those named, in code-unit order of their names. */
export async function exportInventories(
  queries: Queries,
  references: readonly string[],
): Promise<ExportedInventories> {
  const names = await queries.query<{ reference: string; image: number | null }>(
    `SELECT reference, image FROM fleet.names LEFT JOIN fleet.name_images ON name_images.name = names.id AND until IS NULL
     WHERE removed IS NULL AND (cardinality($1::text[]) = 0 OR reference = ANY($1::text[])) ORDER BY reference COLLATE "C"`,
    [references],
  );
  const inventories: InventoryDocument[] = [];
  const found = new Set<string>();
  for (const { reference, image } of names) {
    const inventory = image === null ? undefined : await inventoryDocument(queries, image, reference);
    if (!inventory) continue;
    inventories.push(inventory);
    found.add(reference);
  }
  const asked = new Set([...references, ...names.map(({ reference }) => reference)]);
  return { inventories, missing: [...asked].filter((reference) => !found.has(reference)) };
}

import type { Database } from '../../fleet/store/database.ts';
import { requireInventory } from '../../fleet/store/given-inventory.ts';
import type { InventoryDocument } from '../../fleet/store/images.ts';
import { importInventory } from '../../fleet/store/imports.ts';
import { checkCancelled } from '../../io/cancellation.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { toolVersion } from '../tool-version.ts';

/** The number of inventories read, and the number that differ from those stored under the same names. */
export interface ImportedInventories {
  read: number;
  changed: number;
}

/** The inventories in a text: one document, or one per line. @throws USAGE if it has none */
export function readInventories(text: string, where: string): InventoryDocument[] {
  const whole = parsed(text);
  const parts = whole === undefined ? text.split('\n').filter((line) => line.trim() !== '') : [];
  const found = whole === undefined ? parts.map(parsed) : [whole];
  return found.map((document, at) =>
    requireInventory(document, parts.length > 0 ? `${where}:${at + 1}` : where),
  );
}

function parsed(text: string): unknown {
  try {
    return parseForeignJson(text);
  } catch {
    return undefined;
  }
}

/** Keeps inventories under the names that they have, or one under another name; the next run judges them. */
export async function importInventories(
  database: Database,
  documents: readonly InventoryDocument[],
  { name, now, imported }: { name?: string | undefined; now: Date; imported?(done: number): void },
): Promise<ImportedInventories> {
  let changed = 0;
  for (const [done, document] of documents.entries()) {
    checkCancelled();
    imported?.(done);
    const reference = name ?? document.image.reference;
    const { isNew } = await database.transaction((queries) =>
      importInventory(queries, document, reference, now, `scapfeed ${toolVersion}`),
    );
    if (isNew) changed += 1;
  }
  return { read: documents.length, changed };
}

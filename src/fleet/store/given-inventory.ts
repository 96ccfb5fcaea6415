import { isDigest } from '../../io/digest.ts';
import { ScapfeedError } from '../../model/error.ts';
import { inventoryFault } from '../../model/inventory/inventory-shape.ts';
import { requirePackages } from '../../runtime/index.ts';
import type { InventoryDocument } from './images.ts';
import { isTooDeep } from './keepable.ts';

/** An inventory that is sent in. @throws USAGE for another value, with the part that is not as expected */
export function requireInventory(document: unknown, where: string): InventoryDocument {
  const fault = inventoryFault(document) ?? imageFault(document) ?? (isTooDeep(document) ? '' : undefined);
  if (fault !== undefined) {
    throw new ScapfeedError({
      code: 'USAGE',
      message:
        'expected the JSON of an inventory with its image, packages and databases, found another value',
      where: `${where}#${fault}`,
      remedy: 'write it with `scapfeed inventory IMAGE -o json=FILE`',
    });
  }
  // It was looked at: every part that is read is there.
  return requirePackages(document as InventoryDocument, where);
}

function imageFault(document: unknown): string | undefined {
  const { image } = document as { image?: unknown };
  if (typeof image !== 'object' || image === null) return '/image';
  const { reference, digest, architecture, layers } = image as Record<string, unknown>;
  if (typeof reference !== 'string' || reference === '') return '/image/reference';
  if (digest !== undefined && !(typeof digest === 'string' && isDigest(digest))) return '/image/digest';
  if (architecture !== undefined && typeof architecture !== 'string') return '/image/architecture';
  return Array.isArray(layers) ? undefined : '/image/layers';
}

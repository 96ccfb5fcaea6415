import { join } from 'node:path';
import type { ImageReadOptions } from '../../image/index.ts';
import { inventoryPlaces, inventoryWanted, programWanted } from '../../inventory/index.ts';
import { toolVersion } from '../tool-version.ts';
import { inventoryPrograms } from './whole-inventory.ts';

/**
 * Options for opening an image of which only the inventory is read. `caches`: the folder of caches, if one is used. `partial`: layers may
 * be read by their tables of contents.
 */
export function inventoryOpening(
  caches: string | undefined,
  partial = false,
): Pick<ImageReadOptions, 'wanted' | 'programs' | 'layers' | 'inPart'> {
  const purpose = ['inventory', toolVersion, ...inventoryPlaces()].join(' ');
  return {
    wanted: inventoryWanted,
    programs: programWanted,
    ...(partial && { inPart: inventoryPrograms }),
    ...(caches !== undefined && { layers: { folder: join(caches, 'layers'), purpose } }),
  };
}

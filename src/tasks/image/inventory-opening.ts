import { join } from 'node:path';
import type { ImageReadOptions } from '../../image/index.ts';
import { inventoryPlaces, inventoryWanted, programWanted } from '../../inventory/index.ts';
import { toolVersion } from '../tool-version.ts';

/** Options for opening an image of which only the inventory is read. `caches`: the folder of caches, if one is used. */
export function inventoryOpening(
  caches: string | undefined,
): Pick<ImageReadOptions, 'wanted' | 'programs' | 'layers'> {
  const purpose = ['inventory', toolVersion, ...inventoryPlaces()].join(' ');
  return {
    wanted: inventoryWanted,
    programs: programWanted,
    ...(caches !== undefined && { layers: { folder: join(caches, 'layers'), purpose } }),
  };
}

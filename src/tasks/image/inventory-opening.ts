import { join } from 'node:path';
import type { ImageReadOptions } from '../../image/index.ts';
import {
  inventoryPackageFile,
  inventoryPlaces,
  inventoryWanted,
  ownerListWanted,
  packageFilePaths,
} from '../../inventory/index.ts';
import { toolVersion } from '../tool-version.ts';

/**
 * Options for opening an image of which only the inventory is read. `caches`: the folder of caches, if one is used. `partial`: layers may
 * be read by their tables of contents.
 */
export function inventoryOpening(
  caches: string | undefined,
  partial = false,
): Pick<ImageReadOptions, 'wanted' | 'packageFiles' | 'ownerLists' | 'layers' | 'inPart'> {
  const purpose = ['inventory', toolVersion, ...inventoryPlaces()].join(' ');
  return {
    wanted: inventoryWanted,
    packageFiles: inventoryPackageFile,
    ownerLists: ownerListWanted,
    ...(partial && { inPart: ({ files }) => packageFilePaths(files) }),
    ...(caches !== undefined && { layers: { folder: join(caches, 'layers'), purpose } }),
  };
}

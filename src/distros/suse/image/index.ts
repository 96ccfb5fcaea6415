import type { ImageReader } from '../../contract.ts';
import { productsFolder, readProducts } from './products.ts';
import { suseRelease } from './release.ts';

export const suseImage: ImageReader = {
  id: 'sles',
  release: suseRelease,
  wanted: { paths: [], folders: [productsFolder] },
  read: readProducts,
};

import { fieldOf } from '../../files/json.ts';
import type { Inventory } from '../../model/inventory/index.ts';
import type { ImageReader } from '../contract.ts';

/** ChainID of the layers of the hardened image. Images made from it inherit the label. */
const label = 'com.docker.dhi.chain-id';

export const dhiImage: ImageReader = {
  id: 'dhi',
  read(_, { labels, layersOf }) {
    const chain = labels[label];
    const layers = chain === undefined ? undefined : layersOf?.(chain);
    return layers === undefined ? { notes: [] } : { context: { layers }, notes: [] };
  },
};

/** The number of layers of the hardened image that an image is, or is made from; undefined: it does not show. */
export function hardenedLayers({ context }: Partial<Pick<Inventory, 'context'>>): number | undefined {
  const stated = fieldOf(context?.['dhi'], 'layers');
  return typeof stated === 'number' ? stated : undefined;
}

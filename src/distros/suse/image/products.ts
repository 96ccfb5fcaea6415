import { fieldOf, textsOf } from '../../../files/json.ts';
import type { FileView, Inventory } from '../../../model/index.ts';
import type { ImageContext } from '../../contract.ts';

/** zypper's product files: one `NAME.prod` for each product that is installed, `baseproduct` a link to one of them. */
export const productsFolder = '/etc/products.d';

/** What an image says of the products it is made of. */
export interface SuseContext {
  /** `SLES`, `sle-module-basesystem`, `SLES-LTSS`; sorted. */
  products: readonly string[];
  /** The update channels that these products are. */
  channels: readonly string[];
}

/** The context of this distribution in an inventory. */
export function suseContext({ context }: Pick<Inventory, 'context'>): SuseContext {
  const own = context?.['sles'];
  return { products: textsOf(fieldOf(own, 'products')), channels: textsOf(fieldOf(own, 'channels')) };
}

export function readProducts(files: FileView): ImageContext {
  const products = files
    .list(productsFolder)
    .flatMap((name) => (name.endsWith('.prod') ? [name.slice(0, -'.prod'.length)] : []))
    .sort();
  if (products.length === 0) return { notes: [] };
  const channels = [...new Set(products.flatMap((name) => channelOf(name) ?? []))].sort();
  return { context: { products, channels }, notes: [] };
}

/** `SLES-LTSS`, `sle_hpc-LTSS`, `SLES_SAP`, `SLE_HPC`, `SLE_RT` */
function channelOf(product: string): string | undefined {
  const name = product.toLowerCase();
  if (/-ltss-extended-security$/.test(name)) return 'ltss-es';
  if (/-ltss$/.test(name)) return 'ltss';
  if (/-espos$/.test(name)) return 'espos';
  if (/^sle[sd]?_(sap|hpc|rt)$/.test(name)) return name.slice(name.indexOf('_') + 1);
  return undefined;
}

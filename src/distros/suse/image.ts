import { fieldOf, textsOf } from '../../files/json.ts';
import type { FileView, Inventory, OsRelease } from '../../model/inventory/index.ts';
import type { ImageContext, ImageReader, ReleaseReader } from '../contract.ts';

const suseRelease: ReleaseReader = { files: [{ path: '/etc/SuSE-release', parse: parseSuseRelease }] };

/** SUSE before 12: a name on the first line, then `VERSION = 11` and `PATCHLEVEL = 4`. */
function parseSuseRelease(text: string): Omit<OsRelease, 'found'> | undefined {
  const prettyName = text.split('\n')[0]!.trim();
  const version = /^VERSION = (\S+)/m.exec(text)?.[1];
  if (version === undefined) return undefined;
  const patch = /^PATCHLEVEL = ([1-9]\d*)/m.exec(text)?.[1];
  const id = prettyName.startsWith('openSUSE') ? 'opensuse' : 'sles';
  return { id, versionId: patch === undefined ? version : `${version}.${patch}`, prettyName };
}

/** zypper's product files: one `NAME.prod` for each product that is installed, `baseproduct` a link to one of them. */
const productsFolder = '/etc/products.d';

/** An image's own record of the products it is made of. */
interface SuseContext {
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

function readProducts(files: FileView): ImageContext {
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

export const suseImage: ImageReader = {
  id: 'sles',
  release: suseRelease,
  wanted: { paths: [], folders: [productsFolder] },
  read: readProducts,
};

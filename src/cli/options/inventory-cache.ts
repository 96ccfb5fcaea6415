import { join } from 'node:path';
import type { ImageConfiguration } from '../../image/index.ts';
import { cacheKey, PrivateCache, userCache } from '../../io/private-cache.ts';
import type { Environment } from '../../model/environment.ts';
import {
  type FileView,
  type Inventory,
  type InventoryNote,
  type Layer,
  noFiles,
} from '../../model/inventory/index.ts';
import { toolVersion } from '../program.ts';

/** Rises when inventories of the same image change: those that were kept are then of no use. */
const cacheFormat = 3;
const bounds = { files: 500, bytes: 128 * 1024 * 1024 };

/** The kept part of an image: all that a scan needs. */
interface Kept {
  inventory: Inventory;
  notes: readonly InventoryNote[];
  layers: readonly Layer[];
}

/**
 * Inventories of images that were read before, under `$XDG_CACHE_HOME/scapfeed/inventories`, by the diff ids of all layers and
 * the labels. A file is used only if it and its folder are this user's alone and its digest is right; whatever else it is, the
 * image is read again.
 */
export class InventoryCache {
  readonly #files: PrivateCache;
  #key: string | undefined;
  #kept: Kept | undefined;

  constructor(env: Environment) {
    this.#files = new PrivateCache(join(userCache(env), 'inventories'), bounds);
  }

  /** Called with an image before its layers are read; a view without files in their place if its inventory is kept. */
  readonly recall = (image: ImageConfiguration): FileView | undefined => {
    if (image.layers.length === 0 || image.layers.some(({ diffId }) => diffId === undefined))
      return undefined;
    this.#key = keyOf(image);
    this.#kept = this.#read(this.#key);
    return this.#kept && noFiles(this.#kept.layers);
  };

  /** The recalled inventory of the image that is open now. */
  recalled(): Pick<Kept, 'inventory' | 'notes'> | undefined {
    return this.#kept;
  }

  /** Keeps the inventory of an image that was read. */
  async keep(kept: Kept): Promise<void> {
    if (this.#key === undefined || this.#kept !== undefined) return;
    await this.#files.keep(this.#key, Buffer.from(JSON.stringify(kept)));
  }

  #read(key: string): Kept | undefined {
    const content = this.#files.read(key);
    // Sealed by `keep`, so the form needs no check.
    return content && (JSON.parse(content.toString()) as Kept);
  }
}

function keyOf({ layers, labels, tables }: ImageConfiguration): string {
  // A table of contents is bound to its own digest only: another image may list the same layers with a different table.
  const read = tables === undefined ? [] : [tables];
  return cacheKey([cacheFormat, toolVersion, layers, Object.entries(labels).sort(), ...read]);
}

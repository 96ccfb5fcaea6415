import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageConfiguration } from '../../image/index.ts';
import { currentTime } from '../../io/clock.ts';
import { writeAtomically } from '../../io/files.ts';
import {
  type Environment,
  type FileView,
  type Inventory,
  type InventoryNote,
  type Layer,
  noFiles,
} from '../../model/index.ts';
import { toolVersion } from '../version.ts';

/** Rises when inventories of the same image change: those that were kept are then of no use. */
const cacheFormat = 2;
const maxFiles = 500;
const maxBytes = 128 * 1024 * 1024;

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
  readonly #folder: string;
  #key: string | undefined;
  #kept: Kept | undefined;

  constructor(env: Environment) {
    const home = env['HOME'] ?? process.getBuiltinModule('node:os').homedir();
    this.#folder = join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'scapfeed', 'inventories');
  }

  /** Called with an image before its layers are read; a view without files in their place if its inventory is kept. */
  readonly recall = (image: ImageConfiguration): FileView | undefined => {
    if (image.layers.length === 0 || image.layers.some(({ diffId }) => diffId === undefined))
      return undefined;
    this.#key = keyOf(image);
    this.#kept = this.#read(join(this.#folder, this.#key));
    return this.#kept && noFiles(this.#kept.layers);
  };

  /** The recalled inventory of the image that is open now. */
  recalled(): Pick<Kept, 'inventory' | 'notes'> | undefined {
    return this.#kept;
  }

  /** Keeps the inventory of an image that was read. A full or read-only disk is no error: nothing is kept then. */
  async keep(kept: Kept): Promise<void> {
    if (this.#key === undefined || this.#kept !== undefined) return;
    const text = JSON.stringify(kept);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      if (!isPrivate(this.#folder)) return;
      await writeAtomically(join(this.#folder, this.#key), `${sealOf(text)}\n${text}`, 0o600);
      this.#shrink();
    } catch {}
  }

  #read(path: string): Kept | undefined {
    try {
      if (!isPrivate(this.#folder) || !isPrivate(path)) return undefined;
      const text = readFileSync(path, 'utf8');
      const end = text.indexOf('\n');
      const body = text.slice(end + 1);
      if (text.slice(0, end) !== sealOf(body)) return undefined;
      const now = currentTime();
      utimesSync(path, now, now);
      // The seal is right: it is what `keep` wrote.
      return JSON.parse(body) as Kept;
    } catch {
      return undefined;
    }
  }

  /** The least recently used go first. */
  #shrink(): void {
    const files = readdirSync(this.#folder).flatMap((name) => {
      const path = join(this.#folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats?.isFile() ? [{ path, size: stats.size, used: stats.mtimeMs }] : [];
    });
    files.sort((a, b) => b.used - a.used);
    let total = 0;
    files.forEach(({ path, size }, at) => {
      total += size;
      if (at >= maxFiles || total > maxBytes) rmSync(path, { force: true });
    });
  }
}

function keyOf({ layers, labels }: ImageConfiguration): string {
  const facts = [cacheFormat, toolVersion, layers, Object.entries(labels).sort()];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

function sealOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** No other user can have written it. */
function isPrivate(path: string): boolean {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return false;
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0);
}

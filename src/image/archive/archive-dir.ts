import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayerSource } from '../layers/layer-source.ts';
import { canonicalPath } from '../view/canonical-path.ts';
import { statOrNothing } from '../view/stat-or-nothing.ts';
import type { Archive } from './archive.ts';
import { readPart } from './archive-file.ts';

/** An image layout in a directory of the user's own. */
export class ArchiveDir implements Archive {
  readonly where: string;
  readonly isRoot = false;
  #path: string;

  constructor(path: string, where: string) {
    this.#path = path;
    this.where = where;
  }

  has(path: string): boolean {
    return this.#sizeOf(path) !== undefined;
  }

  async read(path: string, maxBytes: number): Promise<Buffer | undefined> {
    const size = this.#sizeOf(path);
    if (size === undefined) return undefined;
    const bytes = Buffer.alloc(Math.min(size, maxBytes + 1));
    const file = await open(this.#place(path));
    try {
      await file.read(bytes, 0, bytes.length, 0);
    } finally {
      await file.close();
    }
    return bytes;
  }

  open(path: string): Pick<LayerSource, 'open' | 'again'> | undefined {
    const size = this.#sizeOf(path);
    return size === undefined
      ? undefined
      : { again: true, open: () => readPart(this.#place(path), { offset: 0, size }) };
  }

  /** Pipes and devices are no blobs. */
  #sizeOf(path: string): number | undefined {
    const stats = statOrNothing(this.#place(path));
    return stats?.isFile() ? stats.size : undefined;
  }

  #place(path: string): string {
    return join(this.#path, canonicalPath(path).path);
  }
}

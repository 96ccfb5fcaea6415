import type { StoredBytes } from '../layers/layer-source.ts';
import type { ImageLimits } from '../limits.ts';
import { DirView } from '../view/dir-view.ts';
import type { Archive } from './archive.ts';
import { storedPart } from './stored-part.ts';

/** An image layout in a directory. It is not trusted: links out of it are not followed. */
export class ArchiveDir implements Archive {
  readonly where: string;
  readonly isRoot = false;
  #files: DirView;

  constructor(path: string, where: string, limits: Readonly<ImageLimits>) {
    this.#files = new DirView(path, limits);
    this.where = where;
  }

  has(path: string): boolean {
    return this.#files.stat(path)?.type === 'file';
  }

  /** Of a file longer than `maxBytes`, one byte more is returned. */
  async read(path: string, maxBytes: number): Promise<Buffer | undefined> {
    const file = this.#files.open(path);
    try {
      return file?.read(0, maxBytes + 1);
    } finally {
      this.#files.close();
    }
  }

  open(path: string): StoredBytes | undefined {
    const place = this.#files.placeOfFile(path);
    const { size = 0 } = this.#files.stat(path) ?? {};
    return place === undefined ? undefined : storedPart(place, { offset: 0, size });
  }
}

import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { finish } from '../../io/cancellation.ts';
import { type TarEntry, TarReader } from '../../io/tar/reader.ts';
import { skimTar } from '../../io/tar/skim-tar.ts';
import { whole } from '../../model/progress.ts';
import type { SinkContext } from '../layers/layer-sink.ts';
import type { LayerSource, StoredBytes } from '../layers/layer-source.ts';
import type { PathTree } from '../layers/path-tree.ts';
import { chunkBytes } from '../layers/plain-layer.ts';
import { namedTarRules } from '../tar-rules.ts';
import { canonicalPath } from '../view/dir-view.ts';
import { type Archive, rootDirectory } from './archive.ts';
import { ArchiveNames } from './archive-names.ts';
import { type FilePart, storedPart } from './stored-part.ts';

/** An uncompressed tar on disk: members are found by one pass over the headers, and then read at their positions. */
export class ArchiveFile implements Archive {
  readonly where: string;
  readonly isRoot: boolean;
  #path: string;
  #index: ArchiveIndex;

  private constructor(path: string, where: string, index: ArchiveIndex) {
    this.#path = path;
    this.where = where;
    this.isRoot = index.isRoot;
    this.#index = index;
  }

  /** Errors: IMAGE_MALFORMED, IMAGE_LIMIT_EXCEEDED. */
  static open(path: string, where: string, { budget, tree }: SinkContext): ArchiveFile {
    const index = new ArchiveIndex(tree);
    const reader = new TarReader(index, namedTarRules(budget, where));
    withFile(path, (descriptor) => whole(skimTar(descriptor, reader)));
    reader.end();
    return new ArchiveFile(path, where, index);
  }

  /** The tar itself as the only layer. */
  root(): LayerSource {
    return {
      where: this.where,
      layer: {},
      again: true,
      open: () => createReadStream(this.#path, { highWaterMark: chunkBytes }),
      skim: (reader) => skim(this.#path, reader),
    };
  }

  has(path: string): boolean {
    return this.#member(path) !== undefined;
  }

  async read(path: string, maxBytes: number): Promise<Buffer | undefined> {
    const member = this.#member(path);
    if (!member) return undefined;
    const bytes = Buffer.alloc(Math.min(member.size, maxBytes + 1));
    withFile(this.#path, (descriptor) => readSync(descriptor, bytes, 0, bytes.length, member.offset));
    return bytes;
  }

  open(path: string): StoredBytes | undefined {
    const member = this.#member(path);
    return member && storedPart(this.#path, member);
  }

  #member(path: string): FilePart | undefined {
    return this.#index.find(path);
  }
}

class ArchiveIndex {
  isRoot = false;
  #names: ArchiveNames;
  #members = new Map<number, FilePart>();

  constructor(tree: PathTree) {
    this.#names = new ArchiveNames(tree);
  }

  find(name: string): FilePart | undefined {
    return this.#members.get(this.#names.find(name));
  }

  entry(entry: TarEntry): boolean {
    const { path } = canonicalPath(entry.name);
    this.isRoot ||= rootDirectory.test(path);
    const member = this.#names.add(path, entry);
    this.#members.delete(member);
    if (entry.type === 'file') this.#members.set(member, { offset: entry.dataOffset, size: entry.size });
    return false;
  }

  data(): void {}

  entryEnd(): void {}
}

async function skim(path: string, reader: TarReader): Promise<void> {
  const descriptor = openSync(path, 'r');
  try {
    await finish(skimTar(descriptor, reader));
  } finally {
    closeSync(descriptor);
  }
}

function withFile(path: string, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, 'r');
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

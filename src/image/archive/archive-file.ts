import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { LayerSource } from '../layers/layer-source.ts';
import { chunkBytes } from '../layers/plain-layer.ts';
import type { Budget } from '../limits.ts';
import { type TarEntry, TarReader } from '../tar/tar-reader.ts';
import { canonicalPath } from '../view/canonical-path.ts';
import { type Archive, rootDirectory } from './archive.ts';

/** Piece read at once while only headers are looked at. */
const headerChunkBytes = 64 * 1024;

interface Member {
  offset: number;
  size: number;
}

/** An uncompressed tar on disk: its members are found by one look at the headers, and then read where they lie. */
export class ArchiveFile implements Archive {
  readonly where: string;
  readonly isRoot: boolean;
  #path: string;
  #members: ReadonlyMap<string, Member>;
  /** Symbolic and hard links by path: Docker < 25 and skopeo name one layer in several places. */
  #links: ReadonlyMap<string, string>;

  private constructor(path: string, where: string, index: ArchiveIndex) {
    this.#path = path;
    this.where = where;
    this.isRoot = index.isRoot;
    this.#members = index.members;
    this.#links = index.links;
  }

  /** Errors: IMAGE_MALFORMED, IMAGE_LIMIT_EXCEEDED. */
  static async open(path: string, where: string, budget: Budget): Promise<ArchiveFile> {
    const index = new ArchiveIndex();
    const file = await open(path);
    try {
      await readHeaders(file, new TarReader(index, budget, where));
    } finally {
      await file.close();
    }
    return new ArchiveFile(path, where, index);
  }

  has(path: string): boolean {
    return this.#member(path) !== undefined;
  }

  async read(path: string, maxBytes: number): Promise<Buffer | undefined> {
    const member = this.#member(path);
    if (!member) return undefined;
    const bytes = Buffer.alloc(Math.min(member.size, maxBytes + 1));
    const file = await open(this.#path);
    try {
      await file.read(bytes, 0, bytes.length, member.offset);
    } finally {
      await file.close();
    }
    return bytes;
  }

  open(path: string): Pick<LayerSource, 'open' | 'again'> | undefined {
    const member = this.#member(path);
    return member && { again: true, open: () => readPart(this.#path, member) };
  }

  #member(path: string): Member | undefined {
    const canonical = canonicalPath(path).path;
    return this.#members.get(followArchiveLinks(this.#links, canonical));
  }
}

/** All bytes of a file from an offset on. */
export function readPart(path: string, { offset, size }: Member): AsyncIterable<Buffer> {
  if (size === 0) return noBytes();
  return createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: chunkBytes });
}

async function* noBytes(): AsyncGenerator<Buffer> {}

/** A link of an archive leads to a file beside it; longer chains than this are made to annoy. */
const maxArchiveLinks = 8;

export function followArchiveLinks(links: ReadonlyMap<string, string>, path: string): string {
  let at = path;
  for (let count = 0; count < maxArchiveLinks; count++) {
    const target = links.get(at);
    if (target === undefined) return at;
    at = target;
  }
  return path;
}

/** What a link of an archive stands for, as a canonical path of the archive. */
export function archiveLinkTarget(path: string, { type, linkName }: TarEntry): string {
  const isRelative = type === 'symlink' && !linkName.startsWith('/');
  return canonicalPath(isRelative ? `${path.slice(0, path.lastIndexOf('/'))}/${linkName}` : linkName).path;
}

class ArchiveIndex {
  readonly members = new Map<string, Member>();
  readonly links = new Map<string, string>();
  isRoot = false;

  entry(entry: TarEntry): boolean {
    const { path } = canonicalPath(entry.name);
    this.isRoot ||= rootDirectory.test(path);
    this.members.delete(path);
    this.links.delete(path);
    if (entry.type === 'file') this.members.set(path, { offset: entry.dataOffset, size: entry.size });
    if (entry.type === 'symlink' || entry.type === 'hardlink')
      this.links.set(path, archiveLinkTarget(path, entry));
    return false;
  }

  data(): void {}

  entryEnd(): void {}
}

async function readHeaders(file: FileHandle, reader: TarReader): Promise<void> {
  const { size } = await file.stat();
  const chunk = Buffer.allocUnsafe(headerChunkBytes);
  for (let at = 0; at < size && !reader.ended; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    reader.push(chunk.subarray(0, bytesRead));
    at += bytesRead;
    at += reader.skip(size - at);
  }
  reader.end();
}

import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockSize, tarPadding } from '../../io/tar/format.ts';
import { tarHeader } from '../../io/tar/write.ts';
import type { ExportSigner } from '../signer.ts';

const pieceBytes = 1 << 20;

/** Puts documents into a folder, each with what vouches for it, and the same files into a tar. */
export class DocumentFiles {
  readonly #folder: string;
  readonly #signer: ExportSigner | undefined;
  readonly #years = new Set<string>();
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(folder: string, signer: ExportSigner | undefined) {
    this.#folder = folder;
    this.#signer = signer;
  }

  /** Writes `YEAR/NAME`. */
  async add(path: string, text: string): Promise<void> {
    const year = path.slice(0, path.indexOf('/'));
    if (!this.#years.has(year)) {
      mkdirSync(join(this.#folder, year));
      this.#years.add(year);
    }
    for (const [name, content] of await withProofs(path, Buffer.from(text), this.#signer)) {
      writeFileSync(join(this.#folder, name), content);
      this.#put(tarHeader(name, content.length));
      this.#put(content);
      this.#put(Buffer.alloc(tarPadding(content.length)));
    }
  }

  end(): void {
    this.#put(Buffer.alloc(2 * blockSize));
  }

  /** True when there is enough for a piece: a stream that gets every file by itself waits most of the time. */
  get full(): boolean {
    return this.#pendingBytes >= pieceBytes;
  }

  /** What the tar has since the last call. */
  take(): Buffer {
    const piece = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    return piece;
  }

  #put(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }
}

/** A file with its digests and its signature (CSAF 2.0, 7.1.18 and 7.1.19). */
export async function withProofs(
  path: string,
  bytes: Buffer,
  signer: ExportSigner | undefined,
): Promise<[name: string, content: Buffer][]> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const sum = (algorithm: string) => Buffer.from(`${hash(algorithm, bytes)}  ${name}\n`);
  const proofs: [string, Buffer][] = [
    [path, bytes],
    [`${path}.sha256`, sum('sha256')],
    [`${path}.sha512`, sum('sha512')],
  ];
  if (signer) proofs.push([`${path}.asc`, Buffer.from(await signer.sign(bytes))]);
  return proofs;
}

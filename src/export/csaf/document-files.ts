import { hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { blockSize, tarPadding } from '../../io/tar/format.ts';
import { tarHeader } from '../../io/tar/write.ts';
import type { ExportSigner } from '../signer.ts';

const pieceBytes = 1 << 20;

/** Every file has these digests in files beside it (CSAF 2.0, 7.1.18). */
export const documentDigests = ['sha256', 'sha512'] as const;

/** Puts documents into a folder, each with what vouches for it, and the same files into a tar. */
export class DocumentFiles {
  readonly #folder: string;
  readonly #signer: ExportSigner | undefined;
  readonly #years = new Set<string>();
  /** The room of each piece of the tar in turn: files are written from it, too. */
  #room = Buffer.allocUnsafeSlow(2 * pieceBytes);
  #length = 0;

  constructor(folder: string, signer: ExportSigner | undefined) {
    this.#folder = folder;
    this.#signer = signer;
  }

  /** Writes `YEAR/NAME`. */
  async add(path: string, document: string): Promise<void> {
    const year = path.slice(0, path.indexOf('/'));
    if (!this.#years.has(year)) {
      mkdirSync(join(this.#folder, year));
      this.#years.add(year);
    }
    const content = this.#put(path, document);
    writeWhole(`${this.#folder}/${path}`, content);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const proofs: [suffix: string, text: string][] = documentDigests.map((digest) => [
      digest,
      `${hash(digest, content)}  ${name}\n`,
    ]);
    if (this.#signer) proofs.push(['asc', await this.#signer.sign(content)]);
    for (const [suffix, text] of proofs) {
      writeFileSync(`${this.#folder}/${path}.${suffix}`, text);
      this.#put(`${path}.${suffix}`, text);
    }
  }

  end(): void {
    this.#need(2 * blockSize);
    this.#fill(2 * blockSize);
  }

  /** True when there is enough for a piece: a stream that gets every file by itself waits most of the time. */
  get full(): boolean {
    return this.#length >= pieceBytes;
  }

  /** Returns the tar's bytes since the last call; they are valid until the next file is added. */
  take(): Buffer {
    const piece = this.#room.subarray(0, this.#length);
    this.#length = 0;
    return piece;
  }

  /** Adds a file to the tar, and returns its bytes there. */
  #put(name: string, text: string): Buffer {
    const size = Buffer.byteLength(text);
    const padding = tarPadding(size);
    const header = tarHeader(name, size);
    this.#need(header.length + size + padding);
    this.#length += header.copy(this.#room, this.#length);
    const start = this.#length;
    this.#length += this.#room.write(text, start, 'utf8');
    const content = this.#room.subarray(start, this.#length);
    this.#fill(padding);
    return content;
  }

  #fill(bytes: number): void {
    this.#room.fill(0, this.#length, this.#length + bytes);
    this.#length += bytes;
  }

  #need(bytes: number): void {
    if (this.#length + bytes <= this.#room.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#length + bytes));
    this.#room.copy(larger, 0, 0, this.#length);
    this.#room = larger;
  }
}

function writeWhole(path: string, bytes: Buffer): void {
  const file = openSync(path, 'w');
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
}

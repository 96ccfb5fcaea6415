import { createHash, type Hash } from 'node:crypto';
import {
  type DigestAlgorithm,
  type FileFormat,
  fileFormat,
  formatBytes,
  type Inspection,
} from '../../model/inventory/index.ts';
import { GrowingArray, int32, uint8 } from './growing-array.ts';

const formats: readonly (FileFormat | undefined)[] = [
  undefined,
  'elf-executable',
  'elf-shared',
  'elf-object',
  'script',
];

/** No row: the entry was not inspected. */
const noRow = -1;

/** Digests and formats of a layer's files by their entries, in columns: an image may have a million of them. */
export class InspectedFiles {
  #rows = new GrowingArray(int32);
  #formats = new GrowingArray(uint8);
  #digests: { algorithm: DigestAlgorithm; bytes: GrowingArray<Uint8Array>; width: number }[] = [];

  /** Digests in the order of the inspection's algorithms, the same in every call. */
  add(
    entry: number,
    format: FileFormat | undefined,
    digests: readonly (readonly [DigestAlgorithm, Buffer])[],
  ): void {
    while (this.#rows.length <= entry) this.#rows.push(noRow);
    this.#rows.set(entry, this.#formats.length);
    this.#formats.push(formats.indexOf(format));
    for (const [at, [algorithm, bytes]] of digests.entries()) {
      this.#digests[at] ??= { algorithm, bytes: new GrowingArray(uint8), width: bytes.length };
      for (const byte of bytes) this.#digests[at].bytes.push(byte);
    }
  }

  has(entry: number): boolean {
    return this.#row(entry) !== noRow;
  }

  format(entry: number): FileFormat | undefined {
    return this.has(entry) ? formats[this.#formats.get(this.#row(entry))] : undefined;
  }

  /** Hex. */
  digest(entry: number, algorithm: DigestAlgorithm): string | undefined {
    const column = this.#digests.find((each) => each.algorithm === algorithm);
    if (!column || !this.has(entry)) return undefined;
    const start = this.#row(entry) * column.width;
    const bytes = Array.from({ length: column.width }, (_, at) => column.bytes.get(start + at));
    return Buffer.from(bytes).toString('hex');
  }

  #row(entry: number): number {
    return entry < this.#rows.length ? this.#rows.get(entry) : noRow;
  }
}

/** Computes digests and formats of one file after the other while they are read. */
export class FileInspector {
  #algorithms: readonly DigestAlgorithm[];
  #hashes: Hash[] = [];
  #head: Buffer = Buffer.alloc(0);

  constructor({ digests }: Inspection) {
    this.#algorithms = digests;
  }

  begin(): void {
    this.#hashes = this.#algorithms.map((algorithm) => createHash(algorithm));
    this.#head = Buffer.alloc(0);
  }

  data(piece: Buffer): void {
    for (const hash of this.#hashes) hash.update(piece);
    if (this.#head.length < formatBytes) {
      this.#head = Buffer.concat([this.#head, piece.subarray(0, formatBytes - this.#head.length)]);
    }
  }

  end(entry: number, files: InspectedFiles): void {
    const digests = this.#hashes.map((hash, at) => [this.#algorithms[at]!, hash.digest()] as const);
    files.add(entry, fileFormat(this.#head), digests);
  }
}

import { ScapfeedError } from '../../model/error.ts';
import { whereText } from '../system-reason.ts';
import { TarFault } from './fault.ts';
import { type TarEntry, TarReader, type TarRules, type TarSink } from './reader.ts';

/** A regular file of a tar stream. */
export interface TarFile {
  name: string;
  content: Buffer;
}

export interface TarFilesOptions {
  /** Selects the files whose contents are wanted; others are skipped without being held. Default: all. */
  wanted?(name: string): boolean;
  /** Largest content held; above it SOURCE_TOO_LARGE. Default 64 MiB. */
  maxFileBytes?: number;
  /** Entries read at most, against archives that never end. Default 4,000,000. */
  maxEntries?: number;
  /** Name of the archive in errors. */
  where: string;
}

// Long names and pax records are held whole; a path is at most 4 kB on the systems that make them.
const maxExtendedBytes = 1 << 20;

/**
 * The wanted regular files of a tar in the order of the archive. Nothing is unpacked, and memory holds no more than the files
 * of one piece and the one that continues in the next. @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function* tarFiles(
  pieces: AsyncIterable<Uint8Array>,
  { wanted = () => true, maxFileBytes = 64 << 20, maxEntries = 4_000_000, where }: TarFilesOptions,
): AsyncGenerator<TarFile> {
  const sink = new FileSink(wanted, maxFileBytes, where);
  const reader = new TarReader(sink, sourceRules(maxEntries, where));
  // Read to the last byte, also after the archive's end: a compressed stream reports a cut only at its own end.
  for await (const { buffer, byteOffset, byteLength } of pieces) {
    reader.push(Buffer.from(buffer, byteOffset, byteLength));
    yield* sink.whole.splice(0);
  }
  reader.end();
}

/** Gathers the contents of wanted files. */
class FileSink implements TarSink {
  readonly whole: TarFile[] = [];
  #wanted: (name: string) => boolean;
  #maxBytes: number;
  #where: string;
  #file: TarFile = { name: '', content: Buffer.alloc(0) };
  #size = 0;
  #filled = 0;

  constructor(wanted: (name: string) => boolean, maxBytes: number, where: string) {
    this.#wanted = wanted;
    this.#maxBytes = maxBytes;
    this.#where = where;
  }

  entry({ type, name, size, sparseSize }: TarEntry): boolean {
    if (type !== 'file' || !this.#wanted(name)) return false;
    if (sparseSize !== undefined) throw new TarFault('expected a file as it is, found one stored with holes');
    if (size > this.#maxBytes) {
      const message = `expected at most ${this.#maxBytes} bytes in one file of the archive, found ${size}`;
      throw tooLarge(message, `${this.#where}#${name}`);
    }
    this.#file = { name, content: Buffer.alloc(0) };
    this.#size = size;
    this.#filled = 0;
    return true;
  }

  data(piece: Buffer): void {
    // A file within one piece does not have to be copied.
    if (piece.length === this.#size) {
      this.#file.content = piece;
      return;
    }
    if (this.#filled === 0) this.#file.content = Buffer.allocUnsafe(this.#size);
    this.#filled += piece.copy(this.#file.content, this.#filled);
  }

  entryEnd(): void {
    this.whole.push(this.#file);
  }
}

function sourceRules(maxEntries: number, where: string): TarRules {
  let entries = 0;
  return {
    where,
    error: ({ message }, place) =>
      new ScapfeedError({
        code: 'SOURCE_MALFORMED',
        message,
        where: whereText(place),
        remedy: 'fetch the archive again',
      }),
    checkExtended(bytes, place) {
      if (bytes <= maxExtendedBytes) return;
      throw tooLarge(
        `expected at most ${maxExtendedBytes} bytes in an extended header, found ${bytes}`,
        whereText(place),
      );
    },
    checkEntry(_, place) {
      entries += 1;
      if (entries > maxEntries)
        throw tooLarge(`expected at most ${maxEntries} files in the archive, found more`, whereText(place));
    },
  };
}

function tooLarge(message: string, where: string): ScapfeedError {
  return new ScapfeedError({ code: 'SOURCE_TOO_LARGE', message, where });
}

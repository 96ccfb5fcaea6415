import type {
  NamelessPackage,
  PackageFile,
  PackageFileReader,
  ReadPackageFile,
} from '../../model/inventory/index.ts';

/** A form in which packages of a language lie in a file system. */
export interface InstalledForm {
  /** Word for messages and tests: `package.json`, `dist-info`. */
  name: string;
  begin: ReadPackageFile;
}

/**
 * A reader that holds the whole file. `read` is called with all of its bytes and does not throw: what it cannot read, it returns as
 * `unread`. A file above `mostBytes` is not held and has one unread package.
 */
export function wholeFile(
  { ecosystem, size, mostBytes }: Pick<NamelessPackage, 'ecosystem'> & { size: number; mostBytes: number },
  read: (bytes: Buffer) => PackageFile | undefined,
): PackageFileReader {
  if (size > mostBytes) {
    const detail = `larger than ${mostBytes} bytes`;
    return {
      push: () => {},
      isOver: true,
      end: () => ({ packages: [], unread: [{ ecosystem, kind: 'damaged', detail }] }),
    };
  }
  return new WholeFile(size, read);
}

/** Most files come in one piece, and are read from it; the others are put together once. */
class WholeFile implements PackageFileReader {
  readonly #size: number;
  readonly #read: (bytes: Buffer) => PackageFile | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #found: PackageFile | undefined;
  isOver = false;

  constructor(size: number, read: (bytes: Buffer) => PackageFile | undefined) {
    this.#size = size;
    this.#read = read;
  }

  push(piece: Buffer): void {
    if (this.#length === 0 && piece.length === this.#size) {
      this.#found = this.#read(piece);
      this.isOver = true;
      return;
    }
    // The piece is the caller's, who may fill it again.
    this.#length += piece.copy(this.#roomFor(piece.length), this.#length);
  }

  end(): PackageFile | undefined {
    if (this.isOver) return this.#found;
    return this.#read(this.#bytes.subarray(0, this.#length));
  }

  /** A file that grows while it is read is larger than it was. */
  #roomFor(more: number): Buffer {
    const length = this.#length + more;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(length > this.#size ? length * 2 : this.#size);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

/** A reader that holds the first `mostBytes`, or up to the piece that is enough. `read` does not throw. */
export function beginningOfFile(
  { mostBytes, isEnough }: { mostBytes: number; isEnough(piece: Buffer): boolean },
  read: (bytes: Buffer) => PackageFile | undefined,
): PackageFileReader {
  const pieces: Buffer[] = [];
  let left = mostBytes;
  return {
    push(piece) {
      const used = Buffer.from(piece.subarray(0, left));
      pieces.push(used);
      left = isEnough(used) ? 0 : left - used.length;
    },
    get isOver() {
      return left === 0;
    },
    end: () => read(Buffer.concat(pieces)),
  };
}

import type { NamelessPackage, PackageFile, PackageFileReader, ReadPackageFile } from '../../model/index.ts';

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
  const pieces: Buffer[] = [];
  return {
    // The piece is the caller's, who may fill it again.
    push: (piece) => pieces.push(Buffer.from(piece)),
    isOver: false,
    end: () => read(Buffer.concat(pieces)),
  };
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

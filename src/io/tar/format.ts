/** Offsets, sizes and type flags of a tar header: POSIX.1-2017 `pax`, "ustar Interchange Format", and GNU's additions. */
export const blockSize = 512;

/** Bytes after an entry's data that fill its last block. */
export function tarPadding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

export const field = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  linkName: [157, 100],
  magic: [257, 6],
  version: [263, 2],
  prefix: [345, 155],
  /** Of star, which has two times behind it. */
  starPrefix: [345, 131],
  starTrailer: [508, 4],
  /** Of GNU's form, where ustar has the prefix. */
  gnuAtime: [345, 12],
  gnuCtime: [357, 12],
  /** GNU type S: set when more sparse map blocks follow the header. */
  sparseExtended: [482, 1],
  sparseRealSize: [483, 12],
} as const;

/** Offset of the byte of a GNU sparse map block that is set if another one follows. */
export const sparseBlockExtended = 504;

export type TarType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

/** Meaning of each type flag. An entry with a flag that is absent here is skipped with its data. */
export const typeOfFlag: Readonly<Record<string, TarType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'other',
  '4': 'other',
  '5': 'directory',
  '6': 'other',
};

/** Types that carry no data whatever their size field, as container engines read them (Go's archive/tar). */
export const flagsWithoutData = '123456';

import type { PackageFile, ReadPackageFile } from '../../../src/model/inventory/index.ts';

/** Reads lines `name version` of files that are named `c`. */
export const readListFile: ReadPackageFile = (path) => {
  if (!path.endsWith('/c')) return undefined;
  const pieces: Buffer[] = [];
  return {
    isOver: false,
    push: (piece) => pieces.push(Buffer.from(piece)),
    end: (): PackageFile => ({
      packages: [
        ...Buffer.concat(pieces)
          .toString('latin1')
          .matchAll(/^(\w+) ([\d.]+)$/gm),
      ].map(([, name = '', version = '']) => ({ ecosystem: 'npm', name, version })),
      unread: [],
    }),
  };
};

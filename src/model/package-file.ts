import type { EcosystemId } from './inventory.ts';

/** A package of a language as an installed file names it. */
export interface LanguagePackage {
  ecosystem: EcosystemId;
  /** As the ecosystem's data spells it. */
  name: string;
  version: string;
  /** Place below the file, for a package inside an archive: `BOOT-INF/lib/x-1.0.jar`. */
  inside?: string;
  /** Source of the name, if it is not the metadata written for it: it may be wrong. */
  by?: 'manifest' | 'file name';
}

/** A package that a file has and that has no readable name or version. */
export interface NamelessPackage {
  ecosystem: EcosystemId;
  inside?: string;
  /** Why, in a few words: `built by Go before 1.18`. */
  detail: string;
}

/** Content of a package file. */
export interface PackageFile {
  packages: readonly LanguagePackage[];
  unread: readonly NamelessPackage[];
}

/** Reads one file in pieces, in order, so that it need not be held in memory. */
export interface PackageFileReader {
  push(piece: Buffer): void;
  /** True once the remaining pieces cannot change the result. */
  readonly isOver: boolean;
  /** Called once, after the last piece that is pushed. Undefined: the file is not of this form. */
  end(): PackageFile | undefined;
}

/** Begins to read a file by its canonical path. Undefined: no packages are looked for in it. */
export type ReadPackageFile = (path: string, size: number) => PackageFileReader | undefined;

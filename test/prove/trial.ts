import type { Platform, PlatformData, Statement } from '../../src/model/feed/index.ts';

export type LooseStatement = Omit<Statement, 'platform' | 'severity' | 'evidence'>;

/** One root file system and the statements around it: many renamed packages, each at its own boundary. */
export interface Trial {
  name: string;
  platform: Platform;
  data: Omit<PlatformData, 'inputs'>;
  statements: LooseStatement[];
  files: Record<string, string>;
  /** Sources whose system is made to differ, by the cause that the build must have listed. */
  differs?: ReadonlyMap<string, string>;
  /** The same for the OVAL that reads the manifest. */
  manifestDiffers?: ReadonlyMap<string, string>;
  /** A root file system that is there already; it is read only. */
  root?: string;
  /** The platform says nothing of flaws without a fix: there is no document of those. */
  fixesOnly?: true;
  /** Installed rpms, to be made into a database that rpm itself reads. */
  rpms?: RpmPackage[];
}

/** A package as the maker of rpm databases takes it. */
export interface RpmPackage {
  name: string;
  epoch?: number;
  version: string;
  release: string;
  arch: string;
  vendor?: string;
  sourcerpm: string;
  keyid?: string;
  modularitylabel?: string;
  files?: string[];
}

/** Result of one run of a trial. A pair is a vulnerability in a package in one of the two files. */
export interface Comparison {
  compared: number;
  equal: number;
  /** By cause, each named in the list that the build writes. */
  explained: Map<string, number>;
  /** The first few, word for word. */
  unexplained: string[];
  unexplainedCount: number;
}

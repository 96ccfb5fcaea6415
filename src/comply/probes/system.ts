import type { FileView, InstalledPackage } from '../../model/index.ts';

/** The readable parts of an image's system. Nothing is executed or written. */
export interface ImageSystem {
  files: FileView;
  /** An SBOM: only its packages are known, and of these only what it states. */
  isSbom?: boolean;
  /**
   * Of an SBOM: what the group of a pattern matches in a file that names the release, where the SBOM states the release and this
   * is how its vendor's content asks for it.
   */
  stated?(filepath: string, pattern: string): string | undefined;
  /** Environment of the image's configuration, `NAME=value`. */
  env: readonly string[];
  /** Of the image's configuration, in Go's words: `amd64`. */
  architecture?: string;
  /** Installed packages, read when a check first asks for them. */
  packages(): readonly InstalledPackage[];
}

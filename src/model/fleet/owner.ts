/** The images of an owner: those that one of its globs matches. `*` and `?` are as in file names; `**` crosses slashes. */
export interface OwnerRule {
  owner: string;
  /** Globs for names of images. */
  names: readonly string[];
  /** Globs for the values of labels, by the names of these. */
  labels: Readonly<Record<string, readonly string[]>>;
  /** Globs for Kubernetes namespaces whose pods ask for the image. */
  namespaces: readonly string[];
}

/** Owners of the images that a person or token may see: all of the fleet, or those listed. Empty: none. */
export type OwnersSeen = 'all' | readonly string[];

/** The images of an owner, and their open flaws. */
export interface OwnerImages {
  /** Null: images that no rule gives an owner. */
  owner: string | null;
  /** Names that are looked up. */
  images: number;
  /** Those not judged in full: not all of their flaws are known. */
  notInFull: number;
  /** Open flaws that nobody waived, each once in an image; null: no image of the owner is judged. */
  flaws: number | null;
  exploited: number | null;
}

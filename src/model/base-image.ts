/** Relation of an installed package, and of a flaw in it, to the base image. */
export interface BaseStanding {
  /**
   * `base`: the base image has the package; `own`: the image's own layers added or replaced it; `unknown`: the package list of the
   * base is incomplete, or the versions cannot be compared.
   */
  origin: 'base' | 'own' | 'unknown';
  /**
   * Effect of a rebuild on `newer`: the flaw is gone (`fixes`), remains (`keeps`), or `newer` is not known in full (`unknown`). Absent for
   * packages of own layers, or without `newer`.
   */
  rebuild?: 'fixes' | 'keeps' | 'unknown';
}

/** One of the base images of a scan. */
export interface BaseImage {
  reference: string;
  digest?: string;
}

/** The base images that a result is about. */
export interface BaseImages {
  /** Origins are relative to it. `layers`: the number of its layers, with which the image begins; absent: packages were compared. */
  base: BaseImage & { layers?: number };
  /** The build for `rebuild`. `unknown`: why it is not known in full. */
  newer?: BaseImage & { unknown?: string };
}

import { referenceWithoutLogin } from '../login.ts';
import type { Image } from './file-view.ts';

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

/** References to the base image in the labels and annotations of an image, for a registry: at least one. */
export interface StatedBase {
  /** The build that it was made from, by its digest. */
  built?: string;
  /** A name; what it stands for now is the newest build. */
  named?: string;
}

/** Labels and annotations of OCI that name the base image. */
const nameKey = 'org.opencontainers.image.base.name';
const digestKey = 'org.opencontainers.image.base.digest';

/** Why the base of an image is not known that states none. */
export const noStatedBase = 'neither its labels nor its annotations name one';

/** Undefined: it states none. */
export function statedBase({
  labels,
  annotations = {},
}: Pick<Image, 'labels' | 'annotations'>): StatedBase | undefined {
  const { [nameKey]: given, [digestKey]: digest } = { ...labels, ...annotations };
  if (!given) return undefined;
  const name = referenceWithoutLogin(given);
  const repository = name.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const isPinned = name.includes('@');
  const built = digest ? `${repository}@${digest}` : isPinned ? name : undefined;
  return {
    ...(built !== undefined && { built: `registry:${built}` }),
    ...(!isPinned && { named: `registry:${name}` }),
  };
}

import { ScapfeedError } from '../model/error.ts';
import type { SbomComponent } from './document.ts';

/** More than any image has: a list of a whole distribution has 70,000. */
export const maxComponents = 500_000;

/** Components as they are read, up to a limit. */
export class ComponentList {
  readonly components: SbomComponent[] = [];
  /** The document, for errors. */
  readonly where: string;

  constructor(where: string) {
    this.where = where;
  }

  add(component: SbomComponent): void {
    if (this.components.length >= maxComponents) {
      throw new ScapfeedError({
        code: 'IMAGE_LIMIT_EXCEEDED',
        message: `expected at most ${maxComponents} components, found more`,
        where: this.where,
        remedy: 'split the SBOM, one for each image',
      });
    }
    this.components.push(component);
  }
}

import type { InstalledPackage } from '../model/inventory/index.ts';
import { isImageProduct } from './match-image.ts';
import { namesOf, namesOfProduct } from './match-package.ts';
import type { VexTarget } from './statement.ts';

/** With fewer targets than this, each is compared with each package. */
const few = 16;

/** The targets of a statement by the names of their packages: a document may have a million, and an image thousands of packages. */
export class Targets {
  readonly #all: readonly VexTarget[];
  #byName: Map<string, number[]> | undefined;
  /** The first, which is the reason if no name fits, and those that may be images. */
  readonly #ofAny: number[] = [];

  constructor(targets: readonly VexTarget[]) {
    this.#all = targets;
  }

  /** Those that may be a package, in the order of the document. */
  near(pkg: InstalledPackage): readonly VexTarget[] {
    if (this.#all.length < few) return this.#all;
    this.#byName ??= this.#indexed();
    const near = new Set(this.#ofAny);
    for (const name of namesOf(pkg)) for (const at of this.#byName.get(name) ?? []) near.add(at);
    return [...near].sort((a, b) => a - b).map((at) => this.#all[at]!);
  }

  #indexed(): Map<string, number[]> {
    const byName = new Map<string, number[]>();
    for (const [at, { product }] of this.#all.entries()) {
      if (at === 0 || isImageProduct(product)) this.#ofAny.push(at);
      for (const name of namesOfProduct(product)) {
        const known = byName.get(name);
        if (known) known.push(at);
        else byName.set(name, [at]);
      }
    }
    return byName;
  }
}

import type { Waiver } from '../../model/fleet/index.ts';
import type { Waivers } from '../waivers/acting-waivers.ts';
import type { FleetView } from './fleet-view.ts';
import { packageNames } from './package-names.ts';

/** Installed packages that have a flaw: one vulnerability in one source package. */
export interface HeldFlaw {
  vulnerability: string;
  source: string;
  packages: readonly number[];
}

/** Waivers of flaws, by image. */
export class WaivedFlaws {
  readonly #waivers: Waivers;
  readonly #names: ReadonlyMap<number, { name: string }>;

  private constructor(waivers: Waivers, names: ReadonlyMap<number, { name: string }>) {
    this.#waivers = waivers;
    this.#names = names;
  }

  /** For some flaws: only of those that a waiver names, the packages are asked for. */
  static async of(view: FleetView, flaws: readonly HeldFlaw[]): Promise<WaivedFlaws> {
    const waivers = await view.waivers();
    const named = flaws.filter(({ vulnerability }) => waivers.name(vulnerability));
    const packages = [...new Set(named.flatMap((flaw) => flaw.packages))];
    return new WaivedFlaws(waivers, await packageNames(view.queries, packages));
  }

  /** Whether a waiver is about it, in some package or image. */
  isNamed({ vulnerability }: Pick<HeldFlaw, 'vulnerability'>): boolean {
    return this.#waivers.name(vulnerability);
  }

  /** None, unless each of the flaw's packages in the image is put aside. `flaw`: with these packages. */
  in({ vulnerability, source, packages }: HeldFlaw, image: number): readonly Waiver[] {
    if (packages.length === 0 || !this.#waivers.name(vulnerability)) return [];
    const each = packages.map((number) =>
      this.#waivers.ofFlaw({ vulnerability, source, name: this.#names.get(number)?.name ?? source }, image),
    );
    return each.every((list) => list.length > 0) ? [...new Set(each.flat())] : [];
  }
}

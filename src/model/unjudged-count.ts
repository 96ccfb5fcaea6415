import type { UnjudgedPackages } from './inventory.ts';
import { compareCodeUnits } from './order.ts';

/** Places that are kept of an ecosystem. */
const maxPlaces = 3;

/** Counts packages by ecosystem, with their layers and their first places. */
export class UnjudgedCount {
  readonly #found = new Map<string, { packages: number; layers: Set<number>; places: string[] }>();

  /** `layer`: undefined where layers are not distinguished. */
  add(ecosystem: string, place: string, layer: number | undefined, packages = 1): void {
    const found = this.#found.get(ecosystem) ?? { packages: 0, layers: new Set(), places: [] };
    this.#found.set(ecosystem, found);
    found.packages += packages;
    if (layer !== undefined) found.layers.add(layer);
    if (found.places.length < maxPlaces && !found.places.includes(place)) found.places.push(place);
  }

  /** In code-unit order of the ecosystems. */
  list(): UnjudgedPackages[] {
    return [...this.#found]
      .sort(([a], [b]) => compareCodeUnits(a, b))
      .map(([ecosystem, { packages, layers, places }]) => ({
        ecosystem,
        packages,
        ...(layers.size > 0 && { layers: [...layers].sort((a, b) => a - b) }),
        places,
      }));
  }
}

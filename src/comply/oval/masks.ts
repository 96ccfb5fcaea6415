import type { OvalItem } from './items.ts';
import type { OvalEntity } from './model.ts';

/**
 * Entities that content asks to mask: values collected for them must not be in results. An item that is found by one object or
 * test that masks and by one that does not is masked (EntityAttributeGroup).
 */
export class Masks {
  readonly #masked = new Map<string, Set<string>>();

  add(items: readonly OvalItem[], names: readonly string[]): void {
    if (names.length === 0) return;
    for (const item of items) {
      const key = keyOf(item);
      const known = this.#masked.get(key) ?? new Set<string>();
      for (const name of names) known.add(name);
      this.#masked.set(key, known);
    }
  }

  has(item: OvalItem, name: string): boolean {
    return this.#masked.size > 0 && this.#masked.get(keyOf(item))?.has(name) === true;
  }
}

export function maskedNames(entities: readonly OvalEntity[]): string[] {
  return entities.filter(({ mask }) => mask).map(({ name }) => name);
}

function keyOf({ type, key }: OvalItem): string {
  return `${type} ${key}`;
}

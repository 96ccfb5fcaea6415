import type { ObjectCollector } from './engine.ts';
import { failure, type ItemEntity, type OvalItem } from './items.ts';
import type { SystemCharacteristics, SystemItem } from './read-oval.ts';

/** Collects from a system characteristics document instead of a system: evaluation without any probe. */
export function collectorOf(characteristics: SystemCharacteristics): ObjectCollector {
  return (_object, id) => {
    const collected = characteristics.objects.get(id);
    if (!collected) return failure('not collected', `the object ${id} is not in the system characteristics`);
    const items = collected.items.flatMap((itemId) => {
      const item = characteristics.items.get(itemId);
      return item ? [new CharacteristicsItem(itemId, item)] : [];
    });
    return { flag: collected.flag, items };
  };
}

class CharacteristicsItem implements OvalItem {
  readonly key: string;
  readonly #item: SystemItem;

  constructor(id: string, item: SystemItem) {
    this.key = id;
    this.#item = item;
  }

  get type(): string {
    return this.#item.type;
  }

  get status(): SystemItem['status'] {
    return this.#item.status;
  }

  get(name: string): readonly ItemEntity[] | undefined {
    return Object.hasOwn(this.#item.entities, name) ? this.#item.entities[name] : undefined;
  }

  entries(): Iterable<readonly [string, readonly ItemEntity[]]> {
    return Object.entries(this.#item.entities);
  }
}

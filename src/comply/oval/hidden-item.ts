import type { Collection, ItemEntity, OvalItem } from './items.ts';

type IsSecret = (item: OvalItem, entity: string) => boolean;

/** Items whose secret entities are marked: variables and reports go by the mark. */
export function hideEntities(collected: Collection, isSecret: IsSecret): Collection {
  if (collected.items.length === 0) return collected;
  return { ...collected, items: collected.items.map((item) => new HiddenItem(item, isSecret)) };
}

class HiddenItem implements OvalItem {
  readonly #item: OvalItem;
  readonly #isSecret: IsSecret;
  readonly line?: () => number;

  constructor(item: OvalItem, isSecret: IsSecret) {
    this.#item = item;
    this.#isSecret = isSecret;
    const { line } = item;
    if (line) this.line = line;
  }

  get type(): string {
    return this.#item.type;
  }

  get status(): OvalItem['status'] {
    return this.#item.status;
  }

  get key(): string {
    return this.#item.key;
  }

  get(name: string): readonly ItemEntity[] | undefined {
    const entities = this.#item.get(name);
    return entities && this.#marked(name, entities);
  }

  *entries(): Generator<readonly [string, readonly ItemEntity[]]> {
    for (const [name, entities] of this.#item.entries()) yield [name, this.#marked(name, entities)];
  }

  #marked(name: string, entities: readonly ItemEntity[]): readonly ItemEntity[] {
    if (!this.#isSecret(this.#item, name)) return entities;
    return entities.map((entity) => ({ ...entity, secret: true }));
  }
}
